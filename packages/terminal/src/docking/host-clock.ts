/** The host's clock in fields 12 (hhmmss) and 13 (MMDD) of its answers, against the terminal's own. */
import type { ReceivedMessage } from '@polycard/iso8583';

const DAY_SECONDS = 86_400;

/** Host time as YYYYMMDDhhmmss: its year is the one that brings it nearest to `near`. Undefined when the answer has none. */
export function hostTime(message: ReceivedMessage, near: string): string | undefined {
  const [time, date] = [message.text(12), message.text(13)];
  if (time === undefined || date === undefined || secondsOf(near) === undefined) return undefined;
  const year = Number(near.slice(0, 4));
  const candidates = [year - 1, year, year + 1]
    .map((candidate) => `${String(candidate).padStart(4, '0')}${date}${time}`)
    .filter((candidate) => secondsOf(candidate) !== undefined);
  return candidates.toSorted((a, b) => Math.abs(differenceSeconds(a, near)) - Math.abs(differenceSeconds(b, near)))[0];
}

/** `a` minus `b`. */
export function differenceSeconds(a: string, b: string): number {
  return (secondsOf(a) ?? Number.NaN) - (secondsOf(b) ?? Number.NaN);
}

export function differenceHours(a: string, b: string): number {
  return differenceSeconds(a, b) / 3600;
}

/** Days since the epoch by the civil calendar, then seconds; undefined for what is no local time. */
function secondsOf(local: string): number | undefined {
  if (!/^\d{14}$/.test(local)) return undefined;
  const part = (start: number, length = 2): number => Number(local.slice(start, start + length));
  const [month, day, hour, minute, second] = [part(4), part(6), part(8), part(10), part(12)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  return (
    Math.floor(Date.UTC(part(0, 4), month - 1, day) / 1000 / DAY_SECONDS) * DAY_SECONDS +
    hour * 3600 +
    minute * 60 +
    second
  );
}
