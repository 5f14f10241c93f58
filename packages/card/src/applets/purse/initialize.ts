/**
 * INITIALIZE FOR … (80 50): opens a transaction. P1 00 load, 01 purchase, 03 CAPP purchase, 04 overdraft limit, 05
 * unload; 11 and 13 the second ticket. PBOC 2.0 Part 2 §7 as publicly described; reference pboc.md §4.2.
 */
import {
  type CommandApdu,
  concat,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
  SW_9401_BALANCE_TOO_LOW,
  SW_9402_COUNTER_EXHAUSTED,
  SW_9403_KEY_INDEX_UNKNOWN,
} from '@polycard/bytes';
import {
  balanceBytes,
  counterBytes,
  limitBytes,
  onlineMac1,
  onlineSessionKey,
  overdraftMac1,
  PURSE_TYPE,
} from '@polycard/emv';
import { availableFen, purseKey, slotOf } from './balances.ts';
import type { CommandResult, PurseContext } from './context.ts';
import { KEY_TYPE, type PurseKey, type PurseSlot } from './image.ts';
import { readSlot } from './layout.ts';

type Kind = 'load' | 'purchase' | 'capp' | 'overdraft' | 'unload';

const KIND_OF_P1: ReadonlyMap<number, { readonly kind: Kind; readonly secondTicket: boolean }> = new Map([
  [0x00, { kind: 'load', secondTicket: false }],
  [0x01, { kind: 'purchase', secondTicket: false }],
  [0x03, { kind: 'capp', secondTicket: false }],
  [0x04, { kind: 'overdraft', secondTicket: false }],
  [0x05, { kind: 'unload', secondTicket: false }],
  [0x11, { kind: 'purchase', secondTicket: true }],
  [0x13, { kind: 'capp', secondTicket: true }],
]);

const KEY_OF_KIND: Readonly<Record<Kind, number>> = {
  load: KEY_TYPE.load,
  purchase: KEY_TYPE.purchase,
  capp: KEY_TYPE.purchase,
  overdraft: KEY_TYPE.overdraft,
  unload: KEY_TYPE.unload,
};

const COUNTER_LAST = 0xffff;
/** Key index 1, amount 4, terminal 6; the overdraft limit comes without an amount. */
const DATA_BYTES = 11;
const DATA_BYTES_OVERDRAFT = 7;
const RANDOM_BYTES = 4;

interface Request {
  readonly kind: Kind;
  readonly slot: PurseSlot;
  readonly key: PurseKey;
  readonly amountFen: number;
  readonly terminal: Uint8Array;
}

/** PBOC 2.0 Part 2: whatever moves money online, and the ED always, needs the PIN; an EP purchase does not. */
function needsPin(kind: Kind, slot: PurseSlot): boolean {
  return kind === 'load' || kind === 'unload' || kind === 'overdraft' || slot === 'deposit';
}

export function typeCode(context: PurseContext, kind: Kind, slot: PurseSlot): number {
  switch (kind) {
    case 'load':
      return slot === 'deposit' ? PURSE_TYPE.loadDeposit : PURSE_TYPE.loadPurse;
    case 'purchase':
      return slot === 'deposit' ? PURSE_TYPE.purchaseDeposit : PURSE_TYPE.purchasePurse;
    case 'capp':
      return context.switches.cappTypeCode;
    case 'overdraft':
      return PURSE_TYPE.updateOverdraft;
    case 'unload':
      return PURSE_TYPE.unload;
  }
}

