/** Mode orders as clearing and terminals need them. */
import type { EndedCampaign, ModeOrder, OperatingMode } from '@polycard/blueprint';
import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../../store/tables.ts';

/** So long after its end an order may still explain a tap: a counter's days for emergencies, and a margin. */
const KEPT_DAYS = 92;
const DAY_MS = 86_400_000;

/** Set MOD as terminals download it. */
export interface ModeSetContent {
  readonly orders: readonly ModeOrder[];
  /** Campaigns whose budget is used up. */
  readonly ended?: readonly EndedCampaign[];
}

/** Orders in force at a local time or ended not long before it, oldest first; times as YYYYMMDDhhmmss. */
export async function ordersSince(database: Kysely<Tables> | Transaction<Tables>, time: string): Promise<ModeOrder[]> {
  const horizon = digits(new Date(Date.parse(`${iso(digits(time))}Z`) - KEPT_DAYS * DAY_MS).toISOString());
  const rows = await database
    .selectFrom('mode_order')
    .select(['id', 'place_code', 'modes', 'from_at', 'to_at'])
    .where(({ eb, or }) => or([eb('to_at', 'is', null), eb('to_at', '>=', horizon)]))
    .orderBy('from_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...{ id: row.id, place: row.place_code, modes: row.modes as OperatingMode[], from: row.from_at },
    ...(row.to_at === null ? {} : { to: row.to_at }),
  }));
}

export const digits = (iso: string): string => iso.replace(/[-:T]/g, '').slice(0, 14);

export function iso(local: string): string {
  const part = (start: number, length = 2): string => local.slice(start, start + length);
  return `${part(0, 4)}-${part(4)}-${part(6)}T${part(8)}:${part(10)}:${part(12)}`;
}
