/**
 * The doors of older terminals onto the published list. Both show whole cards only: they have no word for an application,
 * and a bus that knows one purpose would refuse a card that is listed for another. What is not published is not shown.
 *
 * 390 counts records with three digits: a thousand are the most there can be, the newest ones are given, and terminals
 * that hold to it are counted as having no list (their taps state no version). 570 is a walk along the changes, about 29 to a message:
 * the cursor is the number of the last change the terminal has.
 */
import { WHOLE_CARD } from '@polycard/deny-list';
import {
  BIN_BLACKLIST_RECORDS_MAX,
  type BinBlacklistPage,
  type TransitListAnswer,
  type TransitListRecord,
  type TransitListRequest,
} from '@polycard/iso8583';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { currentVersion } from './store.ts';

/** Field 62 of 390 holds 999 bytes: 4 of the head, 21 for each number. */
const BIN_RECORDS_A_PAGE = 47;
/** Field 63 of 570 holds 999 bytes: 11 of the head, 33 for each record. */
const TRANSIT_RECORDS_A_PAGE = 29;
/** The twelve characters whose meaning the sources do not give: the reason's code, then zeros. */
const REST_CHARACTERS = 12;

export class LegacyDoors {
  readonly #context: Pick<PlatformContext, 'store' | 'vault' | 'region'>;

  constructor(context: Pick<PlatformContext, 'store' | 'vault' | 'region'>) {
    this.#context = context;
  }

  /** Records from `index` on, newest listings first. */
  async binPage(index: number): Promise<BinBlacklistPage> {
    const { store } = this.#context;
    const { through_no: through } = await currentVersion(store.database);
    const count = Math.max(0, Math.min(BIN_RECORDS_A_PAGE, BIN_BLACKLIST_RECORDS_MAX - index));
    const { rows } = await sql<{ card_token: string; pan_sealed: Uint8Array }>`
      SELECT card_token, pan_sealed FROM deny_entry
      WHERE scope = ${WHOLE_CARD} AND added_no <= ${through} AND (removed_no IS NULL OR removed_no > ${through})
      ORDER BY added_no DESC LIMIT ${count + 1} OFFSET ${index}`.execute(store.database);
    const numbers = rows.slice(0, count).map((row) => this.#open(row));
    if (numbers.length === 0) return { status: 'none', lastIndex: 0, numbers };
    const lastIndex = index + numbers.length - 1;
    const isLast = rows.length <= count || lastIndex + 1 >= BIN_BLACKLIST_RECORDS_MAX;
    return { status: isLast ? 'last' : 'more', lastIndex, numbers };
  }

  /** Changes after the cursor, oldest first: what a terminal does with them in order gives the list. */
  async transitPage({ cursor }: TransitListRequest): Promise<TransitListAnswer> {
    const { store } = this.#context;
    const after = Number(cursor);
    const { through_no: through } = await currentVersion(store.database);
    const { rows } = await sql<{
      no: number;
      change: 'add' | 'remove';
      card_token: string;
      pan_sealed: Uint8Array;
      reason: string;
    }>`
      SELECT * FROM (
        (SELECT added_no AS no, 'add' AS change, card_token, pan_sealed, reason FROM deny_entry
          WHERE scope = ${WHOLE_CARD} AND added_no > ${after} AND added_no <= ${through}
            AND NOT coalesce(removed_no <= ${through}, false) ORDER BY added_no LIMIT ${TRANSIT_RECORDS_A_PAGE})
        UNION ALL
        (SELECT removed_no, 'remove', card_token, pan_sealed, reason FROM deny_entry
          WHERE scope = ${WHOLE_CARD} AND removed_no > ${after} AND removed_no <= ${through} AND added_no <= ${after}
          ORDER BY removed_no LIMIT ${TRANSIT_RECORDS_A_PAGE})
      ) changes ORDER BY no LIMIT ${TRANSIT_RECORDS_A_PAGE}`.execute(store.database);
    const records = rows.map(
      (row): TransitListRecord => ({
        change: row.change,
        cardNo: this.#open(row),
        rest: this.#codeOf(row.reason).padEnd(REST_CHARACTERS, '0'),
      }),
    );
    return { nextCursor: String(rows.at(-1)?.no ?? after).padStart(10, '0'), records };
  }

  #codeOf(reason: string): string {
    return this.#context.region.blueprint.denyLists?.reasons.find(({ id }) => id === reason)?.code ?? '00';
  }

  #open(row: { readonly card_token: string; readonly pan_sealed: Uint8Array }): string {
    return new TextDecoder().decode(this.#context.vault.open(row.pan_sealed, `deny-entry:${row.card_token}`));
  }
}
