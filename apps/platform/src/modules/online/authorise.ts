/**
 * Online transactions of a group, decided one after the other and stored in one transaction. What only an issuer can say
 * is asked of `issuer.ts`. A reversal takes back what it finds, and is remembered for what it does not find; a script
 * result tells whether a load is on the card.
 */
import { toHex } from '@polycard/bytes';
import { type Entry, postCashLoad, postRide, reverseEntry } from '@polycard/ledger';
import type { PlatformContext } from '../../context.ts';
import { type NewPosting, writePostings } from '../clearing/store.ts';
import type { Issuer, IssuerAnswer, IssuerRequest } from './issuer.ts';
import {
  type OnlineCard,
  readCards,
  readCharged,
  readListed,
  readLoaded,
  readReversals,
  readTransactions,
  readUntoldLoads,
  type UntoldLoad,
  writeReversals,
  writeScriptReports,
  writeTransactions,
} from './store.ts';
import {
  keyOf,
  ONLINE_CODES,
  type OnlineMessage,
  type OnlineOutcome,
  type OnlineRequest,
  type OnlineState,
  type ReversalRequest,
  type ScriptReport,
  type StoredTransaction,
} from './transactions.ts';
import { endListedLoads } from './untold-loads.ts';

const CARD_ACTIVE = 'active';

/** One outcome for each message, in order. Sent twice, a message is done once and answered the same. */
export async function authorise(
  context: PlatformContext,
  issuer: Issuer,
  messages: readonly OnlineMessage[],
): Promise<OnlineOutcome[]> {
  const { keyUses, now } = context;
  return keyUses.transaction(async (transaction) => {
    const receivedAt = now();
    const requests = messages.filter((message) => message.kind !== 'reversal' && message.kind !== 'script-result');
    const originals = messages.flatMap((message) =>
      message.kind === 'reversal' || message.original === undefined
        ? []
        : [{ terminalNo: message.terminalNo, ...message.original }],
    );
    const rows = await readTransactions(transaction, [...messages, ...originals]);
    const tokens = [...new Set([...requests, ...rows.values()].map(({ cardToken }) => cardToken))];
    const businessDate = context.region.businessDate(context.region.localTime(receivedAt));
    const desk = new Desk(context, {
      businessDate,
      referenceTime: context.region.localTime(receivedAt).slice(11).replaceAll(':', ''),
      rows,
      reversed: await readReversals(transaction, messages),
      cards: await readCards(transaction, tokens),
      charged: await readCharged(transaction, tokens),
      loaded: await readLoaded(transaction, tokens),
      listed: await readListed(transaction, tokens),
    });
    const untold = await readUntoldLoads(
      transaction,
      requests.flatMap(({ loadLog, cardToken }) => (loadLog === undefined ? [] : [cardToken])),
    );
    const asked = desk.forIssuer(requests);
    const answers = await issuer.authorise(
      asked.map(({ request }) => request),
      transaction,
    );
    desk.answers = new Map(asked.map(({ message }, index) => [message, answers[index]!]));
    desk.hearCards(untold);
    const outcomes = messages.map((message) => desk.work(message));
    await writeTransactions(transaction, desk.changed, receivedAt);
    await writeReversals(transaction, desk.newReversals, receivedAt);
    await writeScriptReports(transaction, desk.newReports, receivedAt);
    await endListedLoads(transaction, desk.toldLoads);
    await writePostings(
      transaction,
      desk.postings.map((posting) => ({ ...posting, posted_at: receivedAt.toISOString() })),
    );
    return outcomes;
  });
}

interface Known {
  readonly businessDate: string;
  /** hhmmss, in reference numbers. */
  readonly referenceTime: string;
  readonly rows: Map<string, StoredTransaction>;
  readonly reversed: Set<string>;
  readonly cards: ReadonlyMap<string, OnlineCard>;
  readonly charged: ReadonlyMap<string, number>;
  readonly loaded: ReadonlyMap<string, number>;
  readonly listed: ReadonlySet<string>;
}

/** The state of one group while it is worked on. */
class Desk {
  answers: ReadonlyMap<OnlineRequest, IssuerAnswer> = new Map();
  readonly newReversals: (ReversalRequest & { found: boolean })[] = [];
  readonly newReports: ScriptReport[] = [];
  /** Loads that got their end, or another one, by key. */
  readonly toldLoads = new Map<string, OnlineState>();
  readonly postings: Omit<NewPosting, 'posted_at'>[] = [];
  readonly #context: PlatformContext;
  readonly #known: Known;
  readonly #changed = new Set<string>();

  constructor(context: PlatformContext, known: Known) {
    this.#context = context;
    this.#known = known;
  }

