/** What every completed purse transaction leaves behind: its log entry and its proof, as writes of the one commit. */
import { concat } from '@polycard/bytes';
import { balanceBytes, counterBytes, limitBytes } from '@polycard/emv';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import type { PurseSlot } from './image.ts';
import { FIELD, LOG_OFFSET, LOG_RECORD_BYTES, LOG_RECORDS, readSlot, writeField } from './layout.ts';

export interface CompletedTransaction {
  readonly slot: PurseSlot;
  readonly type: number;
  /** Counter before the transaction. */
  readonly sequence: number;
  readonly amountFen: number;
  /** 6 bytes. */
  readonly terminal: Uint8Array;
  /** 7 bytes BCD. */
  readonly at: Uint8Array;
  /** Zeros for transactions without one. */
  readonly mac2: Uint8Array;
  readonly tac: Uint8Array;
}

export function logAndProofWrites(memory: PersistentMemory, done: CompletedTransaction): MemoryWrite[] {
  const limit = limitBytes(readSlot(memory, done.slot, 'overdraftLimit'));
  const type = Uint8Array.of(done.type);
  const record = concat(counterBytes(done.sequence), limit, balanceBytes(done.amountFen), type, done.terminal, done.at);
  const next = memory.u8(FIELD.logNext.offset);
  const used = memory.u8(FIELD.logUsed.offset);
  return [
    { offset: LOG_OFFSET + next * LOG_RECORD_BYTES, bytes: record },
    writeField('logNext', Uint8Array.of((next + 1) % LOG_RECORDS)),
    writeField('logUsed', Uint8Array.of(Math.min(used + 1, LOG_RECORDS))),
    writeField('proof', concat(type, counterBytes(done.sequence + 1), done.mac2, done.tac)),
  ];
}

/** Log record by number, 1 the newest. */
export function logRecord(memory: PersistentMemory, number: number): Uint8Array | undefined {
  if (number < 1 || number > memory.u8(FIELD.logUsed.offset)) return undefined;
  const slot = (memory.u8(FIELD.logNext.offset) - number + 2 * LOG_RECORDS) % LOG_RECORDS;
  return memory.view(LOG_OFFSET + slot * LOG_RECORD_BYTES, LOG_RECORD_BYTES).slice();
}
