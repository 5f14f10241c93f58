/**
 * Rides under operating modes and repairs at counters, proved like any fare: the modes a tap states must have been
 * ordered for its station then, an assumed entry must be the one the orders give, a free exit needs its repair.
 */
import type { EndedCampaign, ModeOrder } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import {
  assumedEntry,
  type CompiledTariff,
  type Fare,
  isOvertime,
  modesAt,
  operatedFare,
  repairFare,
} from '@polycard/fares';
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../../store/tables.ts';
import { beganAt, type UploadedBoarding } from './section-check.ts';
import type { ReceivedTap } from './store.ts';

const NO_PLACE = '0000';

/** What clearing needs to know beside the tap; read once for a chunk, and only when a tap asks for it. */
export interface OperationFacts {
  readonly orders: readonly ModeOrder[];
  /** Counter repairs inside (01, 02) by card, local times YYYYMMDDhhmmss. */
  readonly repairsOf: ReadonlyMap<string, readonly string[]>;
  /** Boardings by section that taps of the chunk end, by card and time. */
  readonly boardings: ReadonlyMap<string, UploadedBoarding>;
  /** Campaigns that ever ended. */
  readonly ended: readonly EndedCampaign[];
}

export const NO_FACTS: OperationFacts = { orders: [], repairsOf: new Map(), boardings: new Map(), ended: [] };

export function needsFacts(tap: ReceivedTap): boolean {
  const { kind, industry_data } = tap;
  if (beganAt(tap) !== undefined) return true;
  const { modes, entryKind, releasedBy, repair, endedCampaigns } = industry_data;
  return (
    (modes ?? entryKind ?? releasedBy ?? endedCampaigns) !== undefined || (kind === 'counter' && repair !== undefined)
  );
}

export async function readRepairs(
  transaction: Transaction<Tables>,
  taps: readonly ReceivedTap[],
): Promise<Map<string, string[]>> {
  const cards = taps
    .filter(({ industry_data }) => industry_data.entryKind === 'paid-inside')
    .map((tap) => tap.card_token);
  const repairs = new Map<string, string[]>();
  if (cards.length === 0) return repairs;
  const { rows } = await sql<{ card_token: string; at: string }>`
    SELECT card_token, at FROM tap
    WHERE card_token = ANY(${[...new Set(cards)]}::text[]) AND kind = 'counter'
      AND industry_data->>'repair' IN ('01', '02') AND cryptogram <> 'failed'`.execute(transaction);
  for (const { card_token, at } of rows)
    repairs.set(card_token, [...(repairs.get(card_token) ?? []), at.replace(/[-:T]/g, '')]);
  return repairs;
}

/** The exit's fare as its modes leave it. Throws `POLYCARD_CLEARING_OPERATION` for what nobody ordered. */
export function operatedExit(tap: ReceivedTap, fare: Fare, { tariff }: CompiledTariff, facts: OperationFacts): Fare {
  const { industry_data: industry } = tap;
  const at = tap.at.replace(/[-:T]/g, '');
  const rules = tariff.operation;
  const modes = orderedModes(tap, at, facts.orders);
  if (industry.entryKind === 'assumed') {
    const assumed = assumedEntry(facts.orders, at, rules);
    const place = assumed === undefined || assumed === 'none' ? undefined : assumed.place;
    if (assumed === undefined || place !== industry.entryPlaceCode)
      throw wrong(
        `the exit assumes an entry at ${industry.entryPlaceCode ?? 'no known station'}, the orders give ${place ?? 'none'}`,
      );
  }
  const isPaidInside = industry.entryKind === 'paid-inside';
  if (isPaidInside && !(facts.repairsOf.get(tap.card_token) ?? []).includes(industry.entryTime ?? ''))
    throw wrong(
      `the exit is free after a repair inside at ${industry.entryTime ?? 'no time'}, and no counter uploaded one`,
    );
  if (
    industry.entryKind !== undefined &&
    industry.baseSource === 'declared' &&
    tariff.baseFare.kind === 'distance' &&
    industry.baseFen !== tariff.baseFare.startFen
  )
    throw wrong(
      `without a known entry the base fare is ${tariff.baseFare.startFen} fen, the gate took ${industry.baseFen}`,
    );
  const ride = {
    ...{ modes, at, isPaidInside },
    ...(industry.entryTime === undefined ? {} : { entryAt: industry.entryTime }),
    isSameStation:
      industry.entryPlaceCode !== undefined &&
      industry.entryPlaceCode === tap.industry_data.placeCode &&
      industry.placeCode !== NO_PLACE,
  };
  if (isOvertime(rules, ride)) throw wrong('the gate let a card out that was too long inside');
  return operatedFare(fare, rules, ride);
}

/** A campaign that the tap left out must have ended. Throws `POLYCARD_CLEARING_OPERATION`. */
export function checkEnded({ industry_data }: ReceivedTap, { tariff }: Fare, { ended }: OperationFacts): void {
  for (const promotion of industry_data.endedCampaigns ?? []) {
    if (!ended.some((campaign) => campaign.tariff === tariff && campaign.promotion === promotion))
      throw wrong(`the terminal left out the campaign ${promotion} of ${tariff}, which has not ended`);
  }
}

/** An entry under modes, or one that closed a trip by an emergency. Throws `POLYCARD_CLEARING_OPERATION`. */
export function checkEntry(tap: ReceivedTap, facts: OperationFacts): void {
  const at = tap.at.replace(/[-:T]/g, '');
  orderedModes(tap, at, facts.orders);
  const { releasedBy } = tap.industry_data;
  const order = facts.orders.find(({ id }) => id === releasedBy);
  const isRelease = order?.modes.some((mode) => mode === 'emergency' || mode === 'train-failure') ?? false;
  if (releasedBy !== undefined && !isRelease) throw wrong(`no emergency or failure was ordered as ${releasedBy}`);
}

/** What a counter's repair costs; undefined for a visit without one. Throws `POLYCARD_CLEARING_OPERATION`. */
export function repairOf(tap: ReceivedTap, tariff: CompiledTariff): Fare | undefined {
  const { repair } = tap.industry_data;
  return repair === undefined ? undefined : repairFare(tariff, repair);
}

function orderedModes(tap: ReceivedTap, at: string, orders: readonly ModeOrder[]) {
  const { modes = [], placeCode } = tap.industry_data;
  const ordered = modesAt(orders, placeCode, at);
  const missing = modes.filter((mode) => !ordered.includes(mode));
  if (missing.length > 0) throw wrong(`nobody ordered ${missing.join(', ')} for station ${placeCode} at that time`);
  return modes;
}

function wrong(message: string): PolycardError {
  return new PolycardError('POLYCARD_CLEARING_OPERATION', message, { where: 'F57' });
}
