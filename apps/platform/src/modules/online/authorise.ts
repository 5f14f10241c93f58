/**
 * Online transactions of a group, decided one after the other and stored in one transaction. The card's cryptogram is
 * proved and answered by the vault; no issuer is connected, so a sale is authorised in its stead up to the blueprint's
 * limits, or not at all. A reversal takes back what it finds, and is remembered for what it does not find.
 */
import { concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { postRide, reverseEntry } from '@polycard/ledger';
import type { CryptogramCheck } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { issuerKeyLabel } from '../../region.ts';
import { cryptogramInput } from '../clearing/cryptogram.ts';
import { type NewPosting, writePostings } from '../clearing/store.ts';
import {
  type OnlineCard,
  readCards,
  readCharged,
  readReversals,
  readSpent,
  readTransactions,
  readUsedCounters,
  writeReversals,
  writeTransactions,
} from './store.ts';
import {
  keyOf,
  ONLINE_CODES,
  type OnlineOutcome,
  type OnlineRequest,
  type ReversalRequest,
  type StoredTransaction,
} from './transactions.ts';

const CARD_ACTIVE = 'active';

/** One outcome for each message, in order. Sent twice, a message is done once and answered the same. */
export async function authorise(
  context: PlatformContext,
  messages: readonly (OnlineRequest | ReversalRequest)[],
): Promise<OnlineOutcome[]> {
  const { keyUses, now } = context;
  return keyUses.transaction(async (transaction) => {
    const receivedAt = now();
    const requests = messages.filter((message) => message.kind !== 'reversal');
    const originals = requests.flatMap(({ terminalNo, original }) =>
      original === undefined ? [] : [{ terminalNo, ...original }],
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
      spent: await readSpent(transaction, tokens, businessDate),
      counters: await readUsedCounters(transaction, tokens),
    });
    await desk.prove(requests);
    const outcomes = messages.map((message) =>
      message.kind === 'reversal' ? desk.reverse(message) : desk.decide(message),
    );
    await desk.answerCards();
    await writeTransactions(transaction, desk.changed, receivedAt);
    await writeReversals(transaction, desk.newReversals, receivedAt);
    await writePostings(
      transaction,
      desk.postings.map((posting) => ({ ...posting, posted_at: receivedAt.toISOString() })),
    );
    return outcomes.map((outcome) => outcome());
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
  readonly spent: Map<string, number>;
  readonly counters: Set<string>;
}

type Proof = { readonly verified: boolean; readonly check: CryptogramCheck };
/** An outcome that is whole once the cards are answered. */
type Pending = () => OnlineOutcome;

/** The state of one group while it is worked on. */
class Desk {
  readonly newReversals: (ReversalRequest & { found: boolean })[] = [];
  readonly postings: Omit<NewPosting, 'posted_at'>[] = [];
  readonly #context: PlatformContext;
  readonly #known: Known;
  readonly #changed = new Set<string>();
  readonly #proofs = new Map<OnlineRequest, Proof>();
  readonly #toAnswer: { key: string; proof: Proof }[] = [];

  constructor(context: PlatformContext, known: Known) {
    this.#context = context;
    this.#known = known;
  }

  get changed(): StoredTransaction[] {
    return [...this.#changed].map((key) => this.#known.rows.get(key)!);
  }

  /** Every cryptogram of the group in one call to the vault. */
  async prove(requests: readonly OnlineRequest[]): Promise<void> {
    const { vault, region } = this.#context;
    const tree = region.issuerTree('application-cryptogram').label;
    const proved: { request: OnlineRequest; check: CryptogramCheck }[] = [];
    for (const request of requests) {
      const card = this.#known.cards.get(request.cardToken);
      if (card === undefined || request.chip === undefined || this.#known.rows.has(keyOf(request))) continue;
      try {
        const { input, atc } = cryptogramInput(request.chip);
        const pan = new TextDecoder().decode(vault.open(card.pan_sealed, `card:${card.token}`));
        const cryptogram = fromHex(request.chip['9F26'] ?? '');
        const label = issuerKeyLabel(card.issuer_id, tree);
        proved.push({ request, check: { label, card: { pan, psn: card.psn }, atc, input, cryptogram } });
      } catch (error) {
        // objects that are missing or malformed prove nothing
        if (!(error instanceof PolycardError)) throw error;
      }
    }
    const verdicts = await vault.verifyCryptograms(proved.map(({ check }) => check));
    proved.forEach(({ request, check }, index) => {
      this.#proofs.set(request, { check, verified: verdicts[index]!.verified });
    });
  }

  decide(request: OnlineRequest): Pending {
    const key = keyOf(request);
    const { rows } = this.#known;
    const before = rows.get(key);
    if (before !== undefined) {
      return before.digest === request.digest
        ? () => rows.get(key)!.outcome
        : () => ({ code: ONLINE_CODES.duplicate, referenceNo: before.outcome.referenceNo, issuerAuthentication: '' });
    }
    const proof = this.#proofs.get(request);
    const code = this.#code(request, proof);
    const approved = code === ONLINE_CODES.approved;
    const balanceFen = approved && request.kind === 'inquiry' ? this.#balanceFen(request.cardToken) : undefined;
    rows.set(key, {
      ...{ terminalNo: request.terminalNo, batchNo: request.batchNo, traceNo: request.traceNo, kind: request.kind },
      state: approved ? 'approved' : 'refused',
      ...{ cardToken: request.cardToken, amountFen: request.amountFen, digest: request.digest },
      // only a counter that was proved is used up: anybody could name another card's
      atc: proof?.verified === true ? proof.check.atc : null,
      businessDate: this.#known.businessDate,
      ...(request.original === undefined ? {} : { original: request.original }),
      outcome: {
        code,
        referenceNo: `${this.#known.referenceTime}${String(request.traceNo).padStart(6, '0')}`,
        issuerAuthentication: '',
        ...(balanceFen === undefined ? {} : { balanceFen }),
      },
    });
    this.#changed.add(key);
    if (proof?.verified === true) {
      this.#known.counters.add(`${request.cardToken}|${proof.check.atc}`);
      this.#toAnswer.push({ key, proof });
    }
    if (approved && request.kind === 'sale') {
      const { spent } = this.#known;
      spent.set(request.cardToken, (spent.get(request.cardToken) ?? 0) + request.amountFen);
      this.#post(rows.get(key)!, key, request.operatorId, false);
    }
    if (approved && request.kind === 'void') {
      this.#takeBack({ terminalNo: request.terminalNo, ...request.original! }, 'voided', request.operatorId, key);
    }
    return () => rows.get(key)!.outcome;
  }

  reverse(request: ReversalRequest): Pending {
    const key = keyOf(request);
    const { rows, reversed } = this.#known;
    const done = (code: string): Pending => {
      const { referenceTime } = this.#known;
      const referenceNo = `${referenceTime}${String(request.traceNo).padStart(6, '0')}`;
      return () => ({ code, referenceNo, issuerAuthentication: '' });
    };
    if (reversed.has(key)) return done(ONLINE_CODES.approved);
    const original = rows.get(key);
    if (original !== undefined && original.amountFen !== request.amountFen) return done(ONLINE_CODES.invalidAmount);
    reversed.add(key);
    const found = original?.state === 'approved' || original?.state === 'voided';
    this.newReversals.push({ ...request, found });
    if (original?.state === 'approved') {
      this.#setState(key, 'reversed');
      if (original.kind === 'sale') this.#post(original, `${key}:reversal`, request.operatorId, true);
      if (original.kind === 'void' && original.original !== undefined) {
        // the void never was: what it took back stands again
        const voided = keyOf({ terminalNo: original.terminalNo, ...original.original });
        this.#setState(voided, 'approved');
        this.#post(rows.get(voided)!, `${voided}:again:${original.traceNo}`, request.operatorId, false);
      }
    }
    return done(ONLINE_CODES.approved);
  }

  /** ARPC of every cryptogram that was right, one call for each key. */
  async answerCards(): Promise<void> {
    const { vault } = this.#context;
    for (const [label, group] of Map.groupBy(this.#toAnswer, ({ proof }) => proof.check.label)) {
      const answers = group.map(({ key, proof: { check } }) => {
        const arc = new Uint8Array(Buffer.from(this.#known.rows.get(key)!.outcome.code, 'latin1'));
        return {
          ...(check.card === undefined ? {} : { card: check.card }),
          atc: check.atc,
          cryptogram: check.cryptogram,
          arc,
        };
      });
      const arpcs = await vault.answerCryptograms(label, answers);
      group.forEach(({ key }, index) => {
        const row = this.#known.rows.get(key)!;
        const issuerAuthentication = toHex(concat(arpcs[index]!, answers[index]!.arc));
        this.#known.rows.set(key, { ...row, outcome: { ...row.outcome, issuerAuthentication } });
      });
    }
  }

  #code(request: OnlineRequest, proof: Proof | undefined): string {
    const card = this.#known.cards.get(request.cardToken);
    if (this.#known.reversed.has(keyOf(request))) return ONLINE_CODES.reversedBefore;
    if (card === undefined) return ONLINE_CODES.unknownCard;
    if (request.kind === 'void') return this.#voidCode(request);
    if (card.state !== CARD_ACTIVE) return ONLINE_CODES.restrictedCard;
    const isFresh = proof !== undefined && !this.#known.counters.has(`${request.cardToken}|${proof.check.atc}`);
    if (proof?.verified !== true || !isFresh) return ONLINE_CODES.suspectedFraud;
    if (request.kind === 'inquiry') return ONLINE_CODES.approved;
    if (Number(request.chip?.['9F02'] ?? Number.NaN) !== request.amountFen) return ONLINE_CODES.invalidAmount;
    const standIn = this.#context.region.blueprint.terminals.docking?.standIn;
    if (standIn === undefined) return ONLINE_CODES.issuerUnavailable;
    const spentFen = this.#known.spent.get(request.cardToken) ?? 0;
    const isWithin =
      request.amountFen <= standIn.transactionLimitFen && spentFen + request.amountFen <= standIn.dayLimitFen;
    return isWithin ? ONLINE_CODES.approved : ONLINE_CODES.overLimit;
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

  #setState(key: string, state: StoredTransaction['state']): void {
    this.#known.rows.set(key, { ...this.#known.rows.get(key)!, state });
    this.#changed.add(key);
  }

  /** The electronic cash as the platform knows it: what the card was issued with less its taps. */
  #balanceFen(token: string): number {
    return (this.#known.cards.get(token)?.issued_balance_fen ?? 0) - (this.#known.charged.get(token) ?? 0);
  }

  /** The issuer pays the operator of the terminal; taken back, the other way round. */
  #post(row: StoredTransaction, entryId: string, operatorId: string, isBack: boolean): void {
    const platform = this.#context.region.blueprint.parties.find((party) => party.kind === 'platform')!;
    const card = this.#known.cards.get(row.cardToken)!;
    const entry = postRide({
      ...{ entryId, businessDate: this.#known.businessDate, chargedFen: row.amountFen },
      ...{ issuerId: card.issuer_id, platformId: platform.id, revenue: [{ operatorId, weight: 1 }] },
    });
    const posted = isBack ? reverseEntry(entry, entryId, entry.businessDate) : entry;
    posted.postings.forEach((posting, line) => {
      this.postings.push({
        ...{ entry_id: entryId, line, tap_id: keyOf(row), business_date: posted.businessDate },
        ...{ account: posting.account, party_id: posting.partyId, amount_fen: posting.amountFen, what: posting.what },
      });
    });
  }
}
