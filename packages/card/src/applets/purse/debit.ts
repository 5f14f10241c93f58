/**
 * DEBIT FOR PURCHASE and DEBIT FOR CAPP PURCHASE (80 54 01; plain ones of T-Union 02, second ticket 11 and 12), DEBIT
 * FOR UNLOAD (80 54 03). The one commit of a purchase: cached records, balance, counter, log and proof together.
 * PBOC 2.0 Part 2 §7 as publicly described; reference pboc.md §4.2.
 */
import {
  type CommandApdu,
  concat,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  SW_9302_MAC_INCORRECT,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { onlineMac2, purchaseMac1, purchaseMac2, purchaseSessionKey, purchaseTac, unloadMac3 } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import { tacKey } from './balances.ts';
import type { CachedUpdate, CommandResult, PendingTransaction, PurseContext } from './context.ts';
import type { PurseFile } from './image.ts';
import { readSlot, writeSlot } from './layout.ts';
import { logAndProofWrites } from './record-transaction.ts';

const TERMINAL_SEQUENCE_BYTES = 4;
const AT_BYTES = 7;
const MAC_BYTES = 4;
const PURCHASE_BYTES = TERMINAL_SEQUENCE_BYTES + AT_BYTES + MAC_BYTES;
const UNLOAD_BYTES = AT_BYTES + MAC_BYTES;
const P1_UNLOAD = 0x03;

type Purchase = Extract<PendingTransaction, { kind: 'purchase' | 'capp' }>;
type Unload = Extract<PendingTransaction, { kind: 'load' | 'unload' | 'overdraft' }>;

function isPurchaseP1({ kind, slot }: Purchase, p1: number): boolean {
  const isTicket = slot === 'second-ticket' ? p1 >> 4 === 1 : p1 >> 4 === 0;
  const operation = p1 & 0x0f;
  return isTicket && (operation === 0x01 || (operation === 0x02 && kind === 'purchase'));
}

export function cachedWrites({ files }: PurseContext, cache: readonly CachedUpdate[]): MemoryWrite[] {
  const writes: MemoryWrite[] = [];
  const cyclic = new Map<PurseFile, Uint8Array[]>();
  for (const { file, number, record } of cache) {
    if (file.type === 'cyclic') cyclic.set(file, [...(cyclic.get(file) ?? []), record]);
    else writes.push(files.recordWrite(file, number, record));
  }
  for (const [file, records] of cyclic) writes.push(...files.cyclicWrites(file, records));
  return writes;
}

function debitPurchase(context: PurseContext, pending: Purchase, data: Uint8Array): CommandResult {
  const { memory } = context;
  const { slot, type, amountFen, terminal, sequence, random, key } = pending;
  if (data.length !== PURCHASE_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const terminalSequence = data.slice(0, TERMINAL_SEQUENCE_BYTES);
  const at = data.slice(TERMINAL_SEQUENCE_BYTES, TERMINAL_SEQUENCE_BYTES + AT_BYTES);
  const session = purchaseSessionKey(key, { random, offlineSequence: sequence, terminalSequence });
  const mac1 = purchaseMac1(session, { amountFen, type, terminal, at });
  if (!constantTimeEqual(mac1, data.subarray(-MAC_BYTES))) return { sw: SW_9302_MAC_INCORRECT };
  const issuerKey = tacKey(context, key.index);
  if (issuerKey === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const mac2 = purchaseMac2(session, amountFen);
  const tac = purchaseTac(issuerKey, { amountFen, type, terminal, at, terminalSequence });
  memory.commit([
    ...cachedWrites(context, pending.cache),
    writeSlot(slot, 'balance', readSlot(memory, slot, 'balance') - amountFen),
    writeSlot(slot, 'offlineSequence', sequence + 1),
    ...logAndProofWrites(memory, { slot, type, sequence, amountFen, terminal, at, mac2, tac }),
  ]);
  return { sw: SW_9000_SUCCESS, data: concat(tac, mac2) };
}

function debitUnload(context: PurseContext, pending: Unload, data: Uint8Array): CommandResult {
  const { memory } = context;
  const { slot, type, amountFen, terminal, sequence, session } = pending;
  if (data.length !== UNLOAD_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const at = data.slice(0, AT_BYTES);
  const mac2 = onlineMac2(session, { amountFen, type, terminal, at });
  if (!constantTimeEqual(mac2, data.subarray(AT_BYTES))) return { sw: SW_9302_MAC_INCORRECT };
  const after = { balanceFen: pending.balanceFen - amountFen, onlineSequence: sequence };
  const mac3 = unloadMac3(session, { ...after, amountFen, type, terminal, at });
  const none = new Uint8Array(MAC_BYTES);
  memory.commit([
    writeSlot(slot, 'balance', readSlot(memory, slot, 'balance') - amountFen),
    writeSlot(slot, 'onlineSequence', sequence + 1),
    ...logAndProofWrites(memory, { slot, type, sequence, amountFen, terminal, at, mac2: none, tac: mac3 }),
  ]);
  return { sw: SW_9000_SUCCESS, data: mac3 };
}

export function debit(context: PurseContext, command: CommandApdu): CommandResult {
  const { session, switches } = context;
  const { transaction } = session;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  session.transaction = undefined;
  if (transaction?.kind === 'unload') {
    if (command.p1 !== P1_UNLOAD) return { sw: SW_6A86_INCORRECT_P1_P2 };
    return debitUnload(context, transaction, command.data);
  }
  if (transaction?.kind !== 'purchase' && transaction?.kind !== 'capp') return { sw: switches.outOfSequence };
  if (!isPurchaseP1(transaction, command.p1)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  return debitPurchase(context, transaction, command.data);
}
