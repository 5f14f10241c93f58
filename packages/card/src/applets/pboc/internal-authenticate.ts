/**
 * INTERNAL AUTHENTICATE (00 88): the dynamic signature of DDA over the terminal's DDOL values.
 * EMV 4.4 Book 3 §6.5.9, Book 2 §6.5; PBOC 3.0 Part 7 as publicly described. Before the first GENERATE AC of a debit/credit transaction.
 */
import {
  type CommandApdu,
  dolLengthBytes,
  encodeTlv,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, PbocContext } from './context.ts';
import { dynamicSigner } from './dynamic-signature.ts';

const AIP_DDA = 0x20;
const CVR_DDA_PERFORMED = 0x02;

export function internalAuthenticate(context: PbocContext, command: CommandApdu): CommandResult {
  const { image, session } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== dolLengthBytes(image.ddol)) return { sw: SW_6700_WRONG_LENGTH };
  const transaction = session.debit;
  if (transaction?.phase !== 'initiated') return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if ((transaction.aip[0]! & AIP_DDA) === 0) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const signer = dynamicSigner(image.groupings, transaction.pdol.byTag.get('DF69'), context.random);
  if (signer === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  session.cvr[2]! |= CVR_DDA_PERFORMED;
  return { sw: SW_9000_SUCCESS, data: encodeTlv('80', signer.dda(transaction.atc, data)) };
}
