/** Clearing's question: was the card of this tap listed, and who answers for letting it through. */
import { type Liability, liabilityOf, WHOLE_CARD } from '@polycard/deny-list';
import { sql, type Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { bulkInsert } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import type { Words } from '../api-types.ts';
import { reasonName, scopeName } from './rules.ts';

export interface TapOfCard {
  readonly id: string;
  readonly card_token: string;
  readonly terminal_no: string;
  readonly kind: 'entry' | 'exit' | 'boarding' | 'counter' | 'purchase' | 'alighting';
  /** Local time YYYY-MM-DDThh:mm:ss. */
  readonly at: string;
  readonly industry_data: { readonly denyListVersion?: number };
}

export interface ListedTap extends Liability {
  readonly scope: string;
  readonly reason: string;
  readonly heldVersion: number;
  readonly listedInVersion: number;
  readonly explanation: Words;
}

interface Listing {
  card_token: string;
  scope: string;
  reason: string;
  listed_in: number;
  listed_at: Date;
  removed_in: number | null;
  removed_at: Date | null;
}

/** The application whose list the terminal looked into; a purchase is none of the card's applications. */
const applicationOf = (kind: TapOfCard['kind']): string =>
  kind === 'purchase' ? WHOLE_CARD : kind === 'boarding' || kind === 'alighting' ? 'bus' : 'metro';

/** Taps of listed cards, by tap. Two statements for a whole chunk; one where no card of it was ever listed. */
export async function listedTaps(
  context: PlatformContext,
  transaction: Transaction<Tables>,
  taps: readonly TapOfCard[],
): Promise<Map<string, ListedTap>> {
  const rules = context.region.blueprint.denyLists;
  const listings = rules === undefined ? [] : await readListings(transaction, taps);
  if (rules === undefined || listings.length === 0) return new Map();
  const byCard = Map.groupBy(listings, ({ card_token }) => card_token);
  const suspects = taps.filter(({ card_token }) => byCard.has(card_token));
  const acknowledged = await readAcknowledged(transaction, suspects);
  const found = new Map<string, ListedTap>();
  for (const tap of suspects) {
    const tappedAt = secondsOf(tap.at, context.region.blueprint.manifest.region.utcOffsetMinutes);
    const stated = tap.industry_data.denyListVersion ?? 0;
    const known = acknowledged.get(tap.terminal_no);
    // what it acknowledged before the tap it held, whatever it states
    const heldVersion =
      known !== undefined && seconds(known.acknowledged_at) <= tappedAt ? Math.max(stated, known.version) : stated;
    for (const listing of byCard.get(tap.card_token)!) {
      if (listing.scope !== WHOLE_CARD && listing.scope !== applicationOf(tap.kind)) continue;
      const liability = liabilityOf({
        ...{ heldVersion, tappedAt, listedInVersion: listing.listed_in, listedAt: seconds(listing.listed_at) },
        ...(listing.removed_in === null
          ? {}
          : { removedInVersion: listing.removed_in, removedAt: seconds(listing.removed_at!) }),
        graceSeconds: rules.distributionMinutes * 60,
      });
      if (liability === undefined) continue;
      const earlier = found.get(tap.id);
      // of two listings the one the operator answers for counts
      if (earlier !== undefined && (earlier.party === 'operator' || liability.party === 'issuer')) continue;
      const { scope, reason, listed_in: listedInVersion } = listing;
      const listed = { ...liability, scope, reason, heldVersion, listedInVersion };
      found.set(tap.id, { ...listed, explanation: explain(context, listed, rules.distributionMinutes) });
    }
  }
  return found;
}

function explain(context: PlatformContext, listed: Omit<ListedTap, 'explanation'>, distributionMinutes: number): Words {
  const { heldVersion, listedInVersion, ground } = listed;
  const [scope, reason] = [scopeName(context, listed.scope), reasonName(context, listed.reason)];
  const held =
    heldVersion === 0 ? { en: 'no list', zh: '无名单' } : { en: `version ${heldVersion}`, zh: `第${heldVersion}版` };
  const what = {
    en: `The card is on the deny list since version ${listedInVersion} (${scope.en}: ${reason.en}); the terminal had ${held.en}.`,
    zh: `该卡自名单第${listedInVersion}版起列入（${scope.zh}：${reason.zh}）；终端持有${held.zh}。`,
  };
  const so: Record<typeof ground, Words> = {
    'held-and-accepted': {
      en: 'Its list named the card and it let the card through: the operator bears the ride.',
      zh: '终端名单已含此卡仍予放行：由运营商承担。',
    },
    'list-too-old': {
      en: `It should have had that version: an operator has ${distributionMinutes} minutes to bring one to its terminals. The operator bears the ride.`,
      zh: `运营商须在${distributionMinutes}分钟内下发名单，终端名单过旧：由运营商承担。`,
    },
    'in-distribution': {
      en: `The version was not out for ${distributionMinutes} minutes yet, so the terminal could not have to have it: the issuer bears the ride.`,
      zh: `该版名单发布未满${distributionMinutes}分钟，终端尚无义务持有：由发卡行承担。`,
    },
  };
  return { en: `${what.en} ${so[ground].en}`, zh: `${what.zh}${so[ground].zh}` };
}

async function readListings(transaction: Transaction<Tables>, taps: readonly TapOfCard[]): Promise<Listing[]> {
  const tokens = [...new Set(taps.map(({ card_token }) => card_token))];
  const { rows } = await sql<Listing>`
    SELECT e.card_token, e.scope, e.reason, l.version AS listed_in, l.issued_at AS listed_at,
      r.version AS removed_in, r.issued_at AS removed_at
    FROM deny_entry e
    JOIN LATERAL (SELECT version, issued_at FROM deny_version WHERE through_no >= e.added_no ORDER BY through_no LIMIT 1) l ON true
    LEFT JOIN LATERAL (SELECT version, issued_at FROM deny_version WHERE through_no >= e.removed_no ORDER BY through_no LIMIT 1) r ON true
    WHERE e.card_token = ANY(${tokens}::text[])`.execute(transaction);
  // taken off before it was ever published: never on a list
  return rows.filter(({ listed_in, removed_in }) => removed_in === null || removed_in > listed_in);
}

async function readAcknowledged(transaction: Transaction<Tables>, taps: readonly TapOfCard[]) {
  const numbers = [...new Set(taps.map(({ terminal_no }) => terminal_no))];
  const rows = await transaction
    .selectFrom('terminal_deny_list')
    .select(['terminal_no', 'version', 'acknowledged_at'])
    .where('terminal_no', 'in', numbers)
    .execute();
  return new Map(rows.map((row) => [row.terminal_no, row]));
}

/** Kept beside the tap; found again it stays as it is. */
export async function writeLiabilities(
  transaction: Transaction<Tables>,
  taps: readonly (TapOfCard & { readonly listed: ListedTap })[],
  foundAt: Date,
): Promise<void> {
  if (taps.length === 0) return;
  await bulkInsert(
    'tap_liability',
    [
      ...['card_token', 'tap_id', 'scope', 'reason', 'party', 'ground', 'explanation_en', 'explanation_zh'].map(
        (name) => ({
          name,
          type: 'text' as const,
        }),
      ),
      { name: 'held_version', type: 'integer' },
      { name: 'listed_in_version', type: 'integer' },
      { name: 'found_at', type: 'timestamptz' },
    ],
    taps.map(({ id, card_token, listed }) => ({
      ...{ card_token, tap_id: id, scope: listed.scope, reason: listed.reason },
      ...{ party: listed.party, ground: listed.ground },
      ...{ explanation_en: listed.explanation.en, explanation_zh: listed.explanation.zh },
      ...{ held_version: listed.heldVersion, listed_in_version: listed.listedInVersion },
      found_at: foundAt.toISOString(),
    })),
    'ON CONFLICT (card_token, tap_id) DO NOTHING',
  ).execute(transaction);
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);
const secondsOf = (localTime: string, utcOffsetMinutes: number): number =>
  Date.parse(`${localTime}Z`) / 1000 - utcOffsetMinutes * 60;
