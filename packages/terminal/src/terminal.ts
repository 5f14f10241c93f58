/**
 * A terminal: one card after another through kernel and journey, offline. Refusals and torn taps are outcomes; faults
 * (a broken blueprint, a defect) are thrown.
 */

import type { EndedCampaign, ModeOrder } from '@polycard/blueprint';
import { type CardChannel, swHex } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { type Denial, WHOLE_CARD } from '@polycard/deny-list';
import { CAPP_INDICATOR } from '@polycard/emv';
import type { Fare } from '@polycard/fares';
import { clearingDataOf } from './clearing-data.ts';
import type { RecordKeyReplacements, TerminalConfiguration, TerminalParameters } from './configuration.ts';
import { lockApplication } from './deny-list/lock-application.ts';
import type { HitOutcome, TapDenyList } from './deny-list/tap-list.ts';
import type { TornResolution } from './industry-data.ts';
import {
  Journal,
  type JournalEntry,
  type JournalStorage,
  MEMORY_ONLY,
  type PendingTap,
  type TapData,
} from './journal.ts';
import { busRide } from './journeys/bus.ts';
import { counterVisit } from './journeys/counter.ts';
import {
  type Journey,
  type JourneyContext,
  modesHere,
  type RecordImageBefore,
  type TapRequest,
} from './journeys/journey.ts';
import { metroEntry, metroExit } from './journeys/metro.ts';
import { purchase } from './journeys/purchase.ts';
import { authenticateAgain } from './kernel/authenticate-again.ts';
import { findCappRecord, readCappRecord, updateCappRecord } from './kernel/capp.ts';
import { availableFen, decide } from './kernel/decision.ts';
import { CardSession, type Exchange, isCardLost, type Phase } from './kernel/exchange.ts';
import { initiate, type Transaction } from './kernel/initiate.ts';
import { authenticateOffline } from './kernel/offline-data-authentication.ts';
import { fromCard, Refusal, type RefusalReason, refuse } from './kernel/outcome.ts';
import {
  type ApplicationData,
  emptyApplicationData,
  parseAfl,
  type RecordAddress,
  readLastRecord,
  readRecord,
  takeRecord,
} from './kernel/read-application-data.ts';
import { replaceRecordKeys } from './kernel/record-keys.ts';
import {
  PAYMENT_AIDS,
  type SelectedApplication,
  selectApplication,
  selectApplicationOrListed,
  supportsSegmentDeduction,
} from './kernel/select.ts';
import type { UpdateMacSource } from './psam.ts';
import { type AskAgain, askLatestProof, expireTornTaps, forgetLateTaps, recoverTornTap } from './torn-tap.ts';

