/**
 * Answer to GENERATE AC: format 1 (80), or template 77 with the combined signature (CDA).
 * EMV 4.4 Book 3 §6.5.5, Book 2 §6.6.1; PBOC 3.0 Part 5 as publicly described. An AAC is never signed.
 */
import { concat, encodeTlv } from '@polycard/bytes';
import type { DynamicSigner } from '@polycard/emv';
import { applicationCryptogram, issuerApplicationData, type ShownAmounts } from './application-data.ts';
import type { PbocContext } from './context.ts';
import type { DebitTransaction, TerminalValues } from './session.ts';

export interface CryptogramAnswer {
  readonly data: Uint8Array;
  readonly cryptogram: Uint8Array;
}

/** `cdol` are the values of this GENERATE AC; `signer` asks for a combined signature. */
export function answerWithCryptogram(
  context: PbocContext,
  transaction: DebitTransaction,
  cdol: TerminalValues,
  answer: { readonly cid: number; readonly amounts: ShownAmounts; readonly signer: DynamicSigner | undefined },
): CryptogramAnswer {
  const { atc, aip, pdol, cdol1, cdol2 } = transaction;
  const { cid, amounts, signer } = answer;
  const template = context.image.debitCreditIad ?? context.image.qpbocIad!;
  const cvr = context.session.cvr.slice();
  const ac = applicationCryptogram(context, template, (tag) => cdol.byTag.get(tag), { atc, cvr, aip });
  const iad = issuerApplicationData(context, template, { atc, cvr }, amounts);
  const atcBytes = Uint8Array.of(atc >> 8, atc & 0xff);
  if (signer === undefined) {
    return { data: encodeTlv('80', concat(Uint8Array.of(cid), atcBytes, ac, iad)), cryptogram: ac };
  }
  const before = concat(encodeTlv('9F27', Uint8Array.of(cid)), encodeTlv('9F36', atcBytes));
  const after = encodeTlv('9F10', iad);
  const lists = [pdol, cdol1, cdol2].filter((list) => list !== undefined);
  const signature = signer.cda(
    { atc, cid, ac },
    {
      unpredictableNumber: cdol.byTag.get('9F37') ?? new Uint8Array(4),
      transactionData: lists.map((list) => list.data),
      responseObjects: [before, after],
    },
  );
  return { data: encodeTlv('77', concat(before, encodeTlv('9F4B', signature), after)), cryptogram: ac };
}
