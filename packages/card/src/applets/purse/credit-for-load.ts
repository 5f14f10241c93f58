/** CREDIT FOR LOAD (80 52): the host's MAC2 puts the money into the purse. PBOC 2.0 Part 2 §7 as publicly described. */
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
import { loadTac, onlineMac2 } from '@polycard/emv';
import { tacKey } from './balances.ts';
import type { CommandResult, PurseContext } from './context.ts';
import { readSlot, writeSlot } from './layout.ts';
import { logAndProofWrites } from './record-transaction.ts';

const AT_BYTES = 7;
const DATA_BYTES = AT_BYTES + 4;

export function creditForLoad(context: PurseContext, command: CommandApdu): CommandResult {
  const { session, memory, switches } = context;
  const { transaction } = session;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (transaction?.kind !== 'load') return { sw: switches.outOfSequence };
  session.transaction = undefined;
  // T-Union sends P2 02 here, the older specification 00
  if (command.p1 !== 0 || (command.p2 !== 0 && command.p2 !== 0x02)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (command.data.length !== DATA_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const { slot, type, amountFen, terminal, sequence } = transaction;
  const at = command.data.slice(0, AT_BYTES);
  const mac2 = onlineMac2(transaction.session, { amountFen, type, terminal, at });
  if (!constantTimeEqual(mac2, command.data.subarray(AT_BYTES))) return { sw: SW_9302_MAC_INCORRECT };
  const key = tacKey(context, 0);
  if (key === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const after = { balanceFen: transaction.balanceFen + amountFen, onlineSequence: sequence };
  const tac = loadTac(key, { ...after, amountFen, type, terminal, at });
  memory.commit([
    writeSlot(slot, 'balance', readSlot(memory, slot, 'balance') + amountFen),
    writeSlot(slot, 'onlineSequence', sequence + 1),
    ...logAndProofWrites(memory, { slot, type, sequence, amountFen, terminal, at, mac2: new Uint8Array(4), tac }),
  ]);
  return { sw: SW_9000_SUCCESS, data: tac };
}