export type TapOutcome =
  | {
      readonly result: 'accepted';
      readonly entry: JournalEntry;
      readonly recovered: boolean;
      /** The card was still inside: its earlier ride has no exit, which the operator counts. */
      readonly missedExit?: boolean;
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
  | {
      readonly result: 'torn';
      readonly commit: 'not-sent' | 'unknown';
      /** T1: so long people are asked to hold the card to the gate again. */
      readonly retapWindowMs: number;
      readonly exchanges: readonly Exchange[];
    };

type WithoutExchanges<T> = T extends unknown ? Omit<T, 'exchanges'> : never;

export interface TerminalDependencies {
  readonly psam: UpdateMacSource;
  readonly random: RandomSource;
  readonly monotonicUs: () => number;
  /** Milliseconds for the windows of torn taps. */
  readonly nowMs: () => number;
  readonly storage?: JournalStorage;
  readonly batchNo?: number;
  /** Traces of one batch, where an acquirer counts fewer than `BATCH_TRACES_MAX`. */
  readonly batchTracesMax?: number;
  /** Prepared replacements of management keys, while one is rotated. */
  readonly recordKeys?: RecordKeyReplacements;
  /** Cards that are refused; none unless given. */
  readonly denyList?: TapDenyList;
}

const JOURNEYS: Readonly<Record<TapRequest['kind'], Journey>> = {
  entry: metroEntry,
  exit: metroExit,
  boarding: busRide,
  counter: counterVisit,
  purchase,
};

const RETAP_WINDOW_MS = 10_000;
const TORN_LATE_MS = 600_000;
/** Balance fields of the trip record have four bytes. */
const BALANCE_MAX_FEN = 0xffff_ffff;

export class Terminal {
  configuration: TerminalConfiguration;
  readonly journal: Journal;
  parameters: TerminalParameters;
  /** What holds from an instant on, local time YYYYMMDDhhmmss: the time of each tap chooses, no line is needed. */
  next: { readonly from: string; readonly parameters: TerminalParameters } | undefined;
  /** Modes ordered for the stations of the network, now and lately. */
  modeOrders: readonly ModeOrder[] = [];
  /** Campaigns whose budget is used up, as far as the terminal has heard. */
  endedCampaigns: readonly EndedCampaign[] = [];
  #dependencies: TerminalDependencies;

  constructor(
    configuration: TerminalConfiguration,
    parameters: TerminalParameters,
    dependencies: TerminalDependencies,
  ) {
    this.configuration = configuration;
    this.parameters = parameters;
    this.#dependencies = dependencies;
    const { storage = MEMORY_ONLY, batchNo = 1, batchTracesMax } = dependencies;
    this.journal = new Journal(storage, batchNo, batchTracesMax);
  }

  /** Newer sets or another PSAM; the journal stays. */
  configure(configuration: TerminalConfiguration, parameters: TerminalParameters, psam: UpdateMacSource): void {
    this.configuration = configuration;
    this.parameters = parameters;
    this.#dependencies = { ...this.#dependencies, psam };
  }

  tap(channel: CardChannel, request: TapRequest): TapOutcome {
    const session = new CardSession(channel, this.#dependencies.monotonicUs);
    const { exchanges } = session;
    const closed = this.#closedByMode(request);
    if (closed !== undefined) return { result: 'refused', ...closed, exchanges };
    this.expireTornTaps();
    const before = new Set(this.journal.pending);
    try {
      return { ...this.#perform(session, request), exchanges };
    } catch (error) {
      if (isCardLost(error)) return { ...this.#torn(before, exchanges.at(-1)?.phase), exchanges };
      if (error instanceof Refusal)
        return { result: 'refused', reason: error.reason, detail: error.message, exchanges };
      throw error;
    }
  }

  /** Torn taps whose window is over become unresolved entries, uploaded as such. To be called before each upload too. */
  expireTornTaps(): void {
    const { tornRecordMs, tornRecordsMax, tornLateMs = TORN_LATE_MS } = this.configuration;
    const nowMs = this.#dependencies.nowMs();
    expireTornTaps(this.journal, { nowMs, tornRecordMs, tornRecordsMax });
    forgetLateTaps(this.journal, { nowMs, tornLateMs: tornRecordMs + tornLateMs });
  }

  /** The parameters that hold at a local time. */
  parametersAt(at: string): TerminalParameters {
    return this.next !== undefined && at >= this.next.from ? this.next.parameters : this.parameters;
  }

  #perform(session: CardSession, request: TapRequest): WithoutExchanges<TapOutcome> {
    const { cappIndicator = CAPP_INDICATOR.segmentDeduction } = JOURNEYS[request.kind];
    const isPlain = cappIndicator === CAPP_INDICATOR.none;
    const select = (): SelectedApplication =>
      isPlain ? selectApplicationOrListed(session, PAYMENT_AIDS) : selectApplication(session);
    const application = select();
    if (!isPlain && !supportsSegmentDeduction(application))
      refuse('no-extended-files', 'the card has no extended files a gate can use (DF61)');
    const { recovery, resolves } = recoverTornTap(
      session,
      this.journal,
      this.parametersAt(request.at),
      this.#secondSignature(session, application, request.at),
    );
    if (recovery !== undefined && isSameAct(recovery.entry, request)) {
      const { entry, authentication } = recovery;
      if (!authentication.ok) refuse('authentication-failed', authentication.reason);
      return { result: 'accepted', entry, recovered: true, fare: entry.fare };
    }
    if (this.journal.entries.length + this.journal.pending.length >= this.configuration.journalMax)
      refuse('journal-full', 'the journal is full: upload first');
    const told = request.asksProof === true ? askLatestProof(session) : resolves;
    // a card that signed again in its recovery begins anew
    return this.#transact(session, recovery === undefined ? application : select(), request, told);
  }

  #secondSignature(session: CardSession, application: SelectedApplication, at: string): AskAgain {
    return ({ pan, industry }, data) =>
      authenticateAgain(
        session,
        {
          ...{ application, configuration: this.configuration, trusted: this.parametersAt(at), at },
          cappIndicator: industry.kind === 'purchase' ? CAPP_INDICATOR.none : CAPP_INDICATOR.segmentDeduction,
          unpredictableNumber: this.#dependencies.random(4),
        },
        pan,
        data,
      );
  }

  #context(request: TapRequest): JourneyContext {
    const { configuration, modeOrders, endedCampaigns } = this;
    return { configuration, parameters: this.parametersAt(request.at), request, modeOrders, endedCampaigns };
  }

  /** Doors that are open by order, and stations nobody is let into: the card is not looked at. */
  #closedByMode(request: TapRequest): { reason: RefusalReason; detail: string } | undefined {
    const modes = modesHere(this.#context(request));
    if (request.kind !== 'entry' && request.kind !== 'exit') return undefined;
    if (modes.includes('emergency'))
      return { reason: 'doors-open', detail: 'emergency release: the doors are open, no card is read or written' };
    const isShut = modes.includes('closed') || modes.includes('train-failure');
    return request.kind === 'entry' && isShut
      ? { reason: 'station-closed', detail: `nobody is let in here now: ${modes.join(', ')}` }
      : undefined;
  }

  #torn(before: ReadonlySet<PendingTap>, lastPhase: Phase | undefined): WithoutExchanges<TapOutcome> {
    const isPending = this.journal.pending.some((pending) => !before.has(pending));
    // lost while an earlier torn tap was being resolved: that one is still open
    const isResolving = lastPhase === 'recover' || lastPhase === 'proof';
    this.expireTornTaps();
    const retapWindowMs = this.configuration.retapWindowMs ?? RETAP_WINDOW_MS;
    return { result: 'torn', commit: isPending || isResolving ? 'unknown' : 'not-sent', retapWindowMs };
  }

  /** Records before, GPO, updates, records of the AFL with the committing one last. */
  #transact(
    session: CardSession,
    application: SelectedApplication,
    request: TapRequest,
    resolves: readonly TornResolution[],
  ): WithoutExchanges<TapOutcome> {
    const { denyList } = this.#dependencies;
    const freshness = denyList?.freshness();
    if (freshness?.state === 'refuse-all') refuse('list-too-old', 'the deny list is too old: no card is taken');
    const journey = JOURNEYS[request.kind];
    const { cappIndicator = CAPP_INDICATOR.segmentDeduction } = journey;
    const parameters = this.parametersAt(request.at);
    const before = new Map<string, RecordImageBefore>();
    for (const record of journey.looksAt?.(parameters) ?? []) {
      const bytes = findCappRecord(session, record);
      if (bytes !== undefined)
        before.set(record.codec.name, { bytes, values: fromCard(() => record.codec.decode(bytes)) });
    }
    for (const record of journey.reads(parameters, request)) {
      const bytes = readCappRecord(session, record);
      before.set(record.codec.name, { bytes, values: fromCard(() => record.codec.decode(bytes)) });
    }
    const context = this.#context(request);
    const plan = journey.plan(context, before);
    if (freshness?.state === 'refuse-above-floor' && plan.amountFen > freshness.floorFen!)
      refuse('list-too-old', `the deny list is too old for more than ${freshness.floorFen} fen`);
    const transaction = initiate(session, application, this.configuration, {
      amountFen: plan.amountFen,
      cappIndicator,
      at: request.at,
      unpredictableNumber: this.#dependencies.random(4),
    });
    // a purchase is no application of the card: only the whole card can be listed for it
    const listedAs = cappIndicator === CAPP_INDICATOR.none ? WHOLE_CARD : this.configuration.mode;
    const denial = denyList?.find(transaction.pan, listedAs);
    if (denial !== undefined) this.#refuseListed(session, transaction.pan, denial, request.at);
    const isDateWaived = modesHere(context).includes('date-waived');
    decide(transaction, { amountFen: plan.amountFen, at: request.at, isDateWaived });
    const leftFen = availableFen(transaction.cardData);
    if (plan.minimumBalanceFen !== undefined && leftFen !== undefined && leftFen < plan.minimumBalanceFen)
      refuse('insufficient-balance', `the card has ${leftFen} fen, to board it needs ${plan.minimumBalanceFen}`);
    const addresses = fromCard(() =>
      parseAfl(transaction.cardData.get('94') ?? refuse('declined', 'the GPO answer lacks the AFL')),
    );
    const updates = plan.updates(balanceAfterFen(transaction));
    const card = { pan: transaction.pan, homeCityCode: plan.homeCity };
    for (const update of updates) updateCappRecord(session, this.#dependencies.psam, card, transaction.atc, update);
    const data = emptyApplicationData();
    for (const address of addresses.slice(0, -1)) readRecord(session, address, data);
    const { cardData, pan, psn, atc } = transaction;
    const tap: TapData = {
      ...{ pan, psn, atc, amountFen: plan.amountFen, recordsInOrder: addresses },
      clearingData: clearingDataOf(this.configuration, transaction, application.aid),
      industry: {
        ...plan.industry,
        records: updates.map(({ record, bytes }) => ({ sfi: record.sfi, bytes })),
        tornOutcome: 'normal',
        ...(denyList === undefined ? {} : { denyListVersion: denyList.version }),
        ...(resolves.length === 0 ? {} : { resolves }),
      },
      ...(plan.fare === undefined ? {} : { fare: plan.fare }),
    };
    const last = addresses.at(-1)!;
    const entry = this.#commit(session, last, tap, cardData.get('9F4B'), data);
    // certificates end with the card: where dates are waived both are judged by the card's last month
    const signed = isDateWaived ? { ...transaction, certificatesOn: `${transaction.expiry}01` } : transaction;
    const authentication = authenticateOffline(parameters, application.aid, signed, data);
    // the card has committed: the tap is journalled all the same and the platform decides; the gate stays closed
    if (!authentication.ok) refuse('authentication-failed', authentication.reason);
    const { recordKeys } = this.#dependencies;
    if (recordKeys !== undefined) replaceRecordKeys(session, pan, recordKeys);
    const missed = plan.missedExit === true ? { missedExit: true } : {};
    return { result: 'accepted', entry, recovered: false, fare: entry.fare, ...missed };
  }

  /** Before any money: the card has answered, nothing is committed. The listed application is locked where the rule says so. */
  #refuseListed(session: CardSession, pan: string, denial: Denial, at: string): never {
    const { psam, random, denyList } = this.#dependencies;
    const { scope, reason, lockOnSight } = denial;
    const record = this.parametersAt(at).records[this.configuration.mode];
    const outcome: HitOutcome =
      lockOnSight && scope !== WHOLE_CARD
        ? lockApplication(session, {
            ...{ configuration: this.configuration, record, psam, at },
            unpredictableNumber: random(4),
          })
        : 'refused';
    denyList!.note({ pan, at, scope, reason, outcome });
    return refuse('listed', `${scope === WHOLE_CARD ? 'the card' : scope} is on the deny list (${reason}): ${outcome}`);
  }

  /** Pending before the command, an entry after it; unless the card says it changed nothing, it is never forgotten. */
  #commit(
    session: CardSession,
    address: RecordAddress,
    tap: TapData,
    signature: Uint8Array | undefined,
    data: ApplicationData,
  ): JournalEntry {
    const pending = this.journal.prepare(tap, this.#dependencies.nowMs(), signature);
    const commit = readLastRecord(session, address);
    if (commit.state !== 'committed') {
      if (commit.state === 'unchanged') this.journal.drop(pending);
      refuse('commit-refused', `the last READ RECORD answered ${swHex(commit.sw)}`);
    }
    const entry = this.journal.confirm(pending);
    fromCard(() => takeRecord(address, commit.bytes, data));
    return entry;
  }
}

/**
 * Whether the torn tap that is complete now is what people came for again. On a bus with fares by section it must be of
 * the same stop: further on, the card is held out to be tapped off.
 */
function isSameAct({ industry, amountFen }: JournalEntry, request: TapRequest): boolean {
  if (request.kind === 'boarding' && request.stop !== undefined) {
    const kinds = { both: ['boarding', 'alighting'], on: ['boarding'], off: ['alighting'] }[request.door ?? 'both'];
    return kinds.includes(industry.kind) && industry.placeCode === request.stop;
  }
  return industry.kind === request.kind && (request.kind !== 'purchase' || request.amountFen === amountFen);
}

/** Balance after the transaction; one card's answer underflows when its allowance is used (reference pboc.md K17). */
function balanceAfterFen({ cardData }: Transaction): number {
  const fen = availableFen(cardData) ?? 0;
  return fen > BALANCE_MAX_FEN ? 0 : fen;
}
