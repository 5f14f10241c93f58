/**
 * Which version a terminal should have at a time. The schedule only grows: a stage of a roll-out that is opened, a stop and
 * a roll-back are rows; of those that hold at a time the last one counts. Times are local, `YYYY-MM-DDThh:mm:ss`.
 */
export interface ScheduleRow {
  readonly sequence: number;
  readonly version: string;
  /** Whose terminals: a stage of this roll-out; without one every terminal. */
  readonly rollout: string | null;
  readonly stage: number | null;
  readonly fromAt: string;
  readonly act: 'begin' | 'stage' | 'stop' | 'roll-back';
}

/** Since ever: the version a platform begins with. */
export const SINCE_EVER = '0000-00-00T00:00:00';

export interface Appointment {
  readonly version: string;
  readonly fromAt: string;
  readonly sequence: number;
}

/** The row that holds at a time. */
export function rowAt(rows: readonly ScheduleRow[], at: string): ScheduleRow | undefined {
  let found: ScheduleRow | undefined;
  for (const row of rows) {
    if (row.fromAt <= at && (found === undefined || row.sequence > found.sequence)) found = row;
  }
  return found;
}

/** What a terminal has now, and the next change that is appointed for it. */
export function appointments(
  rows: readonly ScheduleRow[],
  now: string,
): { readonly current: Appointment | undefined; readonly next: Appointment | undefined } {
  const current = rowAt(rows, now);
  const later = rows
    .filter(({ fromAt }) => fromAt > now)
    .map(({ fromAt }) => fromAt)
    .sort();
  for (const at of later) {
    const then = rowAt(rows, at)!;
    if (then.version !== current?.version) return { current, next: then };
  }
  return { current, next: undefined };
}

/** A row of the schedule that a terminal has downloaded, and when. */
export interface Told {
  readonly sequence: number;
  readonly toldAt: string;
}

/**
 * Whether a terminal should have used this version at this time, by what it had been told until then. A tap from before
 * the terminal was ever told anything (records of the past that are replayed) is held against all it was told.
 */
export function shouldHaveUsed(
  rows: readonly ScheduleRow[],
  told: readonly Told[],
  version: string,
  at: string,
): { readonly ok: boolean; readonly expected: string | undefined } {
  const toldAt = new Map(told.map(({ sequence, toldAt }) => [sequence, toldAt]));
  const known = rows.filter(({ sequence }) => (toldAt.get(sequence) ?? '~') <= at);
  if (known.length === 0) {
    const ever = rows.filter(({ sequence }) => toldAt.has(sequence));
    return { ok: ever.some((row) => row.version === version), expected: ever[0]?.version };
  }
  const expected = rowAt(known, at)?.version;
  return { ok: expected === version, expected };
}
