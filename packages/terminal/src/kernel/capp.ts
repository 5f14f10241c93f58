/** Extended application commands as the terminal uses them (PBOC 3.0 Part 14, as publicly described). */
import {
  fromHex,
  numberFromBcd,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
  SW_9406_PROOF_NOT_AVAILABLE,
  swHex,
  toHex,
} from '@polycard/bytes';
import { cappP2, encodeGetTransProve, encodeReadCapp, encodeUpdateCapp } from '@polycard/emv';
import type { PsamCard, TerminalRecord } from '../configuration.ts';
import type { UpdateMacSource } from '../psam.ts';
import type { CardSession } from './exchange.ts';
import { fromCard, Refusal, refuse } from './outcome.ts';

const CRYPTOGRAM_BYTES = 8;

/** READ CAPP DATA of a record; refuses the card when the record was never opened on it. */
export function readCappRecord(session: CardSession, record: TerminalRecord): Uint8Array {
  const id = record.codec.recordId;
  if (id === undefined) return refuse('record-missing', `record ${record.codec.name} has no ID`);
  const answer = session.sendBytes('read-capp', encodeReadCapp({ sfi: record.sfi, id: (id[0]! << 8) | id[1]! }));
  if (answer.sw !== SW_9000_SUCCESS) {
    refuse('record-missing', `READ CAPP DATA of ${record.codec.name} answered ${swHex(answer.sw)}`);
  }
  return answer.data;
}

/** The same where the card need not have it: undefined without it. */
export function findCappRecord(session: CardSession, record: TerminalRecord): Uint8Array | undefined {
  try {
    return readCappRecord(session, record);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'record-missing') return undefined;
    throw error;
  }
}

export interface RecordUpdate {
  readonly record: TerminalRecord;
  readonly bytes: Uint8Array;
}

/** UPDATE CAPP DATA CACHE: nothing is written on the card before the last record is read. */
export function updateCappRecord(
  session: CardSession,
  psam: UpdateMacSource,
  card: PsamCard,
  atc: number,
  update: RecordUpdate,
): void {
  const p2 = cappP2(update.record.sfi);
  const { managementKey } = update.record;
  // while a key is rotated the PSAM has two versions; the card refuses the other one's MAC and waits for the right one
  const versions = psam.versions?.(managementKey) ?? [];
  let sw = SW_6988_MAC_INCORRECT;
  for (const version of versions.length === 0 ? [undefined] : versions) {
    const mac = psam.updateMac(managementKey, card, { atc, p2, record: update.bytes }, version);
    sw = session.sendBytes('update-capp', encodeUpdateCapp(p2, update.bytes, mac)).sw;
    if (sw !== SW_6988_MAC_INCORRECT) break;
  }
  if (sw !== SW_9000_SUCCESS) {
    refuse('update-refused', `UPDATE CAPP DATA CACHE of ${update.record.codec.name} answered ${swHex(sw)}`);
  }
}

/** What GET TRANS PROVE says of one transaction; a status word other than 9000 and 9406 settles nothing. */
export type TransactionProof =
  | { readonly state: 'committed'; readonly cryptogram: Uint8Array }
  | { readonly state: 'not-available' | 'unclear' };

export function proveTransaction(session: CardSession, atc: number): TransactionProof {
  const { sw, data } = session.sendBytes('proof', encodeGetTransProve(atc));
  if (sw === SW_9000_SUCCESS && data.length === CRYPTOGRAM_BYTES) return { state: 'committed', cryptogram: data };
  return { state: sw === SW_9406_PROOF_NOT_AVAILABLE ? 'not-available' : 'unclear' };
}

/** GET DATA 9F36: the counter of the card's latest GET PROCESSING OPTIONS; undefined when it does not say. */
export function readTransactionCounter(session: CardSession): number | undefined {
  const value = cardObject(session, '9F36', 2);
  return value === undefined ? undefined : (value[0]! << 8) | value[1]!;
}

/** GET DATA 9F5D: what may be spent offline now, in fen; undefined when the card does not say. */
export function readAvailableFen(session: CardSession): number | undefined {
  const value = cardObject(session, '9F5D', 6);
  return value === undefined ? undefined : fromCard(() => numberFromBcd(value));
}

function cardObject(session: CardSession, tag: string, lengthBytes: number): Uint8Array | undefined {
  const [p1, p2] = fromHex(tag) as unknown as [number, number];
  const { sw, data } = session.send('proof', { cla: 0x80, ins: 0xca, p1, p2, data: new Uint8Array(0), le: 256 });
  const isWhole = data.length === 3 + lengthBytes && toHex(data.subarray(0, 2)) === tag && data[2] === lengthBytes;
  return sw === SW_9000_SUCCESS && isWhole ? data.subarray(3) : undefined;
}
