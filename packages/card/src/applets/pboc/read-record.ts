/**
 * READ RECORD (00 B2): payment records, the transaction log, the cyclic extended file, and, as the last record named
 * in the AFL, the commit of a qPBOC transaction. A file that is not there answers 6A83 as a missing record (observed). EMV 4.4 Book 3 §6.5.11; PBOC 3.0 Parts 12, 14 as publicly described.
 */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6974_CAPP_UPDATE_MISSING,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { readField } from './balances.ts';
import { commitTransaction, isUpdateMissing } from './commit.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { SIGNATURE_RECORD } from './dynamic-signature.ts';
import type { RecordName } from './image.ts';
import { FIELD, KEPT_WITH_CARD_AUTHENTICATION } from './layout.ts';
import { loadLog, wholeLoadLog } from './load-log.ts';
import { currentRecord } from './records.ts';
import { ringRecord } from './ring-log.ts';
import { transactionLog } from './transaction-log.ts';

const notFound: CommandResult = { sw: SW_6A83_RECORD_NOT_FOUND };

function found(data: Uint8Array | undefined): CommandResult {
  return data === undefined ? notFound : { sw: SW_9000_SUCCESS, data };
}

/** The last record with 9F69 at its end, when the transaction it belongs to had a signature of version 01. */
function lastRecordWith(record: Uint8Array, cardAuthentication: Uint8Array | undefined): Uint8Array {
  if (cardAuthentication === undefined) return record;
  const headerBytes = record[1]! < 0x80 ? 2 : 2 + (record[1]! & 0x7f);
  return encodeTlv('70', concat(record.subarray(headerBytes), encodeTlv('9F69', cardAuthentication)));
}

function readLastRecord(context: PbocContext, record: Uint8Array | undefined): CommandResult {
  if (record === undefined) return notFound;
  const { session, memory } = context;
  const transaction = session.transaction;
  if (transaction?.kind === 'TC' && transaction.state !== 'committed') {
    if (transaction.state === 'failed' || isUpdateMissing(session)) {
      transaction.state = 'failed';
      return { sw: SW_6974_CAPP_UPDATE_MISSING };
    }
    commitTransaction(context, transaction);
  }
  const kept = memory.u8(FIELD.keptRecord.offset) === KEPT_WITH_CARD_AUTHENTICATION;
  return found(lastRecordWith(record, kept ? readField(memory, 'keptCardAuthentication') : undefined));
}

/** A record of the opened cyclic file; variable extended files are read by READ CAPP DATA alone. */
function cyclicRecord({ files, switches }: PbocContext, { sfi, number }: RecordName): Uint8Array | undefined {
  const file = files.file(sfi);
  const entry = file?.cyclic === true ? files.openedCyclic(file) : undefined;
  if (entry === undefined) return undefined;
  return files.cyclicRecord(entry, number === 0 && switches.cyclicRecordZero === 'newest' ? 1 : number);
}

function isSame(a: RecordName, b: RecordName | undefined): boolean {
  return a.sfi === b?.sfi && a.number === b.number;
}

export function readRecord(context: PbocContext, command: CommandApdu): CommandResult {
  if (command.cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.data.length > 0) return { sw: SW_6700_WRONG_LENGTH };
  const name: RecordName = { sfi: command.p2 >> 3, number: command.p1 };
  if ((command.p2 & 0x07) !== 0x04 || name.sfi === 0 || name.sfi === 0x1f) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const { image, memory, session } = context;
  if (image.lastRecord !== undefined && isSame(name, image.qpboc?.lastRecord)) {
    return readLastRecord(context, currentRecord(context, name));
  }
  if (name.sfi === image.log?.sfi) return found(ringRecord(transactionLog(image), memory, name.number));
  if (name.sfi === image.loadLog?.sfi) {
    return found(name.number === 0 ? wholeLoadLog(image, memory) : ringRecord(loadLog(image), memory, name.number));
  }
  if (isSame(name, SIGNATURE_RECORD) && session.transaction?.signatureRecord !== undefined) {
    return found(session.transaction.signatureRecord);
  }
  return found(currentRecord(context, name) ?? cyclicRecord(context, name));
}
