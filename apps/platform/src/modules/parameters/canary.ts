/**
 * The rule that stops a faulty version at its first stage: what canary terminals uploaded under it, against the approved
 * content, the version before and the rehearsal. Every limit has a name in the plan.
 */
import { toHex } from '@polycard/bytes';
import { VERSION_STATUS } from '@polycard/terminal';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { recomputeFare } from '../clearing/fare-check.ts';
import type { Canary, Measure } from './api.ts';
import { type RecordedRide, rideFactsOf } from './recorded-rides.ts';
import type { StoredVersion } from './store.ts';

/** Of the rides so many are compared with the version before; counts of exceptions are of all. */
const COMPARED_MAX = 5000;

interface CanaryCounts {
  readonly rides: number;
  readonly waiting: number;
  readonly disagreeing: number;
}

/** Undefined unless the version is being rolled out or was stopped. */
export async function judgeCanary(context: PlatformContext, row: StoredVersion): Promise<Canary | undefined> {
  if (row.plan === null || !context.parameters.schedule.some(({ rollout }) => rollout === row.version))
    return undefined;
  const { limits } = row.plan;
  const [terminals, taken] = await canaryTerminals(context, row.version);
  const counts = await countRides(context, row.version);
  const change = await changeAgainstBefore(context, row);
  const { served, turnedAway } = await reportedTaps(context, row.version);
  const reported = served + turnedAway;
  const refusedPerMille = reported === 0 ? 0 : (turnedAway * 1000) / reported;
  const rehearsed = row.rehearsal?.result;
  const rehearsedPercent =
    rehearsed === undefined || rehearsed.beforeFen === 0
      ? undefined
      : percent(rehearsed.afterFen - rehearsed.beforeFen, rehearsed.beforeFen);
  const takenPercent = terminals === 0 ? 0 : percent(taken, terminals);
  const judged = counts.rides - counts.waiting;
  const perMille = judged === 0 ? 0 : (counts.disagreeing * 1000) / judged;
  const measures: Measure[] = [
    measure('takenPercentMin', takenPercent, limits.takenPercentMin, takenPercent >= limits.takenPercentMin, {
      en: `${taken} of ${terminals} canary terminals have it`,
      zh: `首批 ${terminals} 台终端中 ${taken} 台已获得`,
    }),
    measure('ridesMin', judged, limits.ridesMin, judged >= limits.ridesMin, {
      en: `${judged} cleared rides under it`,
      zh: `按该版本已清算 ${judged} 笔`,
    }),
    measure(
      'fareExceptionsPerMilleMax',
      rounded(perMille),
      limits.fareExceptionsPerMilleMax,
      perMille <= limits.fareExceptionsPerMilleMax,
      {
        en: `${counts.disagreeing} rides were charged otherwise than the approved content gives`,
        zh: `${counts.disagreeing} 笔扣款与已批准内容不符`,
      },
    ),
  ];
  measures.push(
    measure(
      'refusalsPerMilleMax',
      rounded(refusedPerMille),
      limits.refusalsPerMilleMax,
      refusedPerMille <= limits.refusalsPerMilleMax,
      {
        en: `${turnedAway} of ${reported} cards were turned away for its sake, as canary terminals report`,
        zh: `首批终端上报：${reported} 张卡中 ${turnedAway} 张因参数被拒`,
      },
    ),
  );
  if (change !== undefined) {
    measures.push(
      measure(
        'changePercentMax',
        rounded(change),
        limits.changePercentMax,
        Math.abs(change) <= limits.changePercentMax,
        {
          en: `its rides brought ${rounded(change)} % against the version before`,
          zh: `其交易收入较前一版本变化 ${rounded(change)}%`,
        },
      ),
    );
    if (rehearsedPercent !== undefined) {
      const beyond = Math.abs(change - rehearsedPercent);
      measures.push(
        measure(
          'beyondRehearsalPercentMax',
          rounded(beyond),
          limits.beyondRehearsalPercentMax,
          beyond <= limits.beyondRehearsalPercentMax,
          {
            en: `rehearsed ${rounded(rehearsedPercent)} %, found ${rounded(change)} %`,
            zh: `演练 ${rounded(rehearsedPercent)}%，实际 ${rounded(change)}%`,
          },
        ),
      );
    }
  }
  // under a version that turns every card away there are no rides
  const isEnough = judged >= limits.ridesMin || reported >= limits.ridesMin;
  const isFaulty = measures.some(({ limit, holds }) => !holds && limit.endsWith('Max'));
  const verdict = !isEnough
    ? 'waiting'
    : isFaulty
      ? 'faulty'
      : takenPercent >= limits.takenPercentMin
        ? 'good'
        : 'waiting';
  return { verdict, terminals, rides: counts.rides, measures };
}

