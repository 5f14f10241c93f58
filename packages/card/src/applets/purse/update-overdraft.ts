/** UPDATE OVERDRAFT LIMIT (80 58): a new limit under the host's MAC2, never below what is already used. PBOC 2.0 Part 2 §7. */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  SW_9302_MAC_INCORRECT,
} from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { overdraftMac2, overdraftTac } from '@polycard/emv';
import { tacKey } from './balances.ts';
import type { CommandResult, PurseContext } from './context.ts';
import { readSlot, writeSlot } from './layout.ts';
import { logAndProofWrites } from './record-transaction.ts';

const LIMIT_BYTES = 3;
const AT_BYTES = 7;
const DATA_BYTES = LIMIT_BYTES + AT_BYTES + 4;

export function updateOverdraft(context: PurseContext, command: CommandApdu): CommandResult {
  const { session, memory, switches } = context;
  const { transaction } = session;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (transaction?.kind !== 'overdraft') return { sw: switches.outOfSequence };
  session.transaction = undefined;
  if (command.p1 !== 0 || command.p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const { data } = command;
  if (data.length !== DATA_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const { slot, type, terminal, sequence } = transaction;
  const newLimitFen = (data[0]! << 16) | (data[1]! << 8) | data[2]!;
  const at = data.slice(LIMIT_BYTES, LIMIT_BYTES + AT_BYTES);
  const mac2 = overdraftMac2(transaction.session, { newLimitFen, terminal, at });
  if (!constantTimeEqual(mac2, data.subarray(LIMIT_BYTES + AT_BYTES))) return { sw: SW_9302_MAC_INCORRECT };
  const balance = readSlot(memory, slot, 'balance');
  const key = tacKey(context, 0);
  if (key === undefined || balance + newLimitFen < 0) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const tac = overdraftTac(key, {
    balanceFen: balance + newLimitFen,
    onlineSequence: sequence,
    newLimitFen,
    terminal,
    at,
  });
  const done = { slot, type, sequence, amountFen: newLimitFen, terminal, at, mac2: new Uint8Array(4), tac };
  memory.commit([
    writeSlot(slot, 'overdraftLimit', newLimitFen),
    writeSlot(slot, 'onlineSequence', sequence + 1),
    ...logAndProofWrites(memory, done),
  ]);
  return { sw: SW_9000_SUCCESS, data: tac };
}
