import { describe, expect, it } from 'vitest';
import {
  appointments,
  rowAt,
  type ScheduleRow,
  SINCE_EVER,
  shouldHaveUsed,
} from '../src/modules/parameters/schedule.ts';

const row = (sequence: number, version: string, fromAt: string, act: ScheduleRow['act'] = 'stage'): ScheduleRow => ({
  ...{ sequence, version, rollout: version, stage: 0, fromAt, act },
});
const FIRST = { ...row(1, 'old', SINCE_EVER, 'begin'), rollout: null, stage: null };
const NOON = '2026-12-01T12:00:00';
const ONE = '2026-12-01T13:00:00';
const TWO = '2026-12-01T14:00:00';

describe('the schedule of parameter versions', () => {
  it('appoints the next version until its instant and has it as current from then on', () => {
    const rows = [FIRST, row(2, 'new', ONE)];
    expect(appointments(rows, NOON)).toMatchObject({
      current: { version: 'old' },
      next: { version: 'new', fromAt: ONE },
    });
    expect(appointments(rows, ONE)).toMatchObject({ current: { version: 'new' }, next: undefined });
  });

  it('appoints nothing any more once a version that had not begun was taken back', () => {
    const rows = [FIRST, row(2, 'new', TWO), row(3, 'old', NOON, 'roll-back')];
    expect(appointments(rows, ONE)).toMatchObject({ current: { version: 'old' }, next: undefined });
    expect(rowAt(rows, TWO)?.version).toBe('old');
  });

  it('appoints the way back when it is to be at an instant', () => {
    const rows = [FIRST, row(2, 'new', NOON), row(3, 'old', TWO, 'roll-back')];
    expect(appointments(rows, ONE)).toMatchObject({
      current: { version: 'new' },
      next: { version: 'old', fromAt: TWO },
    });
  });
});

describe('the version a tap should have used', () => {
  const rows = [FIRST, row(2, 'new', ONE)];
  const told = [
    { sequence: 1, toldAt: '2026-12-01T05:00:00' },
    { sequence: 2, toldAt: NOON },
  ];

  it('is the one that held then, by what the terminal had been told', () => {
    expect(shouldHaveUsed(rows, told, 'old', '2026-12-01T12:59:59').ok).toBe(true);
    expect(shouldHaveUsed(rows, told, 'new', ONE).ok).toBe(true);
  });

  it('is not the next one before its instant, nor the one before after it', () => {
    expect(shouldHaveUsed(rows, told, 'new', '2026-12-01T12:59:59')).toEqual({ ok: false, expected: 'old' });
    expect(shouldHaveUsed(rows, told, 'old', ONE)).toEqual({ ok: false, expected: 'new' });
  });

  it('stays the one before for a terminal that has not been told yet', () => {
    expect(shouldHaveUsed(rows, told.slice(0, 1), 'old', TWO).ok).toBe(true);
    expect(shouldHaveUsed(rows, told.slice(0, 1), 'new', TWO).ok).toBe(false);
  });

  it('is any that the terminal was ever told for a tap from before it was told anything', () => {
    expect(shouldHaveUsed(rows, told, 'old', '2018-09-01T08:00:00').ok).toBe(true);
    expect(shouldHaveUsed(rows, told, 'other', '2018-09-01T08:00:00').ok).toBe(false);
  });
});