  get changed(): StoredTransaction[] {
    return [...this.#changed].map((key) => this.#known.rows.get(key)!);
  }

  /** What an issuer is asked: not what was asked before, and nothing about cards that are not here or stopped. */
  forIssuer(requests: readonly OnlineRequest[]): { message: OnlineRequest; request: IssuerRequest }[] {
    const seen = new Set(this.#known.rows.keys());
    return requests.flatMap((message) => {
      const { kind, chip, amountFen, loadLog } = message;
      const key = keyOf(message);
      const card = this.#known.cards.get(message.cardToken);
      if (kind === 'void' || chip === undefined || card === undefined || seen.has(key)) return [];
      if (this.#isStopped(card) || this.#known.reversed.has(key)) return [];
      seen.add(key);
      const { token, psn, issuer_id: issuerId, product } = card;
      const pan = new TextDecoder().decode(this.#context.vault.open(card.pan_sealed, `card:${token}`));
      const { businessDate } = this.#known;
      const asked = { business: kind, card: { token, pan, psn, issuerId, product }, amountFen, chip, businessDate };
      return [{ message, request: { ...asked, ...(loadLog === undefined ? {} : { loadLog }) } }];
    });
  }

  /** Earlier loads whose end nobody told, at whatever counter: the card's own log tells it now. */
  hearCards(untold: readonly UntoldLoad[]): void {
    for (const [{ cardToken }, { cardLoads, provedAtc }] of this.answers) {
      if (cardLoads === undefined || provedAtc === null) continue;
      for (const { load, operatorId } of untold) {
        if (load.cardToken !== cardToken || load.atc === null || load.atc >= provedAtc) continue;
        const key = keyOf(load);
        this.#known.rows.set(key, load);
        if (cardLoads.includes(load.atc)) this.#setState(key, 'loaded');
        else {
          this.#setState(key, 'not-loaded');
          this.#post(load, `${key}:not-loaded`, operatorId, true);
        }
      }
    }
  }

  work(message: OnlineMessage): OnlineOutcome {
    switch (message.kind) {
      case 'reversal':
        return this.#reverse(message);
      case 'script-result':
        return this.#told(message);
      default:
        return this.#decide(message);
    }
  }

  #decide(request: OnlineRequest): OnlineOutcome {
    const key = keyOf(request);
    const { rows } = this.#known;
    const before = rows.get(key);
    if (before !== undefined) {
      return before.digest === request.digest
        ? before.outcome
        : { ...this.#bare(ONLINE_CODES.duplicate, request.traceNo), referenceNo: before.outcome.referenceNo };
    }
    const answer = this.answers.get(request);
    const code = this.#code(request, answer);
    const approved = code === ONLINE_CODES.approved;
    const balanceFen = approved && request.kind === 'inquiry' ? this.#balanceFen(request.cardToken) : undefined;
    // a card is told what its issuer decided, or nothing
    const isIssuers = answer?.code === code;
    const { issuerAuthentication, script } = isIssuers ? answer : {};
    const row: StoredTransaction = {
      ...{ terminalNo: request.terminalNo, batchNo: request.batchNo, traceNo: request.traceNo, kind: request.kind },
      state: approved ? 'approved' : 'refused',
      ...{ cardToken: request.cardToken, amountFen: request.amountFen, digest: request.digest },
      // only a counter that was proved is used up: anybody could name another card's
      atc: answer?.provedAtc ?? null,
      businessDate: this.#known.businessDate,
      ...(request.original === undefined ? {} : { original: request.original }),
      ...(answer?.cardBalanceFen === undefined ? {} : { cardBalanceFen: answer.cardBalanceFen }),
      outcome: {
        ...this.#bare(code, request.traceNo),
        issuerAuthentication: issuerAuthentication === undefined ? '' : toHex(issuerAuthentication),
        script: script === undefined ? '' : toHex(script),
        ...(balanceFen === undefined ? {} : { balanceFen }),
      },
    };
    rows.set(key, row);
    this.#changed.add(key);
    if (approved && (request.kind === 'sale' || request.kind === 'cash-load'))
      this.#post(row, key, request.operatorId, false);
    if (approved && request.kind === 'void') {
      this.#takeBack({ terminalNo: request.terminalNo, ...request.original! }, 'voided', request.operatorId, key);
    }
    return row.outcome;
  }

  #reverse(request: ReversalRequest): OnlineOutcome {
    const key = keyOf(request);
    const { rows, reversed } = this.#known;
    const done = (code: string): OnlineOutcome => this.#bare(code, request.traceNo);
    if (reversed.has(key)) return done(ONLINE_CODES.approved);
    const original = rows.get(key);
    if (original !== undefined && original.amountFen !== request.amountFen) return done(ONLINE_CODES.invalidAmount);
    // the card has the money: nothing is taken back
    if (original?.state === 'loaded') return done(ONLINE_CODES.noOriginal);
    reversed.add(key);
    const found = original !== undefined && original.state !== 'refused';
    this.newReversals.push({ ...request, found });
    if (original?.state === 'approved') {
      this.#setState(key, 'reversed');
      if (original.kind === 'sale' || original.kind === 'cash-load')
        this.#post(original, `${key}:reversal`, request.operatorId, true);
      if (original.kind === 'void' && original.original !== undefined) {
        // the void never was: what it took back stands again
        const voided = keyOf({ terminalNo: original.terminalNo, ...original.original });
        this.#setState(voided, 'approved');
        this.#post(rows.get(voided)!, `${voided}:again:${original.traceNo}`, request.operatorId, false);
      }
    }
    return done(ONLINE_CODES.approved);
  }

  /** The end of a load: what the card did counts, whatever was believed before. */
  #told(report: ScriptReport): OnlineOutcome {
    this.newReports.push(report);
    const key = keyOf({ terminalNo: report.terminalNo, ...report.original });
    const load = this.#known.rows.get(key);
    if (load?.kind === 'cash-load' && load.outcome.script !== '') {
      if (report.isSuccessful) {
        const wasTakenBack = load.state === 'reversed' || load.state === 'not-loaded';
        this.#setState(key, 'loaded');
        if (wasTakenBack) this.#post(load, `${key}:loaded:${report.traceNo}`, report.operatorId, false);
      } else if (load.state === 'approved') {
        this.#setState(key, 'not-loaded');
        this.#post(load, `${key}:not-loaded`, report.operatorId, true);
      }
    }
    return this.#bare(ONLINE_CODES.approved, report.traceNo);
  }

  #code(request: OnlineRequest, answer: IssuerAnswer | undefined): string {
    const card = this.#known.cards.get(request.cardToken);
    if (this.#known.reversed.has(keyOf(request))) return ONLINE_CODES.reversedBefore;
    if (card === undefined) return ONLINE_CODES.unknownCard;
    if (request.kind === 'void') return this.#voidCode(request);
    if (this.#isStopped(card)) return ONLINE_CODES.restrictedCard;
    return answer?.code ?? ONLINE_CODES.suspectedFraud;
  }

  #isStopped({ state, token }: OnlineCard): boolean {
    return state !== CARD_ACTIVE || this.#known.listed.has(token);
  }

  #voidCode({ terminalNo, original, cardToken, amountFen }: OnlineRequest): string {
    const found = original === undefined ? undefined : this.#known.rows.get(keyOf({ terminalNo, ...original }));
    if (found?.kind !== 'sale' || found.state !== 'approved' || found.cardToken !== cardToken)
      return ONLINE_CODES.noOriginal;
    return found.amountFen === amountFen ? ONLINE_CODES.approved : ONLINE_CODES.invalidAmount;
  }

  #takeBack(original: Parameters<typeof keyOf>[0], state: 'voided', operatorId: string, by: string): void {
    const key = keyOf(original);
    this.#setState(key, state);
    this.#post(this.#known.rows.get(key)!, `${key}:void:${by}`, operatorId, true);
  }

