/**
 * The commit of a qPBOC transaction: everything it changes, in one atomic write.
 *
 * PBOC 3.0 Part 12 and Part 14 §5.2, §6.2.4 as publicly described: the log entry, the cached extended records, balance
 * and allowance, pre-authorisations, the proof and the copy of the last record become true together or not at all.
 */
import { CAPP_INDICATOR } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import type { PbocContext } from './context.ts';
import type { ExtendedEntry } from './extended-files.ts';
import { KEPT_PLAIN, KEPT_WITH_CARD_AUTHENTICATION, writeField } from './layout.ts';
import { ringWrites } from './ring-log.ts';
import type { Session, Transaction } from './session.ts';
import { transactionLog } from './transaction-log.ts';

/** An extended transaction must have updated the record READ CAPP DATA named last. */
export function isUpdateMissing({ transaction, cappRead }: Session): boolean {
  if (transaction === undefined || transaction.capp === CAPP_INDICATOR.none) return false;
  return cappRead !== undefined && !cappRead.updated;
}

function cacheWrites({ files }: PbocContext, transaction: Transaction): MemoryWrite[] {
  const writes: MemoryWrite[] = [];
  const cyclic = new Map<number, { entry: ExtendedEntry; records: Uint8Array[] }>();
  for (const { entry, record } of transaction.cache) {
    if (!entry.file.cyclic) {
      writes.push(files.replaceWrite(entry, record));
      continue;
    }
    const pending = cyclic.get(entry.offset) ?? { entry, records: [] };
    pending.records.push(record);
    cyclic.set(entry.offset, pending);
  }
  for (const { entry, records } of cyclic.values()) writes.push(...files.cyclicWrites(entry, records));
  return writes;
}

export function commitTransaction(context: PbocContext, transaction: Transaction): void {
  const { image, memory } = context;
  const writes: MemoryWrite[] = [...transaction.writes, ...cacheWrites(context, transaction)];
  if (transaction.logRecord !== undefined)
    writes.push(...ringWrites(transactionLog(image), memory, transaction.logRecord));
  if (transaction.capp !== CAPP_INDICATOR.none) {
    writes.push(
      writeField('proofPresent', Uint8Array.of(1)),
      writeField('proofAtc', Uint8Array.of(transaction.atc >> 8, transaction.atc & 0xff)),
      writeField('proofTc', transaction.proof),
    );
  }
  const { cardAuthentication } = transaction;
  if (cardAuthentication === undefined) {
    writes.push(writeField('keptRecord', Uint8Array.of(KEPT_PLAIN)));
  } else {
    writes.push(
      writeField('keptRecord', Uint8Array.of(KEPT_WITH_CARD_AUTHENTICATION)),
      writeField('keptCardAuthentication', cardAuthentication),
    );
  }
  memory.commit(writes);
  transaction.state = 'committed';
}
