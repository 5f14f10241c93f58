/** The clock of this machine as terminals state it: local time YYYYMMDDhhmmss. */
export function localTime(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
