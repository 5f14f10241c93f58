/**
 * Settlement of a business day: multilateral net of every party from the day's postings. Closing stores the positions;
 * closing again finds them and changes nothing. Taps that clear later belong to their own business day and show there
 * as late until a correction day is opened (a departure we name rather than hide).
 */
import { netPositions } from '@polycard/ledger';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';
import { audit } from '../audit/service.ts';
import { listOpenRides } from '../clearing/open-rides.ts';
import { loadNames } from '../names.ts';
import { listUntoldLoads } from '../online/untold-loads.ts';

export class SettlementService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async days() {
    const { database } = this.#context.store;
    const [taps, postings, closed] = await Promise.all([
      database
        .selectFrom('tap')
        .select(({ fn }) => [
          'business_date',
          fn.countAll<number>().as('taps'),
          fn.sum<number>('charged_fen').as('charged_fen'),
        ])
        .groupBy('business_date')
        .execute(),
      database
        .selectFrom('posting')
        .select(({ fn }) => [
          'business_date',
          fn.countAll<number>().as('postings'),
          fn.sum<number>('amount_fen').as('sum_fen'),
        ])
        .groupBy('business_date')
        .execute(),
      database.selectFrom('settlement_day').select('business_date').execute(),
    ]);
    const tapsOf = new Map(taps.map((row) => [row.business_date, row]));
    const postingsOf = new Map(postings.map((row) => [row.business_date, row]));
    const closedDays = new Set(closed.map((row) => row.business_date));
    // a day may have online sales only
    return [...new Set([...tapsOf.keys(), ...postingsOf.keys()])]
      .map((businessDate) => ({
        businessDate,
        state: closedDays.has(businessDate) ? ('closed' as const) : ('open' as const),
        taps: tapsOf.get(businessDate)?.taps ?? 0,
        chargedFen: tapsOf.get(businessDate)?.charged_fen ?? 0,
        postings: postingsOf.get(businessDate)?.postings ?? 0,
        sumFen: postingsOf.get(businessDate)?.sum_fen ?? 0,
      }))
      .sort((a, b) => (a.businessDate < b.businessDate ? 1 : -1));
  }

  async detail(businessDate: string) {
    const { database } = this.#context.store;
    const day = (await this.days()).find((candidate) => candidate.businessDate === businessDate);
    if (day === undefined) throw problem('POLYCARD_DAY_UNKNOWN', `there are no taps on ${businessDate}`, 'date');
    const [accounts, parties, closed, flows, names] = await Promise.all([
      this.#accounts(businessDate),
      database.selectFrom('party').select(['id', 'kind']).execute(),
      database.selectFrom('settlement_day').selectAll().where('business_date', '=', businessDate).executeTakeFirst(),
      this.#flows(businessDate),
      loadNames(this.#context),
    ]);
    const kinds = new Map(parties.map((party) => [party.id, party.kind]));
    const positions = this.#positions(accounts).map((position) => ({
      party: names.party(position.partyId),
      kind: kinds.get(position.partyId) ?? '',
      receivesFen: position.receivesFen,
      paysFen: position.paysFen,
      netFen: position.netFen,
    }));
    const gross = positions
      .filter((position) => position.netFen > 0)
      .reduce((sum, position) => sum + position.netFen, 0);
    return {
      day,
      headline: headline(businessDate, day.state, positions.length, gross),
      positions,
      accounts: accounts.map((row) => ({
        account: row.account,
        party: names.party(row.party_id),
        debitFen: row.debit_fen,
        creditFen: row.credit_fen,
        balanceFen: row.credit_fen - row.debit_fen,
      })),
      flows: flows.map((flow) => ({
        from: names.party(flow.from_party),
        to: names.party(flow.to_party),
        amountFen: flow.amount_fen,
      })),
      ...(closed === undefined ? {} : { closedAt: closed.closed_at.toISOString(), closedBy: closed.closed_by }),
    };
  }

  /** Stores the net positions of a day. Done once; doing it again answers the same. */
  async close(businessDate: string, who: string) {
    const { store, now } = this.#context;
    await store.database.transaction().execute(async (transaction) => {
      const waiting = await transaction
        .selectFrom('tap')
        .select('id')
        .where('business_date', '=', businessDate)
        .where('state', '=', 'received')
        .limit(1)
        .execute();
      if (waiting.length > 0)
        throw problem('POLYCARD_DAY_NOT_READY', `${businessDate} still has taps that are not cleared`, 'date');
      const inserted = await transaction
        .insertInto('settlement_day')
        .values({ business_date: businessDate, closed_at: now(), closed_by: who })
        .onConflict((conflict) => conflict.doNothing())
        .returning('business_date')
        .execute();
      if (inserted.length === 0) return;
      const openRides = await listOpenRides(this.#context, transaction, businessDate);
      const untoldLoads = await listUntoldLoads(transaction, businessDate, now());
      const accounts = await this.#accounts(businessDate, transaction);
      if (accounts.length === 0)
        throw problem('POLYCARD_DAY_UNKNOWN', `there are no postings on ${businessDate}`, 'date');
      const positions = this.#positions(accounts);
      await transaction
        .insertInto('settlement_position')
        .values(
          positions.map((position) => ({
            business_date: businessDate,
            party_id: position.partyId,
            receives_fen: position.receivesFen,
            pays_fen: position.paysFen,
            net_fen: position.netFen,
          })),
        )
        .execute();
      await transaction
        .updateTable('tap')
        .set({ state: 'settled' })
        .where('business_date', '=', businessDate)
        .where('state', '=', 'cleared')
        .execute();
      await audit(transaction, now(), {
        who,
        what: 'day.closed',
        subject: businessDate,
        detail: {
          positions: positions.map(({ partyId, netFen }) => ({ partyId, netFen })),
          ...(openRides === 0 ? {} : { openRides }),
          ...(untoldLoads === 0 ? {} : { untoldLoads }),
        },
      });
    });
    return this.detail(businessDate);
  }

  #accounts(
    businessDate: string,
    database: Pick<PlatformContext['store']['database'], 'selectFrom'> = this.#context.store.database,
  ) {
    return database
      .selectFrom('posting')
      .select(['account', 'party_id'])
      .select(sql<number>`coalesce(sum(-amount_fen) FILTER (WHERE amount_fen < 0), 0)::bigint`.as('debit_fen'))
      .select(sql<number>`coalesce(sum(amount_fen) FILTER (WHERE amount_fen > 0), 0)::bigint`.as('credit_fen'))
      .where('business_date', '=', businessDate)
      .groupBy(['account', 'party_id'])
      .orderBy('account')
      .execute();
  }

  #positions(accounts: readonly { party_id: string; debit_fen: number; credit_fen: number }[]) {
    return netPositions(
      accounts.flatMap((row) => [
        { partyId: row.party_id, amountFen: row.credit_fen },
        { partyId: row.party_id, amountFen: -row.debit_fen },
      ]),
    );
  }

  /** Gross flows: within one entry each debited party owes the credited ones in proportion; entries have one debit per kind. */
  async #flows(businessDate: string) {
    const rows = await sql<{ from_party: string; to_party: string; amount_fen: number }>`
      SELECT debit.party_id AS from_party, credit.party_id AS to_party, sum(credit.amount_fen)::bigint AS amount_fen
      FROM posting credit
      JOIN posting debit ON debit.entry_id = credit.entry_id AND debit.what = credit.what AND debit.amount_fen < 0
      WHERE credit.amount_fen > 0 AND credit.business_date = ${businessDate} AND debit.party_id <> credit.party_id
      GROUP BY debit.party_id, credit.party_id
      ORDER BY amount_fen DESC`.execute(this.#context.store.database);
    return rows.rows;
  }
}

function headline(date: string, state: 'open' | 'closed', parties: number, grossFen: number): Words {
  const yuan = (grossFen / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return state === 'closed'
    ? {
        en: `${date} is settled: ¥${yuan} moves between ${parties} parties`,
        zh: `${date} 已结算：${parties} 方之间清算 ¥${yuan}`,
      }
    : {
        en: `${date} is open: ¥${yuan} would move between ${parties} parties`,
        zh: `${date} 未结算：${parties} 方之间应清算 ¥${yuan}`,
      };
}
