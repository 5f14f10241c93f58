/** Arithmetic on local times `YYYYMMDDhhmmss`; the zone does not matter, only differences do. */
export function secondsOf(time: string): number {
  return (
    Date.UTC(
      Number(time.slice(0, 4)),
      Number(time.slice(4, 6)) - 1,
      Number(time.slice(6, 8)),
      Number(time.slice(8, 10)),
      Number(time.slice(10, 12)),
      Number(time.slice(12, 14)),
    ) / 1000
  );
}

export function addSeconds(time: string, seconds: number): string {
  return new Date((secondsOf(time) + seconds) * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14);
}
