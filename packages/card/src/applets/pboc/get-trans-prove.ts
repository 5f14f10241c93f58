/** GET TRANS PROVE (80 5A): the TC of the last committed extended transaction. PBOC 3.0 Part 14 Annex C as publicly described. */
import {
  type CommandApdu,
  equalBytes,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
  SW_9406_PROOF_NOT_AVAILABLE,
} from '@polycard/bytes';
import { readField } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { FIELD } from './layout.ts';

export function getTransProve({ memory }: PbocContext, command: CommandApdu): CommandResult {
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (command.data.length !== 2) return { sw: SW_6700_WRONG_LENGTH };
  // A card without any extended transaction has no proof for ATC 0000 either (the recorded card answers zeros).
  const present = memory.u8(FIELD.proofPresent.offset) !== 0;
  if (!present || !equalBytes(readField(memory, 'proofAtc'), command.data)) return { sw: SW_9406_PROOF_NOT_AVAILABLE };
  return { sw: SW_9000_SUCCESS, data: readField(memory, 'proofTc').slice() };
}
