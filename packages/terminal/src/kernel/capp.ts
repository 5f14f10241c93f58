/** Extended application commands as the terminal uses them (PBOC 3.0 Part 14, as publicly described). */
import { SW_9000_SUCCESS, swHex } from '@polycard/bytes';
import { cappP2, encodeGetTransProve, encodeReadCapp, encodeUpdateCapp } from '@polycard/emv';
import type { PsamCard, TerminalRecord } from '../configuration.ts';
import type { Psam } from '../psam.ts';
import type { CardSession } from './exchange.ts';
import { refuse } from './outcome.ts';

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

export interface RecordUpdate {
  readonly record: TerminalRecord;
  readonly bytes: Uint8Array;
}

/** UPDATE CAPP DATA CACHE: nothing is written on the card before the last record is read. */
export function updateCappRecord(
  session: CardSession,
  psam: Psam,
  card: PsamCard,
  atc: number,
  update: RecordUpdate,
): void {
  const p2 = cappP2(update.record.sfi);
  const mac = psam.updateMac(update.record.managementKey, card, { atc, p2, record: update.bytes });
  const answer = session.sendBytes('update-capp', encodeUpdateCapp(p2, update.bytes, mac));
  if (answer.sw !== SW_9000_SUCCESS) {
    refuse('update-refused', `UPDATE CAPP DATA CACHE of ${update.record.codec.name} answered ${swHex(answer.sw)}`);
  }
}

/** GET TRANS PROVE: the TC of a completed transaction, or undefined when the card says it was not completed (9406). */
export function proveTransaction(session: CardSession, atc: number): Uint8Array | undefined {
  const answer = session.sendBytes('proof', encodeGetTransProve(atc));
  return answer.sw === SW_9000_SUCCESS ? answer.data : undefined;
}