function parse(context: PurseContext, { cla, p1, p2, data }: CommandApdu): Request | number {
  if (cla !== 0x80) return SW_6E00_CLA_NOT_SUPPORTED;
  const opened = KIND_OF_P1.get(p1);
  const slot = opened === undefined ? undefined : slotOf(context, p2, opened.secondTicket);
  if (opened === undefined || slot === undefined) return SW_6A86_INCORRECT_P1_P2;
  const { kind } = opened;
  if (kind === 'capp' && slot === 'deposit') return SW_6A86_INCORRECT_P1_P2;
  const isOverdraft = kind === 'overdraft';
  if (data.length !== (isOverdraft ? DATA_BYTES_OVERDRAFT : DATA_BYTES)) return SW_6700_WRONG_LENGTH;
  if (needsPin(kind, slot) && !context.session.pinVerified) return SW_6982_SECURITY_STATUS;
  const key = purseKey(context, KEY_OF_KIND[kind], data[0]!);
  if (key === undefined) return SW_9403_KEY_INDEX_UNKNOWN;
  const amount = isOverdraft ? new Uint8Array(0) : data.subarray(1, 5);
  const amountFen = amount.reduce((sum, byte) => sum * 256 + byte, 0);
  return { kind, slot, key, amountFen, terminal: data.slice(-6) };
}

/** Balance 4, offline counter 2, overdraft limit 3, key version, algorithm, random 4; nothing is proved yet. */
function openPurchase(context: PurseContext, request: Request, kind: 'purchase' | 'capp'): CommandResult {
  const { memory, session } = context;
  const { slot, key, amountFen, terminal } = request;
  const available = availableFen(memory, slot);
  if (amountFen > available) return { sw: SW_9401_BALANCE_TOO_LOW };
  const sequence = readSlot(memory, slot, 'offlineSequence');
  if (sequence === COUNTER_LAST) return { sw: SW_9402_COUNTER_EXHAUSTED };
  const random = context.random(RANDOM_BYTES).slice();
  const type = typeCode(context, kind, slot);
  session.transaction = { kind, slot, type, key, amountFen, terminal, random, sequence, cache: [] };
  const limit = limitBytes(readSlot(memory, slot, 'overdraftLimit'));
  const key2 = Uint8Array.of(key.version, key.algorithmId);
  return {
    sw: SW_9000_SUCCESS,
    data: concat(balanceBytes(available), counterBytes(sequence), limit, key2, random),
  };
}

/** Balance 4, online counter 2, [overdraft limit 3], key version, algorithm, random 4, MAC1 4. */
function openOnline(context: PurseContext, request: Request, kind: 'load' | 'unload' | 'overdraft'): CommandResult {
  const { memory, session } = context;
  const { slot, key, amountFen, terminal } = request;
  const balanceFen = availableFen(memory, slot);
  if (kind === 'unload' && amountFen > balanceFen) return { sw: SW_9401_BALANCE_TOO_LOW };
  const sequence = readSlot(memory, slot, 'onlineSequence');
  if (sequence === COUNTER_LAST) return { sw: SW_9402_COUNTER_EXHAUSTED };
  if (kind === 'load') {
    const cap = readSlot(memory, slot, 'cap');
    if (cap > 0 && readSlot(memory, slot, 'balance') + amountFen > cap) return { sw: context.switches.loadBeyondCap };
  }
  const random = context.random(RANDOM_BYTES).slice();
  const type = typeCode(context, kind, slot);
  const sessionKey = onlineSessionKey(key, { random, onlineSequence: sequence });
  session.transaction = { kind, slot, type, amountFen, terminal, sequence, balanceFen, session: sessionKey };
  const limitFen = readSlot(memory, slot, 'overdraftLimit');
  const isOverdraft = kind === 'overdraft';
  const mac1 = isOverdraft
    ? overdraftMac1(sessionKey, { balanceFen, limitFen, terminal })
    : onlineMac1(sessionKey, { balanceFen, amountFen, type, terminal });
  const counters = concat(balanceBytes(balanceFen), counterBytes(sequence));
  const limit = isOverdraft ? limitBytes(limitFen) : new Uint8Array(0);
  const answer = concat(counters, limit, Uint8Array.of(key.version, key.algorithmId), random, mac1);
  return { sw: SW_9000_SUCCESS, data: answer };
}

export function initialize(context: PurseContext, command: CommandApdu): CommandResult {
  const request = parse(context, command);
  if (typeof request === 'number') return { sw: request };
  const { kind } = request;
  return kind === 'purchase' || kind === 'capp'
    ? openPurchase(context, request, kind)
    : openOnline(context, request, kind);
}
