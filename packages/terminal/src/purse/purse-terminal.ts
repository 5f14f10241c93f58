/**
 * A terminal for T-Union purses: read, plan, INITIALIZE FOR CAPP PURCHASE, MAC1 from the PSAM, records into the card's
 * cache, DEBIT, MAC2 to the PSAM (reference pboc.md §4.2, §6.6 metro gate flow).
 *
 * A card that left after the DEBIT was sent is asked when it comes back: INITIALIZE gives its counter; one higher than
 * noted means that it paid, and GET TRANSACTION PROVE gives what it would have answered (§4.4).
 */
import { bcdFromDigits, type CardChannel, equalBytes, swHex } from '@polycard/bytes';
import { PURSE_TYPE } from '@polycard/emv';
import { CardSession, type Exchange, isCardLost } from '../kernel/exchange.ts';
import { Refusal, type RefusalReason, refuse } from '../kernel/outcome.ts';
import type { PsamCardClient } from '../psam-card.ts';
import { type PursePlace, type PurseTapRequest, planPurseTap } from './journeys.ts';
import { PurseCard, type PurseIdentity } from './purse-card.ts';
import { type PendingPurseTap, type PurseEntry, PurseJournal, type PurseJournalStorage } from './purse-journal.ts';

export interface PurseTerminalConfiguration {
  readonly aid: Uint8Array;
  readonly place: PursePlace;
  /** Torn taps are matched against returning cards for so long. */
  readonly tornRecordMs: number;
  /** 09 unless a scheme says otherwise (C7). */
  readonly cappTypeCode?: number;
  /** Which counter GET TRANSACTION PROVE is asked with (C8). */
  readonly proofNumber?: 'after' | 'before';
}

export interface PurseTerminalDependencies {
  readonly psam: PsamCardClient;
  readonly nowMs: () => number;
  readonly monotonicUs: () => number;
  readonly storage?: PurseJournalStorage;
}

export type PurseTapOutcome = {
  readonly exchanges: readonly Exchange[];
} & (
  | {
      readonly result: 'accepted';
      readonly entry: PurseEntry;
      readonly recovered: boolean;
      readonly missedExit: boolean;
    }
  | { readonly result: 'refused'; readonly reason: RefusalReason; readonly detail: string }
  /** `unknown`: the DEBIT was sent. */
  | { readonly result: 'torn'; readonly commit: 'not-sent' | 'unknown' }
);

type WithoutExchanges<T> = T extends unknown ? Omit<T, 'exchanges'> : never;

export class PurseTerminal {
  readonly #configuration: PurseTerminalConfiguration;
  readonly #dependencies: PurseTerminalDependencies;
  readonly journal: PurseJournal;
  #sam: { readonly terminalNo: Uint8Array; readonly purchaseKeyIndex: number } | undefined;
  /** Number of the purchase whose MAC2 the PSAM waits for: it counts wrong ones, so it is asked about no other. */
  #samAwaits: Uint8Array | undefined;

  constructor(configuration: PurseTerminalConfiguration, dependencies: PurseTerminalDependencies) {
    this.#configuration = configuration;
    this.#dependencies = dependencies;
    this.journal = new PurseJournal(dependencies.storage);
  }

