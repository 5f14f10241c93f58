/**
 * GET BALANCE (80 5C): P2 the purse (01 ED, 02 EP), P1 which of a T-Union ticket's values (`balanceSelections`), the
 * second ticket's from 06 on. PBOC 2.0 Part 2 §7 and T-Union's laboratory list, reference pboc.md §4.1.
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6982_SECURITY_STATUS,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { balanceBytes } from '@polycard/emv';
import { selectedBalanceFen, slotOf } from './balances.ts';
import type { CommandResult, PurseContext } from './context.ts';

const SECOND_TICKET_FROM = 0x06;
const BALANCE_BYTES = 4;

export function getBalance(context: PurseContext, command: CommandApdu): CommandResult {
  const { switches, session } = context;
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const isSecond = command.p1 >= SECOND_TICKET_FROM;
  const selection = switches.balanceSelections[isSecond ? command.p1 - SECOND_TICKET_FROM : command.p1];
  const slot = slotOf(context, command.p2, isSecond);
  if (slot === undefined || selection === undefined) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const { data, le } = command;
  if (data.length !== 0 || (le !== BALANCE_BYTES && le !== 256)) return { sw: SW_6700_WRONG_LENGTH };
  if (slot === 'deposit' && switches.depositBalanceNeedsPin && !session.pinVerified)
    return { sw: SW_6982_SECURITY_STATUS };
  return { sw: SW_9000_SUCCESS, data: balanceBytes(selectedBalanceFen(context, slot, selection)) };
}