  #setState(key: string, state: OnlineState): void {
    const before = this.#known.rows.get(key)!;
    if (before.kind === 'cash-load' && before.state !== state) this.toldLoads.set(key, state);
    this.#known.rows.set(key, { ...before, state });
    this.#changed.add(key);
  }

  /** An outcome with its reference number and nothing else. */
  #bare(code: string, traceNo: number): OnlineOutcome {
    const referenceNo = `${this.#known.referenceTime}${String(traceNo).padStart(6, '0')}`;
    return { code, referenceNo, issuerAuthentication: '', script: '' };
  }

  /** The electronic cash as the platform knows it: what the card was issued with and loaded, less its taps. */
  #balanceFen(token: string): number {
    const { cards, loaded, charged } = this.#known;
    return (cards.get(token)?.issued_balance_fen ?? 0) + (loaded.get(token) ?? 0) - (charged.get(token) ?? 0);
  }

  /** A sale: the issuer pays the operator. A load: the counter's operator owes the issuer the cash. Taken back, the other way. */
  #post(row: StoredTransaction, entryId: string, operatorId: string, isBack: boolean): void {
    const entry = this.#entry(row, entryId, operatorId);
    const posted = isBack ? reverseEntry(entry, entryId, entry.businessDate) : entry;
    posted.postings.forEach((posting, line) => {
      this.postings.push({
        ...{ entry_id: entryId, line, tap_id: keyOf(row), business_date: posted.businessDate },
        ...{ account: posting.account, party_id: posting.partyId, amount_fen: posting.amountFen, what: posting.what },
      });
    });
  }

  #entry({ kind, cardToken, amountFen }: StoredTransaction, entryId: string, operatorId: string): Entry {
    const { businessDate } = this.#known;
    const issuerId = this.#known.cards.get(cardToken)!.issuer_id;
    if (kind === 'cash-load') return postCashLoad({ entryId, businessDate, amountFen, issuerId, operatorId });
    const platform = this.#context.region.blueprint.parties.find((party) => party.kind === 'platform')!;
    return postRide({
      ...{ entryId, businessDate, chargedFen: amountFen, issuerId, platformId: platform.id },
      revenue: [{ operatorId, weight: 1 }],
    });
  }
}