  tap(channel: CardChannel, request: PurseTapRequest): PurseTapOutcome {
    const session = new CardSession(channel, this.#dependencies.monotonicUs);
    const { exchanges } = session;
    this.journal.expire(this.#dependencies.nowMs(), this.#configuration.tornRecordMs);
    const before = this.journal.pending;
    try {
      return { ...this.#perform(new PurseCard(session), request), exchanges };
    } catch (error) {
      if (isCardLost(error)) {
        const last = exchanges.at(-1)?.phase;
        const isUnknown = this.journal.pending.some((pending) => !before.includes(pending)) || last === 'proof';
        return { result: 'torn', commit: isUnknown ? 'unknown' : 'not-sent', exchanges };
      }
      if (error instanceof Refusal)
        return { result: 'refused', reason: error.reason, detail: error.message, exchanges };
      throw error;
    }
  }

  #perform(card: PurseCard, request: PurseTapRequest): WithoutExchanges<PurseTapOutcome> {
    this.#sam ??= this.#dependencies.psam.open();
    card.select(this.#configuration.aid);
    const identity = card.identify(request.at);
    const recovered = this.#recover(card, identity);
    if (recovered?.kind === request.kind) {
      return { result: 'accepted', entry: recovered, recovered: true, missedExit: false };
    }
    return this.#transact(card, identity, request);
  }

  /** Resolves what this card left open; gives the tap when it turns out to be paid. */
  #recover(card: PurseCard, identity: PurseIdentity): PurseEntry | undefined {
    let paid: PurseEntry | undefined;
    const open = this.journal.pending.filter(({ tap }) => equalBytes(tap.card.serial, identity.serial));
    for (const pending of open) paid = this.#resolve(card, pending) ?? paid;
    return paid;
  }

  #resolve(card: PurseCard, pending: PendingPurseTap): PurseEntry | undefined {
    const { tap } = pending;
    // amount 0 opens whatever the balance is; only the counter matters
    const options = { keyIndex: tap.keyIndex, amountFen: 0, terminal: tap.terminal, capp: true };
    const { offlineSequence } = card.initialize(options);
    if (offlineSequence === tap.offlineSequence) {
      this.journal.drop(pending);
      return undefined;
    }
    if (offlineSequence !== tap.offlineSequence + 1)
      return refuse('torn-unclear', 'the card has paid elsewhere since; its proof of this tap is gone');
    const { proofNumber = 'after' } = this.#configuration;
    const asked = proofNumber === 'after' ? offlineSequence : offlineSequence - 1;
    const proof = card.prove(tap.type, asked) ?? refuse('torn-unclear', 'the card paid, but has no proof of it');
    const { tac, mac2 } = proof;
    const isAwaited = this.#samAwaits !== undefined && equalBytes(this.#samAwaits, tap.terminalSequence);
    const mac2Verified = isAwaited ? this.#credit(mac2) : undefined;
    return this.journal.confirm(pending, { tac, mac2Verified, outcome: 'proof' });
  }

  #transact(card: PurseCard, identity: PurseIdentity, request: PurseTapRequest): WithoutExchanges<PurseTapOutcome> {
    const { psam, nowMs } = this.#dependencies;
    const { place, cappTypeCode: type = PURSE_TYPE.cappPurchase } = this.#configuration;
    const { terminalNo: terminal, purchaseKeyIndex: keyIndex } = this.#sam!;
    const ride = request.kind === 'boarding' ? undefined : card.readRide();
    const plan = planPurseTap(place, request, ride);
    const { amountFen } = plan;
    const opened = card.initialize({ keyIndex, amountFen, terminal, capp: true });
    const at = bcdFromDigits(request.at, 7);
    const { keyVersion, algorithmId, offlineSequence, random } = opened;
    const factorsTopDown = [identity.issuer, identity.serial];
    const purchase = { random, offlineSequence, amountFen, type, at, keyVersion, algorithmId, factorsTopDown };
    const { terminalSequence, mac1 } = psam.initPurchase(purchase);
    this.#samAwaits = terminalSequence;
    const balanceAfterFen = Math.max(0, opened.balanceFen - amountFen);
    const updates = plan.updates(balanceAfterFen);
    for (const { record, bytes } of updates) card.update(record, bytes);
    const records = updates.map(({ record, bytes }) => ({ sfi: record.sfi, bytes }));
    const key = { keyIndex, keyVersion, algorithmId };
    const pending = this.journal.prepare(
      {
        ...{ kind: request.kind, card: identity, ...key, offlineSequence, amountFen, type },
        ...{ balanceAfterFen, terminal, terminalSequence, at, records },
      },
      nowMs(),
    );
    const proof = card.debit({ terminalSequence, at, mac1 });
    if (typeof proof === 'number') {
      this.journal.drop(pending);
      return refuse('commit-refused', `the DEBIT answered ${swHex(proof)}`);
    }
    const mac2Verified = this.#credit(proof.mac2);
    const entry = this.journal.confirm(pending, { tac: proof.tac, mac2Verified, outcome: 'normal' });
    // the card has paid: the tap is journalled and its TAC decides; the gate stays closed for a card that proves nothing
    if (!mac2Verified) refuse('authentication-failed', 'the PSAM refused MAC2');
    return { result: 'accepted', entry, recovered: false, missedExit: plan.missedExit };
  }

  #credit(mac2: Uint8Array): boolean {
    this.#samAwaits = undefined;
    return this.#dependencies.psam.credit(mac2);
  }
}
