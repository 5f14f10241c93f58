/**
 * A terminal: one card after another through kernel and journey, offline. Refusals and torn taps are outcomes; faults
 * (a broken blueprint, a defect) are thrown.
 */
import { type CardChannel, fromHex, numberFromBcd, PolycardError } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { CAPP_INDICATOR } from '@polycard/emv';
import type { Fare } from '@polycard/fares';
import type { TerminalConfiguration, TerminalParameters } from './configuration.ts';
import type { WrittenRecord } from './industry-data.ts';
import {
  Journal,
  type JournalEntry,
  type JournalStorage,
  MEMORY_ONLY,
  type PendingTap,
  type TapData,
} from './journal.ts';
import { busBoarding } from './journeys/bus.ts';
import { counterVisit } from './journeys/counter.ts';
import type { Journey, JourneyPlan, RecordImageBefore, TapRequest } from './journeys/journey.ts';
import { metroEntry, metroExit } from './journeys/metro.ts';
import { readCappRecord, updateCappRecord } from './kernel/capp.ts';
import { CardSession, type Exchange, isCardLost } from './kernel/exchange.ts';
import { initiate, type Transaction } from './kernel/initiate.ts';
import { authenticateOffline } from './kernel/offline-data-authentication.ts';
import { Refusal, type RefusalReason, refuse } from './kernel/outcome.ts';
import { emptyApplicationData, parseAfl, type RecordAddress, readRecord } from './kernel/read-application-data.ts';
import { type SelectedApplication, selectApplication } from './kernel/select.ts';
import type { Psam } from './psam.ts';
import { recoverTornTap } from './torn-tap.ts';

export type TapOutcome =
  | {
      readonly result: 'accepted';
      readonly entry: JournalEntry;
      readonly recovered: boolean;
      readonly fare: Fare | undefined;
      readonly exchanges: readonly Exchange[];
    }
  | {
      readonly result: 'refused';
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly exchanges: readonly Exchange[];
    }
  /** The card left: hold it to the gate again. `unknown` when it may have committed. */
  | { readonly result: 'torn'; readonly commit: 'not-sent' | 'unknown'; readonly exchanges: readonly Exchange[] };

export interface TerminalDependencies {
  readonly psam: Psam;
  readonly random: RandomSource;
  readonly monotonicUs: () => number;
  /** Milliseconds for the windows of torn taps. */
  readonly nowMs: () => number;
  readonly storage?: JournalStorage;
  readonly batchNo?: number;
  /** PANs that are refused; empty unless given. */
  readonly isDenied?: (pan: string) => boolean;
}

const JOURNEYS: Readonly<Record<TapRequest['kind'], Journey>> = {
  entry: metroEntry,
  exit: metroExit,
  boarding: busBoarding,
  counter: counterVisit,
};
const RID_HEX_DIGITS = 10;

/** F55 of an offline sale (reference iso8583.md §1.7), from what card and terminal hold. */
const FROM_TERMINAL = ['9F37', '95', '9A', '9C', '9F02', '5F2A', '9F1A', '9F03', '9F21'] as const;
const FROM_CARD = ['9F26', '9F10', '9F36', '82', '5F34', '9F6C', '9F5D'] as const;
const CID_TC = Uint8Array.of(0x40);
const CVM_RESULTS_NONE = fromHex('1F0002');

export class Terminal {
  readonly configuration: TerminalConfiguration;
  readonly journal: Journal;
  parameters: TerminalParameters;
  readonly #dependencies: TerminalDependencies;

  constructor(
    configuration: TerminalConfiguration,
    parameters: TerminalParameters,
    dependencies: TerminalDependencies,
  ) {
    this.configuration = configuration;
    this.parameters = parameters;
    this.#dependencies = dependencies;
    this.journal = new Journal(dependencies.storage ?? MEMORY_ONLY, dependencies.batchNo ?? 1);
  }

