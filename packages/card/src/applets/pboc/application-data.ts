/**
 * What every cryptogram answer carries: the application cryptogram and the issuer application data (9F10) with its
 * discretionary part. PBOC 3.0 Part 5 Annexes C, D as publicly described; the same for qPBOC and GENERATE AC.
 */
import { bcdFromNumber, concat } from '@polycard/bytes';
import {
  buildCryptogramInput,
  CVN_01,
  CVN_17,
  computeApplicationCryptogram,
  computeIddMac,
  deriveSessionKey,
  encodeIssuerApplicationData,
  type IssuerApplicationData,
} from '@polycard/emv';
import { availableOfflineAmount, cttaLimit, readAmount } from './balances.ts';
import type { PbocContext } from './context.ts';
import type { TerminalData } from './get-processing-options.ts';

/** Amounts as they stand when the answer goes out, in fen. */
export interface ShownAmounts {
  readonly balance: number;
  readonly ctta: number;
}

export interface AnswerFacts {
  readonly atc: number;
  /** 3 bytes. */
  readonly cvr: Uint8Array;
}

/** 9F5D, in fen. */
export function shownAvailableAmount({ image, memory }: PbocContext, amounts: ShownAmounts): number {
  return availableOfflineAmount(image.fixed.get('9F68') ?? new Uint8Array(4), {
    ...amounts,
    cttaLimit: cttaLimit(memory),
  });
}

/** Low five bytes of the amounts that discretionary data show (reference §1.4). */
function discretionaryValue(context: PbocContext, id: number, amounts: ShownAmounts): Uint8Array {
  const low = (amount: number) => bcdFromNumber(amount, 6).subarray(1);
  switch (id) {
    case 2:
      return low(amounts.ctta);
    case 3:
      return concat(low(amounts.balance), low(amounts.ctta));
    case 4:
      return concat(low(amounts.ctta), low(readAmount(context.memory, '9F54')));
    case 5:
      return low(shownAvailableAmount(context, amounts));
    default:
      return low(amounts.balance);
  }
}

export function issuerApplicationData(
  context: PbocContext,
  template: IssuerApplicationData,
  { atc, cvr }: AnswerFacts,
  amounts: ShownAmounts,
): Uint8Array {
  if (template.discretionary === undefined) return encodeIssuerApplicationData({ ...template, cvr });
  const { id } = template.discretionary;
  const value = discretionaryValue(context, id, amounts);
  const skMac = deriveSessionKey(template.algorithm, context.image.keyMac, atc);
  const mac = computeIddMac(template.algorithm, skMac, { atc, value }, context.switches.iddMacPadding);
  return encodeIssuerApplicationData({ ...template, cvr, discretionary: { id, value, mac } });
}

/** 9F26, 8 bytes, over the terminal's values; one it did not send counts as zero. */
export function applicationCryptogram(
  { image }: PbocContext,
  template: IssuerApplicationData,
  terminal: TerminalData,
  { atc, cvr, aip }: AnswerFacts & { readonly aip: Uint8Array },
): Uint8Array {
  const take = (tag: string, lengthBytes: number): Uint8Array => {
    const found = terminal(tag);
    return found?.length === lengthBytes ? found : new Uint8Array(lengthBytes);
  };
  const input = buildCryptogramInput(template.cvn === CVN_01 ? CVN_01 : CVN_17, {
    amountAuthorised: take('9F02', 6),
    amountOther: take('9F03', 6),
    terminalCountry: take('9F1A', 2),
    tvr: take('95', 5),
    currency: take('5F2A', 2),
    date: take('9A', 3),
    transactionType: take('9C', 1),
    unpredictableNumber: take('9F37', 4),
    aip,
    atc,
    cvr,
  });
  const skAc = deriveSessionKey(template.algorithm, image.keyAc, atc);
  return computeApplicationCryptogram(template.algorithm, skAc, input);
}
