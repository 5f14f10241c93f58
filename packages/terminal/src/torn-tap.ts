/**
 * Recovery of a tap that was torn after its last READ RECORD was sent ("flash card", 闪卡): the card may have committed
 * while the answer was lost (PBOC annex on flash cards, as publicly described; reference pboc.md §3.4, §10.1 K7).
 *
 * The copy of the last record that a card keeps is read first, before any other command discards it. With 9F69 in it
 * the signature of the torn transaction (fDDA 01) proves both the card and the commit; otherwise the card is asked
 * (`torn-outcome.ts`).
 */
import { parseTlv, SW_9000_SUCCESS, tlvMap, toHex } from '@polycard/bytes';
import type { TerminalParameters } from './configuration.ts';
import type { TornOutcome, TornResolution } from './industry-data.ts';
import type { Journal, JournalEntry, LateTap, PendingTap, TapData } from './journal.ts';
import { proveTransaction, readTransactionCounter } from './kernel/capp.ts';
import { type CardSession, isCardLost } from './kernel/exchange.ts';
import { type AuthenticationResult, authenticateOffline } from './kernel/offline-data-authentication.ts';
import { fromCard, refuse } from './kernel/outcome.ts';
import {
  type ApplicationData,
  emptyApplicationData,
  type RecordAddress,
  sendReadRecord,
  takeRecord,
} from './kernel/read-application-data.ts';
import { askOutcome, type TornAnswer } from './torn-outcome.ts';

/** The completed tap, and whether the card proved itself: money that is gone is journalled either way. */
export interface Recovery {
  readonly entry: JournalEntry;
  readonly authentication: AuthenticationResult;
}

/** What the card told about its torn taps: one that is complete now, others that never happened. */
export interface TornTold {
  readonly recovery?: Recovery;
  /** Of taps uploaded as unresolved already: goes with the next tap of this card. */
  readonly resolves: readonly TornResolution[];
}

/** Asks the card for another signature, when its first one can no longer be checked. */
export type AskAgain = (tap: TapData, data: ApplicationData) => AuthenticationResult;

/** Completes the torn tap of this card, if it is one and it committed. Refuses a card that settles nothing. */
export function recoverTornTap(
  session: CardSession,
  journal: Journal,
  parameters: TerminalParameters,
  askAgain: AskAgain,
): TornTold {
  const waiting = journal.pending.toReversed();
  const late = journal.late.toReversed();
  const taps = [...waiting.map(({ tap }) => tap), ...late.map(({ entry }) => entry)];
  if (taps.length === 0) return { resolves: [] };
  const records = new RecordReader(session);
  for (const tap of taps) records.read(tap.recordsInOrder.at(-1)!);
  const pan = accountNumber(records, taps);
  const recovery = recoverPending(
    session,
    journal,
    parameters,
    records,
    waiting.filter(({ tap }) => tap.pan === pan),
    askAgain,
  );
  if (recovery !== undefined) return { recovery, resolves: [] };
  return recoverLate(
    session,
    journal,
    parameters,
    records,
    late.filter(({ entry }) => entry.pan === pan),
    askAgain,
  );
}

function recoverPending(
  session: CardSession,
  journal: Journal,
  parameters: TerminalParameters,
  records: RecordReader,
  waiting: readonly PendingTap[],
  askAgain: AskAgain,
): Recovery | undefined {
  for (const pending of waiting) {
    const data = records.applicationData(pending.tap.recordsInOrder);
    const authentication = authenticateTorn(parameters, pending, data);
    if (authentication.ok && data.objects.has('9F69'))
      return { entry: complete(journal, pending, 're-read'), authentication };
    const answer = askOutcome(session, pending.tap);
    switch (answer.state) {
      case 'committed':
        return completed(journal, pending, answer, () =>
          isGone(data) && !authentication.ok ? askAgain(pending.tap, data) : authentication,
        );
      case 'unclear':
        return refuse('torn-unclear', 'the card does not say whether its torn transaction was completed');
      case 'not-committed':
        journal.drop(pending);
        break;
      case 'went-on':
        complete(journal, pending, 'unresolved');
    }
  }
  return undefined;
}

/**
 * Past T2 the tap is in the journal as unresolved. Its card, when it has paid nothing since, tells all the same: committed, it is journalled once more with its proof, and people who paid are let through; not
 * committed, the next tap says so. A card that went on leaves it to the platform, which sees its later taps.
 */
function recoverLate(
  session: CardSession,
  journal: Journal,
  parameters: TerminalParameters,
  records: RecordReader,
  late: readonly LateTap[],
  askAgain: AskAgain,
): TornTold {
  const resolves: TornResolution[] = [];
  for (const torn of late) {
    const { entry, ...moment } = torn;
    const data = records.applicationData(entry.recordsInOrder);
    const answer = askOutcome(session, entry);
    if (answer.state === 'unclear') continue;
    if (answer.state === 'committed') {
      const { sequenceNo: _sequenceNo, batchNo: _batchNo, traceNo: _traceNo, ...tap } = entry;
      const again = journal.prepare(tap, moment.tornAtMs, moment.signature);
      journal.forget(torn);
      const first = authenticateTorn(parameters, again, data);
      const recovery = completed(journal, again, answer, () =>
        isGone(data) && !first.ok ? askAgain(tap, data) : first,
      );
      return { recovery, resolves };
    }
    journal.forget(torn);
    if (answer.state === 'not-committed') resolves.push({ atc: entry.atc, outcome: 'not-committed' });
  }
  return { resolves };
}

