/**
 * INIT_SAM_FOR_PURCHASE (80 70): the card's numbers in, the terminal's number of the purchase and MAC1 out; CREDIT_SAM
 * (80 72): the card's MAC2 is right. PBOC 2.0 PSAM commands as publicly described (reference pboc.md §4.5).
 *
 * Data: random 4 ‖ offline counter 2 ‖ amount 4 ‖ type 1 ‖ date 4 ‖ time 3 ‖ key version 1 ‖ algorithm 1 ‖ card serial 8
 * [‖ issuer 8 …], bottom up: the factors are applied in reverse.
 */
import {
  type CommandApdu,
  concat,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6983_AUTHENTICATION_BLOCKED,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  SW_9302_MAC_INCORRECT,
  SW_9402_COUNTER_EXHAUSTED,
  SW_9403_KEY_INDEX_UNKNOWN,
} from '@polycard/bytes';
import { constantTimeEqual, DISPERSION_FACTOR_BYTES, disperseAlong } from '@polycard/crypto';
import { balanceBytes, purchaseMac1, purchaseMac2, purchaseSessionKey } from '@polycard/emv';
import { PSAM_KEY_TYPE } from './contents.ts';
import { COUNTER_OFFSET, ERRORS_OFFSET, type PsamContext, type PsamResult } from './context.ts';

const FIXED_BYTES = 20;
const ALGORITHM_SM4 = 0x04;
const COUNTER_LAST = 0xffff_ffff;

function counterOf({ memory }: PsamContext): number {
  return memory.view(COUNTER_OFFSET, 4).reduce((sum, byte) => sum * 256 + byte, 0);
}

function countUp(context: PsamContext): void {
  context.memory.commit([{ offset: COUNTER_OFFSET, bytes: balanceBytes(counterOf(context) + 1) }]);
}

export function factorsOf(bytes: Uint8Array): Uint8Array[] {
  const factors: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += DISPERSION_FACTOR_BYTES) {
    factors.unshift(bytes.slice(offset, offset + DISPERSION_FACTOR_BYTES));
  }
  return factors;
}

export function initSamForPurchase(context: PsamContext, command: CommandApdu): PsamResult {
  const { contents, session, memory, switches } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const factorBytes = data.length - FIXED_BYTES;
  if (factorBytes < 0 || factorBytes % DISPERSION_FACTOR_BYTES !== 0) return { sw: SW_6700_WRONG_LENGTH };
  if (!session.applicationSelected) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  session.purchase = undefined;
  if (memory.u8(ERRORS_OFFSET) >= switches.macErrorsMax) return { sw: SW_6983_AUTHENTICATION_BLOCKED };
  const algorithm = data[19] === ALGORITHM_SM4 ? 'SM4' : '3DES';
  const levels = factorBytes / DISPERSION_FACTOR_BYTES;
  const key = contents.keys.find(
    (each) =>
      each.type === PSAM_KEY_TYPE.purchase &&
      each.id === data[18] &&
      each.algorithm === algorithm &&
      each.levels === levels,
  );
  if (key === undefined) return { sw: SW_9403_KEY_INDEX_UNKNOWN };
  const before = counterOf(context);
  if (before >= COUNTER_LAST) return { sw: SW_9402_COUNTER_EXHAUSTED };
  if (switches.sequenceGoesUp === 'at-init') countUp(context);
  const terminalSequence = balanceBytes(before + 1);
  const cardKey = disperseAlong(algorithm, key.key, factorsOf(data.subarray(FIXED_BYTES)));
  const purchaseKey = purchaseSessionKey(
    { algorithm, key: cardKey },
    { random: data.subarray(0, 4), offlineSequence: (data[4]! << 8) | data[5]!, terminalSequence },
  );
  const amountFen = data.subarray(6, 10).reduce((sum, byte) => sum * 256 + byte, 0);
  const at = data.slice(11, 18);
  const mac1 = purchaseMac1(purchaseKey, { amountFen, type: data[10]!, terminal: contents.terminalNo, at });
  session.purchase = { session: purchaseKey, amountFen };
  return { sw: SW_9000_SUCCESS, data: concat(terminalSequence, mac1) };
}

export function creditSam(context: PsamContext, command: CommandApdu): PsamResult {
  const { session, memory, switches } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 4) return { sw: SW_6700_WRONG_LENGTH };
  if (session.purchase === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const errors = memory.u8(ERRORS_OFFSET);
  if (errors >= switches.macErrorsMax) return { sw: SW_6983_AUTHENTICATION_BLOCKED };
  const { amountFen, session: purchaseKey } = session.purchase;
  // counted before the comparison: a PSAM torn in between has counted it
  memory.commit([{ offset: ERRORS_OFFSET, bytes: Uint8Array.of(errors + 1) }]);
  if (!constantTimeEqual(purchaseMac2(purchaseKey, amountFen), data)) return { sw: SW_9302_MAC_INCORRECT };
  session.purchase = undefined;
  memory.commit([{ offset: ERRORS_OFFSET, bytes: Uint8Array.of(0) }]);
  if (switches.sequenceGoesUp === 'at-credit') countUp(context);
  return { sw: SW_9000_SUCCESS };
}
