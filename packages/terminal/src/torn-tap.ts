/**
 * Recovery of a tap that was torn after its last READ RECORD was sent ("flash card", 闪卡): the card may have committed
 * while the answer was lost (PBOC annex on flash cards, as publicly described; reference pboc.md §3.4, §10.1 K7).
 *
 * The copy of the last record that a card keeps is read first, before any other command discards it. With 9F69 in it
 * the signature of the torn transaction (fDDA 01) proves both the card and the commit; otherwise GET TRANS PROVE says
 * whether it committed.
 */
import { parseTlv, SW_9000_SUCCESS, tlvMap, toHex } from '@polycard/bytes';
import type { TerminalParameters } from './configuration.ts';
import type { TornOutcome } from './industry-data.ts';
import type { Journal, JournalEntry, PendingTap } from './journal.ts';
import { proveTransaction, readTransactionCounter } from './kernel/capp.ts';
import type { CardSession } from './kernel/exchange.ts';
import { type AuthenticationResult, authenticateOffline } from './kernel/offline-data-authentication.ts';
import { fromCard, refuse } from './kernel/outcome.ts';
import {
  type ApplicationData,
  emptyApplicationData,
  type RecordAddress,
  sendReadRecord,
  takeRecord,
} from './kernel/read-application-data.ts';

/** The completed tap, and whether the card proved itself: money that is gone is journalled either way. */
export interface Recovery {
  readonly entry: JournalEntry;
  readonly authentication: AuthenticationResult;
}

/** Completes the torn tap of this card, if it is one and it committed. Refuses a card that settles nothing. */
export function recoverTornTap(
  session: CardSession,
  journal: Journal,
  parameters: TerminalParameters,
): Recovery | undefined {
  const waiting = journal.pending.toReversed();
  if (waiting.length === 0) return undefined;
  const records = new RecordReader(session);
  for (const { tap } of waiting) records.read(tap.recordsInOrder.at(-1)!);
  const pan = accountNumber(records, waiting);
  for (const pending of waiting.filter(({ tap }) => tap.pan === pan)) {
    const data = records.applicationData(pending.tap.recordsInOrder);
    const authentication = authenticateTorn(parameters, pending, data);
    if (authentication.ok && data.objects.has('9F69'))
      return { entry: complete(journal, pending, 're-read'), authentication };
    const { atc } = pending.tap;
    const proof = proveTransaction(session, atc);
    if (proof.state === 'committed')
      return { entry: complete(journal, pending, 'proof', proof.cryptogram), authentication };
    const counter = readTransactionCounter(session);
    if (proof.state === 'unclear' || counter === undefined)
      refuse('torn-unclear', 'the card does not say whether its torn transaction was completed');
    // no proof under the card's latest counter: never committed. A later transaction may have replaced the proof
    if (counter === atc) journal.drop(pending);
    else complete(journal, pending, 'unresolved');
  }
  return undefined;
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

function accountNumber(records: RecordReader, waiting: readonly PendingTap[]): string | undefined {
  for (const address of waiting.flatMap(({ tap }) => tap.recordsInOrder)) {
    const bytes = records.read(address);
    const found = bytes === undefined ? undefined : fromCard(() => tlvMap(parseTlv(bytes, 'record'))).get('5A');
    if (found !== undefined) return toHex(found).replace(/F+$/, '');
  }
  return undefined;
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
