/** Balances of a purse and the overdraft that widens them. PBOC 2.0 Part 2; T-Union's five values, reference pboc.md §4.1. */
import type { PersistentMemory } from '../../os/memory.ts';
import type { PurseContext } from './context.ts';
import { KEY_TYPE, type PurseKey, type PurseSlot } from './image.ts';
import { readSlot } from './layout.ts';
import type { BalanceSelection } from './switches.ts';

/** P2 of purse commands: 01 ED, 02 EP; P1 bit 5 is the second ticket of a T-Union card. Undefined when the card has no such purse. */
export function slotOf({ memory }: PurseContext, p2: number, secondTicket: boolean): PurseSlot | undefined {
  const slot =
    p2 === 0x01 && !secondTicket ? 'deposit' : p2 === 0x02 ? (secondTicket ? 'second-ticket' : 'purse') : undefined;
  return slot !== undefined && readSlot(memory, slot, 'exists') !== 0 ? slot : undefined;
}

/** What may be spent: the balance and the overdraft allowance. */
export function availableFen(memory: PersistentMemory, slot: PurseSlot): number {
  return readSlot(memory, slot, 'balance') + readSlot(memory, slot, 'overdraftLimit');
}

export function selectedBalanceFen(
  { memory, switches }: PurseContext,
  slot: PurseSlot,
  what: BalanceSelection,
): number {
  const balance = readSlot(memory, slot, 'balance');
  switch (what) {
    case 'available':
      return availableFen(memory, slot);
    case 'overdraft-limit':
      return readSlot(memory, slot, 'overdraftLimit');
    case 'overdraft-used':
      return Math.max(0, -balance);
    case 'actual':
      return switches.actualBalance === 'signed' ? balance : Math.max(0, balance);
    case 'cap':
      return readSlot(memory, slot, 'cap');
  }
}

export function purseKey({ image }: PurseContext, type: number, index: number): PurseKey | undefined {
  return image.keys.find((key) => key.type === type && key.index === index);
}

/** The TAC key that belongs to a transaction key: the one of the same index, else the first. */
export function tacKey({ image }: PurseContext, index: number): PurseKey | undefined {
  const keys = image.keys.filter((key) => key.type === KEY_TYPE.tac);
  return keys.find((key) => key.index === index) ?? keys[0];
}
