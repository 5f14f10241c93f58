/**
 * Amounts of extended transactions: segment deduction with its allowance (DF60 = 01), offline pre-authorisation (02)
 * and completion (03). PBOC 3.0 Part 14 §5.2, §6.2 as publicly described; numbers checked against scripts 47-002
 * and 46-007.
 */
import {
  bcdFromNumber,
  concat,
  numberFromBcd,
  SW_6971_PREAUTH_SLOTS_FULL,
  SW_6972_PREAUTH_ALREADY_OPEN,
  SW_6973_NO_PREAUTH_TO_COMPLETE,
  SW_6985_CONDITIONS_NOT_SATISFIED,
} from '@polycard/bytes';
import { CAPP_INDICATOR } from '@polycard/emv';
import type { MemoryWrite, PersistentMemory } from '../../os/memory.ts';
import { readAmount, writeAmount } from './balances.ts';
import { FIELD, PREAUTHORISATION_BYTES, PREAUTHORISATION_SLOTS } from './layout.ts';
import type { CappRead } from './session.ts';

export interface ExtendedContext {
  /** What risk management may use in place of the balance. */
  readonly usable: number;
  /** Balance after an approved transaction; meaningless (and perhaps below 0) when it is not approved. */
  readonly balanceAfter: number;
  /** Writes beside the balance, once approved: allowance used, pre-authorisation slot. */
  readonly writes: () => MemoryWrite[];
}

const FREE_SLOT = new Uint8Array(PREAUTHORISATION_BYTES);

function slotView(memory: PersistentMemory, slot: number): Uint8Array {
  return memory.view(FIELD.preAuthorisations.offset + slot * PREAUTHORISATION_BYTES, PREAUTHORISATION_BYTES);
}

function slotWrite(slot: number, bytes: Uint8Array): MemoryWrite {
  return { offset: FIELD.preAuthorisations.offset + slot * PREAUTHORISATION_BYTES, bytes };
}

function slotOf(memory: PersistentMemory, read: CappRead): number | undefined {
  for (let slot = 0; slot < PREAUTHORISATION_SLOTS; slot++) {
    const view = slotView(memory, slot);
    if (view[0] === read.sfi && ((view[1]! << 8) | view[2]!) === read.id) return slot;
  }
  return undefined;
}

function freeSlot(memory: PersistentMemory): number | undefined {
  for (let slot = 0; slot < PREAUTHORISATION_SLOTS; slot++) if (slotView(memory, slot)[0] === 0) return slot;
  return undefined;
}

/** Sum of all open pre-authorisations: a load must leave room for them. */
export function openPreAuthorisations(memory: PersistentMemory): number {
  let sum = 0;
  for (let slot = 0; slot < PREAUTHORISATION_SLOTS; slot++) sum += numberFromBcd(slotView(memory, slot).subarray(3));
  return sum;
}

/** The allowance (DF62) steps in for what the balance does not hold, when it covers the whole rest. */
function segmentDeduction(memory: PersistentMemory, balance: number, amount: number): ExtendedContext {
  const limit = readAmount(memory, 'DF62');
  const used = readAmount(memory, 'DF63');
  const withAllowance = limit > 0 ? balance + limit - used : balance;
  const usable = withAllowance >= amount ? withAllowance : balance;
  if (amount <= balance) return { usable, balanceAfter: balance - amount, writes: () => [] };
  return { usable, balanceAfter: 0, writes: () => [writeAmount('DF63', used + amount - balance)] };
}

function preAuthorisation(
  memory: PersistentMemory,
  balance: number,
  amount: number,
  read: CappRead,
): ExtendedContext | number {
  if (slotOf(memory, read) !== undefined) return SW_6972_PREAUTH_ALREADY_OPEN;
  const slot = freeSlot(memory);
  if (slot === undefined) return SW_6971_PREAUTH_SLOTS_FULL;
  const context = concat(Uint8Array.of(read.sfi, read.id >> 8, read.id & 0xff), bcdFromNumber(amount, 6));
  return { usable: balance, balanceAfter: balance - amount, writes: () => [slotWrite(slot, context)] };
}

function completion(
  memory: PersistentMemory,
  balance: number,
  amount: number,
  read: CappRead,
): ExtendedContext | number {
  const slot = slotOf(memory, read);
  if (slot === undefined) return SW_6973_NO_PREAUTH_TO_COMPLETE;
  const reserved = numberFromBcd(slotView(memory, slot).subarray(3));
  const usable = balance + reserved >= amount ? balance + reserved : balance;
  const release = slotWrite(slot, FREE_SLOT);
  const used = readAmount(memory, 'DF63');
  if (amount >= reserved || used === 0)
    return { usable, balanceAfter: balance + reserved - amount, writes: () => [release] };
  // What is left of the reserved amount first pays back the allowance; the balance is 0 while any of it is used.
  const rest = reserved - amount;
  if (rest > used)
    return { usable, balanceAfter: balance + rest - used, writes: () => [release, writeAmount('DF63', 0)] };
  return { usable, balanceAfter: balance, writes: () => [release, writeAmount('DF63', used - rest)] };
}

/** Gives the context, or the status word that ends the transaction. `capp` is DF60; values above 3 are no extension. */
export function extendedContext(
  memory: PersistentMemory,
  capp: number,
  facts: { balance: number; amount: number; read: CappRead | undefined },
): ExtendedContext | number {
  const { balance, amount, read } = facts;
  switch (capp) {
    case CAPP_INDICATOR.segmentDeduction:
      return segmentDeduction(memory, balance, amount);
    case CAPP_INDICATOR.preAuthorisation:
      return read === undefined ? SW_6985_CONDITIONS_NOT_SATISFIED : preAuthorisation(memory, balance, amount, read);
    case CAPP_INDICATOR.completion:
      return read === undefined ? SW_6985_CONDITIONS_NOT_SATISFIED : completion(memory, balance, amount, read);
    default:
      return { usable: balance, balanceAfter: balance - amount, writes: () => [] };
  }
}
