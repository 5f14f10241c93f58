/**
 * EXTERNAL AUTHENTICATE (00 82): the issuer's cryptogram (ARPC) and response code, once, between the two GENERATE AC.
 * EMV 4.4 Book 3 §6.5.4; PBOC 3.0 Part 5 §15, Part 7 as publicly described.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6300_AUTHENTICATION_FAILED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { computeArpc, deriveSessionKey } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { scriptAlgorithm } from './issuer-script.ts';
import { FAILURES_MAX, FIELD, writeField } from './layout.ts';

const ARPC_BYTES = 8;
const DATA_BYTES = ARPC_BYTES + 2;
const CVR_AUTHENTICATION_FAILED = 0x08;

export function externalAuthenticate(context: PbocContext, command: CommandApdu): CommandResult {
  const { image, memory, session } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x00) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== DATA_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const transaction = session.debit;
  const failures = memory.u8(FIELD.authenticationFailures.offset);
  if (failures >= FAILURES_MAX || transaction?.phase !== 'first') return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const fail = (sw: number): CommandResult => {
    transaction.authenticationFailed = true;
    session.cvr[0]! |= CVR_AUTHENTICATION_FAILED;
    return { sw };
  };
  if (transaction.externalAuthentications > 0) return fail(SW_6985_CONDITIONS_NOT_SATISFIED);
  transaction.externalAuthentications++;
  const algorithm = scriptAlgorithm(context);
  const skAc = deriveSessionKey(algorithm, image.keyAc, transaction.atc);
  const arc = data.slice(ARPC_BYTES);
  const arpc = computeArpc(algorithm, skAc, transaction.firstCryptogram, arc);
  if (!constantTimeEqual(arpc, data.subarray(0, ARPC_BYTES))) {
    memory.commit([writeField('authenticationFailures', Uint8Array.of(failures + 1))]);
    return fail(SW_6300_AUTHENTICATION_FAILED);
  }
  if (failures > 0) memory.commit([writeField('authenticationFailures', Uint8Array.of(0))]);
  transaction.authenticationFailed = false;
  transaction.authorisationResponse = arc;
  return { sw: SW_9000_SUCCESS };
}