/** Late taps older than this are left to the platform. */
export function forgetLateTaps(
  journal: Journal,
  limits: { readonly nowMs: number; readonly tornLateMs: number },
): void {
  for (const late of journal.late.filter(({ tornAtMs }) => limits.nowMs - tornAtMs > limits.tornLateMs))
    journal.forget(late);
}

/**
 * At a counter: what the card says about its latest extended transaction, whichever gate it was torn at. The kept copy
 * of its last record ends with this.
 */
export function askLatestProof(session: CardSession): readonly TornResolution[] {
  const atc = readTransactionCounter(session);
  if (atc === undefined || atc === 0) return [];
  const proof = proveTransaction(session, atc);
  if (proof.state === 'unclear') return [];
  return proof.state === 'committed'
    ? [{ atc, outcome: 'committed', cryptogram: Uint8Array.from(proof.cryptogram) }]
    : [{ atc, outcome: 'not-committed' }];
}

/** Reads each record once; a card without it has nothing there. */
class RecordReader {
  readonly #session: CardSession;
  readonly #read = new Map<number, Uint8Array | undefined>();

  constructor(session: CardSession) {
    this.#session = session;
  }

  read(address: RecordAddress): Uint8Array | undefined {
    const key = (address.sfi << 8) | address.record;
    if (!this.#read.has(key)) {
      const { sw, data } = sendReadRecord(this.#session, 'recover', address);
      this.#read.set(key, sw === SW_9000_SUCCESS ? data : undefined);
    }
    return this.#read.get(key);
  }

  applicationData(addresses: readonly RecordAddress[]): ApplicationData {
    const data = emptyApplicationData();
    for (const address of addresses) {
      const bytes = this.read(address);
      if (bytes !== undefined) fromCard(() => takeRecord(address, bytes, data));
    }
    return data;
  }
}

function accountNumber(records: RecordReader, taps: readonly TapData[]): string | undefined {
  for (const address of taps.flatMap(({ recordsInOrder }) => recordsInOrder)) {
    const bytes = records.read(address);
    const found = bytes === undefined ? undefined : fromCard(() => tlvMap(parseTlv(bytes, 'record'))).get('5A');
    if (found !== undefined) return toHex(found).replace(/F+$/, '');
  }
  return undefined;
}

/** The copy that the card kept went with 9F69: what was signed over it cannot be checked. */
const isGone = ({ objects }: ApplicationData): boolean => !objects.has('9F69');

/**
 * The card proves itself before its proof is used, so that one that leaves meanwhile is asked again. A balance holds only
 * until the card begins anything: there the tap is complete first.
 */
function completed(
  journal: Journal,
  pending: PendingTap,
  { by, cryptogram }: Extract<TornAnswer, { state: 'committed' }>,
  authenticate: () => AuthenticationResult,
): Recovery {
  if (by === 'balance') {
    const entry = complete(journal, pending, by);
    try {
      return { entry, authentication: authenticate() };
    } catch (error) {
      if (!isCardLost(error)) throw error;
      return { entry, authentication: { ok: false, reason: 'the card left before it proved itself; it has paid' } };
    }
  }
  const authentication = authenticate();
  return { entry: complete(journal, pending, by, cryptogram), authentication };
}

function authenticateTorn(
  parameters: TerminalParameters,
  { tap, signature }: PendingTap,
  data: ApplicationData,
): AuthenticationResult {
  const cardData = new Map(tap.clearingData);
  if (signature !== undefined) cardData.set('9F4B', signature);
  const aid = toHex(tap.clearingData.get('84') ?? new Uint8Array(0));
  const transaction = { terminalData: tap.clearingData, cardData, pan: tap.pan, atc: tap.atc };
  return authenticateOffline(parameters, aid, transaction, data);
}

function complete(
  journal: Journal,
  pending: PendingTap,
  tornOutcome: TornOutcome,
  cryptogram?: Uint8Array,
): JournalEntry {
  const clearingData = new Map(pending.tap.clearingData);
  if (cryptogram !== undefined) clearingData.set('9F26', cryptogram);
  return journal.confirm(pending, {
    ...pending.tap,
    clearingData,
    industry: { ...pending.tap.industry, tornOutcome },
  });
}

/** Torn taps whose time is over (T2), or that are more than may be kept, become unresolved entries: never dropped. */
export function expireTornTaps(
  journal: Journal,
  limits: { readonly nowMs: number; readonly tornRecordMs: number; readonly tornRecordsMax: number },
): void {
  const { pending } = journal;
  const expired = pending.filter(
    ({ tornAtMs }, index) =>
      index < pending.length - limits.tornRecordsMax || limits.nowMs - tornAtMs > limits.tornRecordMs,
  );
  for (const tap of expired) complete(journal, tap, 'unresolved');
}