const percent = (part: number, whole: number): number => (part * 100) / whole;
const rounded = (value: number): number => Math.round(value * 10) / 10;
const measure = (limit: string, found: number, allowed: number, holds: boolean, words: Measure['words']): Measure => ({
  ...{ limit, found, allowed, holds, words },
});

async function canaryTerminals(
  { store }: PlatformContext,
  version: string,
): Promise<[terminals: number, taken: number]> {
  const { rows } = await sql<{ terminals: number; taken: number }>`
    SELECT count(*)::bigint AS terminals, count(*) FILTER (WHERE EXISTS (
      SELECT 1 FROM parameter_told told JOIN parameter_schedule row ON row.sequence = told.sequence
      WHERE told.terminal_no = member.terminal_no AND row.version = ${version} AND row.rollout = ${version}
    ))::bigint AS taken
    FROM parameter_stage_terminal member WHERE member.rollout = ${version} AND member.stage = 0`.execute(
    store.database,
  );
  return [rows[0]!.terminals, rows[0]!.taken];
}

/** What canary terminals say of their taps under the version (362). */
async function reportedTaps(
  { store }: PlatformContext,
  version: string,
): Promise<{ readonly served: number; readonly turnedAway: number }> {
  const { rows } = await sql<{ objects: Readonly<Record<string, string>> }>`
    SELECT status.objects FROM terminal_status status
    JOIN parameter_stage_terminal member ON member.terminal_no = status.terminal_no
    WHERE member.rollout = ${version} AND member.stage = 0`.execute(store.database);
  const name = toHex(Buffer.from(version, 'latin1'));
  const own = rows.filter(({ objects }) => objects[VERSION_STATUS.version] === name);
  const sum = (tag: string): number =>
    own.reduce((total, { objects }) => total + Number.parseInt(objects[tag] ?? '0', 16), 0);
  return { served: sum(VERSION_STATUS.served), turnedAway: sum(VERSION_STATUS.turnedAway) };
}

const ofCanary = (
  version: string,
) => sql`tap.tariff_version = ${version} AND tap.kind IN ('exit', 'boarding', 'alighting')
  AND tap.terminal_no IN (SELECT terminal_no FROM parameter_stage_terminal WHERE rollout = ${version} AND stage = 0)
  AND NOT ('duplicate' = ANY(tap.exceptions))`;

async function countRides({ store }: PlatformContext, version: string): Promise<CanaryCounts> {
  const { rows } = await sql<CanaryCounts>`
    SELECT count(*)::bigint AS rides, count(*) FILTER (WHERE state = 'received')::bigint AS waiting,
      count(*) FILTER (WHERE 'fare' = ANY(exceptions))::bigint AS disagreeing
    FROM tap WHERE ${ofCanary(version)}`.execute(store.database);
  return rows[0]!;
}

/** What the same rides brought against what they would have under the version before, in percent; undefined without rides. */
async function changeAgainstBefore(context: PlatformContext, row: StoredVersion): Promise<number | undefined> {
  const before = context.parameters.regionOf(row.based_on!);
  if (before === undefined) return undefined;
  const { rows } = await sql<RecordedRide>`
    SELECT tap.id, tap.card_token, tap.kind, tap.at, tap.operator_id, tap.charged_fen, tap.card_class,
      tap.industry_data, party.discounts
    FROM tap LEFT JOIN party ON party.id = tap.operator_id
    WHERE tap.state <> 'received' AND ${ofCanary(row.version)}
    ORDER BY tap.received_no DESC LIMIT ${COMPARED_MAX}`.execute(context.store.database);
  let [beforeFen, chargedFen] = [0, 0];
  for (const ride of rows) {
    try {
      beforeFen += recomputeFare(before, rideFactsOf(ride)).chargeFen;
      chargedFen += ride.charged_fen;
    } catch {
      // a ride that the version before cannot price compares with nothing
    }
  }
  return beforeFen === 0 ? undefined : percent(chargedFen - beforeFen, beforeFen);
}
