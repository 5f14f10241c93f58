/**
 * Cryptography of the electronic purse (ED/EP), the same for card, PSAM and host. PBOC 2.0 Parts 1 and 2 and
 * JT/T 978 as publicly described (reference pboc.md §4.3, vectors V6 and V7).
 *
 * 3DES: an 8-byte session key and single-DES CBC-MACs. SM4: no public source gives the inputs; the reading here (same
 * input filled with 80 00.. to one block, MAC = SM4 CBC-MAC, TAC key as it is) is an assumption, in one place.
 */
import { concat, PolycardError, xor } from '@polycard/bytes';
import {
  type Algorithm,
  decryptBlocks,
  ecbMode,
  encryptBlocks,
  macAlgorithm3,
  macDes,
  macSm4,
  pad80,
} from '@polycard/crypto';

export const PURSE_MAC_BYTES = 4;
export const PURSE_CHALLENGE_BYTES = 4;

/** Transaction type byte of MACs, TAC and log; PBOC 2.0 Part 2 Table "交易类型标识" as publicly described. */
export const PURSE_TYPE = {
  loadDeposit: 0x01,
  loadPurse: 0x02,
  unload: 0x03,
  withdraw: 0x04,
  purchaseDeposit: 0x05,
  purchasePurse: 0x06,
  updateOverdraft: 0x07,
  creditPurchase: 0x08,
  cappPurchase: 0x09,
} as const;

/** Key of one transaction: 8 bytes for DES, 16 for SM4. */
export interface PurseSessionKey {
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
}

/** What every purse MAC speaks of. */
export interface PurseTransaction {
  readonly amountFen: number;
  /** `PURSE_TYPE`. */
  readonly type: number;
  /** Terminal number, 6 bytes. */
  readonly terminal: Uint8Array;
  /** YYYYMMDDhhmmss, 7 BCD bytes. */
  readonly at: Uint8Array;
}

export interface PurseCardKey {
  readonly algorithm: Algorithm;
  /** Dispersed to the card, 16 bytes. */
  readonly key: Uint8Array;
}

/** Four bytes, two's complement: a purse in overdraft has a negative balance. */
export function balanceBytes(fen: number): Uint8Array {
  if (!Number.isInteger(fen) || fen < -0x8000_0000 || fen > 0xffff_ffff) {
    throw new PolycardError('POLYCARD_PURSE_AMOUNT', `${fen} fen do not fit four bytes`, { where: 'amount' });
  }
  return Uint8Array.of((fen >> 24) & 0xff, (fen >> 16) & 0xff, (fen >> 8) & 0xff, fen & 0xff);
}

/** Two bytes of a transaction counter. */
export function counterBytes(counter: number): Uint8Array {
  return Uint8Array.of((counter >> 8) & 0xff, counter & 0xff);
}

function sessionKey({ algorithm, key }: PurseCardKey, input: Uint8Array): PurseSessionKey {
  const block = algorithm === '3DES' ? input : pad80(input, 16);
  return { algorithm, key: encryptBlocks(ecbMode(algorithm), key, block) };
}

/** SESPK: random 4 ‖ offline counter 2 ‖ last two bytes of the terminal's number of the transaction. */
export function purchaseSessionKey(
  cardKey: PurseCardKey,
  input: { readonly random: Uint8Array; readonly offlineSequence: number; readonly terminalSequence: Uint8Array },
): PurseSessionKey {
  return sessionKey(
    cardKey,
    concat(input.random, counterBytes(input.offlineSequence), input.terminalSequence.subarray(-2)),
  );
}

/** SESLK: random 4 ‖ online counter 2 ‖ 8000. Load, unload and change of the overdraft limit make theirs alike. */
export function onlineSessionKey(
  cardKey: PurseCardKey,
  input: { readonly random: Uint8Array; readonly onlineSequence: number },
): PurseSessionKey {
  return sessionKey(cardKey, concat(input.random, counterBytes(input.onlineSequence), Uint8Array.of(0x80, 0x00)));
}

/** First four bytes of the CBC-MAC under a session key. */
export function sessionMac({ algorithm, key }: PurseSessionKey, data: Uint8Array): Uint8Array {
  return (algorithm === '3DES' ? macDes(key, data) : macSm4(key, data)).slice(0, PURSE_MAC_BYTES);
}

const typeOf = (type: number): Uint8Array => Uint8Array.of(type);

/** MAC1 of a purchase, made by the PSAM. `suffix` is what a city adds (one adds nine bytes of the card's UID). */
export function purchaseMac1(session: PurseSessionKey, t: PurseTransaction, suffix = new Uint8Array(0)): Uint8Array {
  return sessionMac(session, concat(balanceBytes(t.amountFen), typeOf(t.type), t.terminal, t.at, suffix));
}

/** MAC2 of a purchase, made by the card. */
export function purchaseMac2(session: PurseSessionKey, amountFen: number): Uint8Array {
  return sessionMac(session, balanceBytes(amountFen));
}

/** MAC under the TAC key: its halves exclusive-ored to one DES key; an SM4 key as it is. */
function tacMac({ algorithm, key }: PurseCardKey, data: Uint8Array): Uint8Array {
  const mac = algorithm === '3DES' ? macDes(xor(key.subarray(0, 8), key.subarray(8)), data) : macSm4(key, data);
  return mac.slice(0, PURSE_MAC_BYTES);
}

/** TAC of a purchase: what the issuer believes. `terminalSequence` has four bytes. */
export function purchaseTac(
  tacKey: PurseCardKey,
  t: PurseTransaction & { readonly terminalSequence: Uint8Array },
): Uint8Array {
  return tacMac(tacKey, concat(balanceBytes(t.amountFen), typeOf(t.type), t.terminal, t.terminalSequence, t.at));
}

