/**
 * GET TRANSACTION PROVE (80 5A 00 type, data counter 2): MAC2 and TAC of the last transaction, for a terminal that lost
 * the answer. Which counter it asks with is a switch. PBOC 2.0 Part 2 §7 as publicly described; reference pboc.md §4.4.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
  SW_9406_PROOF_NOT_AVAILABLE,
} from '@polycard/bytes';
import type { CommandResult, PurseContext } from './context.ts';
import { FIELD } from './layout.ts';

export function getTransactionProve({ memory, switches }: PurseContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || p2 === 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== 2) return { sw: SW_6700_WRONG_LENGTH };
  const { offset, lengthBytes } = FIELD.proof;
  const proof = memory.view(offset, lengthBytes);
  const after = (proof[1]! << 8) | proof[2]!;
  const asked = (data[0]! << 8) | data[1]!;
  const isAsked =
    (asked === after && switches.proofNumber !== 'before') || (asked === after - 1 && switches.proofNumber !== 'after');
  if (proof[0] !== p2 || !isAsked) return { sw: SW_9406_PROOF_NOT_AVAILABLE };
  return { sw: SW_9000_SUCCESS, data: proof.slice(3) };
}