  tap(channel: CardChannel, request: TapRequest): TapOutcome {
    const session = new CardSession(channel, this.#dependencies.monotonicUs);
    const { exchanges } = session;
    let pending: PendingTap | undefined;
    try {
      this.#expireTornTaps();
      if (this.journal.entries.length + this.journal.pending.length >= this.configuration.journalMax) {
        return { result: 'refused', reason: 'journal-full', detail: 'the journal is full: upload first', exchanges };
      }
      const application = selectApplication(session);
      const recovered = recoverTornTap(session, this.journal);
      if (recovered !== undefined)
        return { result: 'accepted', entry: recovered, recovered: true, fare: recovered.fare, exchanges };
      const { tap, data, transaction } = this.#transact(session, application, request, (prepared) => {
        pending = prepared;
      });
      const authentication = authenticateOffline(
        this.parameters,
        application.aid.slice(0, RID_HEX_DIGITS),
        transaction,
        data,
      );
      const committed = pending!;
      pending = undefined;
      if (!authentication.ok) {
        // the card has committed: the tap is journalled all the same and the platform decides; the gate stays closed
        this.journal.confirm(committed, tap);
        return { result: 'refused', reason: 'authentication-failed', detail: authentication.reason, exchanges };
      }
      const entry = this.journal.confirm(committed, tap);
      return { result: 'accepted', entry, recovered: false, fare: entry.fare, exchanges };
    } catch (error) {
      if (isCardLost(error))
        return { result: 'torn', commit: pending === undefined ? 'not-sent' : 'unknown', exchanges };
      if (pending !== undefined) this.journal.drop(pending); // the card answered, and refused to commit
      if (error instanceof Refusal)
        return { result: 'refused', reason: error.reason, detail: error.message, exchanges };
      if (error instanceof PolycardError && error.code.startsWith('POLYCARD_TLV')) {
        return { result: 'refused', reason: 'declined', detail: error.message, exchanges };
      }
      throw error;
    }
  }

  /** Records before, GPO, updates, records of the AFL with the committing one last. */
  #transact(
    session: CardSession,
    application: SelectedApplication,
    request: TapRequest,
    prepared: (pending: PendingTap) => void,
  ) {
    if (application.segmentIndicator === undefined)
      refuse('no-extended-files', 'the card has no extended files (DF61)');
    const journey = JOURNEYS[request.kind];
    const before = new Map<string, RecordImageBefore>();
    for (const record of journey.reads(this.parameters)) {
      const bytes = readCappRecord(session, record);
      before.set(record.codec.name, { bytes, values: record.codec.decode(bytes) });
    }
    const plan = journey.plan({ configuration: this.configuration, parameters: this.parameters, request }, before);
    const transaction = initiate(session, application, this.configuration, {
      amountFen: plan.amountFen,
      cappIndicator: CAPP_INDICATOR.segmentDeduction,
      at: request.at,
      unpredictableNumber: this.#dependencies.random(4),
    });
    this.#decide(transaction, request);
    const available = transaction.cardData.get('9F5D');
    const updates = plan.updates(available === undefined ? 0 : numberFromBcd(available));
    const card = { pan: transaction.pan, homeCityCode: plan.homeCity };
    for (const update of updates) updateCappRecord(session, this.#dependencies.psam, card, transaction.atc, update);
    const records = updates.map(({ record, bytes }) => ({ sfi: record.sfi, bytes }));
    const data = emptyApplicationData();
    const addresses = parseAfl(transaction.cardData.get('94') ?? refuse('declined', 'the GPO answer lacks the AFL'));
    const tap = this.#tapData(application, transaction, plan, records, addresses);
    addresses.forEach((address, index) => {
      if (index === addresses.length - 1) prepared(this.journal.prepare(tap, this.#dependencies.nowMs()));
      readRecord(session, 'read-record', address, data);
    });
    return { tap, data, transaction };
  }

  /** Only an offline approval (TC) opens a gate; an expired or denied card does not get so far as to pay. */
  #decide(transaction: Transaction, request: TapRequest): void {
    if (transaction.cryptogramKind !== 'TC') {
      const reason = transaction.cryptogramKind === undefined ? 'declined' : 'insufficient-balance';
      refuse(reason, `the card did not approve offline (${transaction.cryptogramKind ?? 'no decision'})`);
    }
    if (transaction.expiry !== '' && transaction.expiry < request.at.slice(2, 6))
      refuse('expired', 'the card has expired');
    if (this.#dependencies.isDenied?.(transaction.pan) === true) refuse('declined', 'the card is on the deny list');
  }

  #tapData(
    application: SelectedApplication,
    transaction: Transaction,
    plan: JourneyPlan,
    records: readonly WrittenRecord[],
    recordsInOrder: readonly RecordAddress[],
  ): TapData {
    const clearingData = new Map<string, Uint8Array>();
    for (const tag of FROM_CARD) {
      const value = transaction.cardData.get(tag);
      if (value !== undefined) clearingData.set(tag, value);
    }
    for (const tag of FROM_TERMINAL) clearingData.set(tag, transaction.terminalData.get(tag)!);
    clearingData.set('9F27', CID_TC);
    clearingData.set('9F33', this.configuration.capabilities);
    clearingData.set('9F34', CVM_RESULTS_NONE);
    clearingData.set('9F35', this.configuration.terminalType);
    clearingData.set('9F1E', Buffer.from(this.configuration.terminalNo, 'latin1'));
    clearingData.set('84', fromHex(application.aid));
    return {
      pan: transaction.pan,
      psn: transaction.psn,
      atc: transaction.atc,
      amountFen: plan.amountFen,
      clearingData,
      industry: { ...plan.industry, records, tornOutcome: 'normal' },
      recordsInOrder,
      ...(plan.fare === undefined ? {} : { fare: plan.fare }),
    };
  }

  /** Torn taps whose window is over become unresolved entries: uploaded as such, never dropped. */
  #expireTornTaps(): void {
    const now = this.#dependencies.nowMs();
    const tooOld = this.journal.pending.filter((pending, index, all) => {
      const isSurplus = index < all.length - this.configuration.tornRecordsMax;
      return isSurplus || now - pending.tornAtMs > this.configuration.tornRecordMs;
    });
    for (const pending of tooOld) {
      this.journal.confirm(pending, {
        ...pending.tap,
        industry: { ...pending.tap.industry, tornOutcome: 'unresolved' },
      });
    }
  }
}