/** MAC1 of load and unload: the card shows the host its balance. */
export function onlineMac1(
  session: PurseSessionKey,
  t: { readonly balanceFen: number; readonly amountFen: number; readonly type: number; readonly terminal: Uint8Array },
): Uint8Array {
  return sessionMac(session, concat(balanceBytes(t.balanceFen), balanceBytes(t.amountFen), typeOf(t.type), t.terminal));
}

/** MAC2 of load and unload: the host's approval. */
export function onlineMac2(session: PurseSessionKey, t: PurseTransaction): Uint8Array {
  return sessionMac(session, concat(balanceBytes(t.amountFen), typeOf(t.type), t.terminal, t.at));
}

interface AfterOnline extends PurseTransaction {
  /** Balance after the transaction. */
  readonly balanceFen: number;
  /** Counter before it went up. */
  readonly onlineSequence: number;
}

const afterOnline = (t: AfterOnline): Uint8Array =>
  concat(
    balanceBytes(t.balanceFen),
    counterBytes(t.onlineSequence),
    balanceBytes(t.amountFen),
    typeOf(t.type),
    t.terminal,
    t.at,
  );

/** TAC of a load. */
export function loadTac(tacKey: PurseCardKey, t: AfterOnline): Uint8Array {
  return tacMac(tacKey, afterOnline(t));
}

/** MAC3 of an unload: the card says it gave the money away (input as of the load's TAC; general knowledge). */
export function unloadMac3(session: PurseSessionKey, t: AfterOnline): Uint8Array {
  return sessionMac(session, afterOnline(t));
}

/** The change of an overdraft limit, PBOC 2.0 Part 2 UPDATE OVERDRAFT LIMIT (inputs from general knowledge). */
export interface OverdraftChange {
  /** Three bytes, fen. */
  readonly newLimitFen: number;
  readonly terminal: Uint8Array;
  readonly at: Uint8Array;
}

/** Three bytes of an overdraft limit. */
export function limitBytes(fen: number): Uint8Array {
  if (!Number.isInteger(fen) || fen < 0 || fen > 0xff_ffff) {
    throw new PolycardError('POLYCARD_PURSE_AMOUNT', `an overdraft limit of ${fen} fen does not fit three bytes`, {
      where: 'overdraft limit',
    });
  }
  return Uint8Array.of(fen >> 16, (fen >> 8) & 0xff, fen & 0xff);
}

export function overdraftMac1(
  session: PurseSessionKey,
  t: { readonly balanceFen: number; readonly limitFen: number; readonly terminal: Uint8Array },
): Uint8Array {
  const type = typeOf(PURSE_TYPE.updateOverdraft);
  return sessionMac(session, concat(balanceBytes(t.balanceFen), limitBytes(t.limitFen), type, t.terminal));
}

export function overdraftMac2(session: PurseSessionKey, t: OverdraftChange): Uint8Array {
  const type = typeOf(PURSE_TYPE.updateOverdraft);
  return sessionMac(session, concat(limitBytes(t.newLimitFen), type, t.terminal, t.at));
}

export function overdraftTac(
  tacKey: PurseCardKey,
  t: OverdraftChange & { readonly balanceFen: number; readonly onlineSequence: number },
): Uint8Array {
  const type = typeOf(PURSE_TYPE.updateOverdraft);
  const counters = concat(balanceBytes(t.balanceFen), counterBytes(t.onlineSequence));
  return tacMac(tacKey, concat(counters, limitBytes(t.newLimitFen), type, t.terminal, t.at));
}

/**
 * Secure messaging format 2 of purse commands (线路保护): four bytes over header (Lc with the MAC) and data, IV the
 * challenge filled with zeros.
 */
export function lineProtectionMac(
  { algorithm, key }: PurseCardKey,
  challenge: Uint8Array,
  header: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const iv = new Uint8Array(algorithm === '3DES' ? 8 : 16);
  iv.set(challenge.subarray(0, iv.length));
  const message = concat(header, data);
  const mac = algorithm === '3DES' ? macAlgorithm3(key, message, iv) : macSm4(key, message, iv);
  return mac.slice(0, PURSE_MAC_BYTES);
}

/** Length byte ‖ data, filled with 80 00.. only when that is no whole block; ECB. */
export function encipherLine({ algorithm, key }: PurseCardKey, plain: Uint8Array): Uint8Array {
  const blockBytes = algorithm === '3DES' ? 8 : 16;
  const body = concat(Uint8Array.of(plain.length), plain);
  return encryptBlocks(ecbMode(algorithm), key, body.length % blockBytes === 0 ? body : pad80(body, blockBytes));
}

/** Undefined when the deciphered text is none of ours. */
export function decipherLine({ algorithm, key }: PurseCardKey, enciphered: Uint8Array): Uint8Array | undefined {
  const blockBytes = algorithm === '3DES' ? 8 : 16;
  if (enciphered.length === 0 || enciphered.length % blockBytes !== 0) return undefined;
  const body = decryptBlocks(ecbMode(algorithm), key, enciphered);
  const end = 1 + body[0]!;
  if (end > body.length || body.length - end > blockBytes) return undefined;
  const isFilled = body.subarray(end).every((byte, index) => byte === (index === 0 ? 0x80 : 0x00));
  return isFilled ? body.slice(1, end) : undefined;
}

/** MAC of RELOAD PIN: DES with the exclusive-ored halves of the reload key, IV zero. */
export function reloadPinMac(key: PurseCardKey, data: Uint8Array): Uint8Array {
  return tacMac(key, data);
}
