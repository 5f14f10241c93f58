/**
 * The issuer security domain: the card's own application, selected when nothing else is. Its commands are one file each;
 * the table is the whole list. GPC 2.3.1 §7, Table 11-1 (which command in which state).
 */
import {
  type CommandApdu,
  fromHex,
  type ResponseApdu,
  SW_6D00_INS_NOT_SUPPORTED,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6283_SELECTED_FILE_INVALIDATED,
  SW_6982_SECURITY_STATUS,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import {
  encodeCardRecognitionData,
  encodeSecurityDomainFci,
  INS_CA_GET_DATA,
  INS_D8_PUT_KEY,
  INS_E2_STORE_DATA,
  INS_E4_DELETE,
  INS_E6_INSTALL,
  INS_E8_LOAD,
  INS_F0_SET_STATUS,
  INS_F2_GET_STATUS,
  Refusal,
  STATUS_TARGET,
} from '@polycard/globalplatform';
import { CARD_STATE } from '../registry.ts';
import type { DomainCommand, DomainContext } from './context.ts';
import { deleteCommand } from './delete.ts';
import { getData } from './get-data.ts';
import { getStatus } from './get-status.ts';
import { install } from './install.ts';
import { load } from './load.ts';
import { putKey } from './put-key.ts';
import { setStatus } from './set-status.ts';
import { storeDataCommand } from './store-data.ts';

export const AID_ISSUER_DOMAIN = fromHex('A000000151000000');

const COMMAND_DATA_BYTES_MAX = 0xff;
/** GET DATA with CLA 00 under this INS lists the applications (GPC 2.3.1 §11.3). */
const INS_CB_GET_DATA = 0xcb;

/** What only an authenticated host may do. */
const MANAGEMENT: ReadonlyMap<number, DomainCommand> = new Map<number, DomainCommand>([
  [INS_D8_PUT_KEY, putKey],
  [INS_E2_STORE_DATA, storeDataCommand],
  [INS_E4_DELETE, deleteCommand],
  [INS_E6_INSTALL, install],
  [INS_E8_LOAD, load],
  [INS_F0_SET_STATUS, setStatus],
  [INS_F2_GET_STATUS, getStatus],
]);

export function selectDomain({ registry }: DomainContext): ResponseApdu {
  const { cardState, domainAid, protocol } = registry.state;
  const fci = encodeSecurityDomainFci(
    fromHex(domainAid),
    encodeCardRecognitionData([protocol]),
    COMMAND_DATA_BYTES_MAX,
  );
  return { sw: cardState === CARD_STATE.locked ? SW_6283_SELECTED_FILE_INVALIDATED : SW_9000_SUCCESS, data: fci };
}

/** A locked card lets itself be unlocked or terminated, nothing else. */
function isAllowedWhileLocked({ ins, p1 }: CommandApdu): boolean {
  return ins === INS_F0_SET_STATUS && p1 === STATUS_TARGET.card;
}

/** A command in clear, already checked by the secure channel if one is open. Throws `Refusal`. */
export function processDomainCommand(context: DomainContext, command: CommandApdu): ResponseApdu {
  const { registry, channel, session } = context;
  if (command.ins === INS_CA_GET_DATA || command.ins === INS_CB_GET_DATA) return getData(context, command);
  const { cardState } = registry.state;
  if (cardState === CARD_STATE.terminated)
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the card is terminated');
  const handler = MANAGEMENT.get(command.ins);
  if (handler === undefined) throw new Refusal(SW_6D00_INS_NOT_SUPPORTED, 'no command of a security domain');
  if (command.cla !== 0x80) throw new Refusal(SW_6E00_CLA_NOT_SUPPORTED, 'CLA of a management command');
  if (!channel.isOpen) throw new Refusal(SW_6982_SECURITY_STATUS, 'no secure channel is open');
  if (cardState === CARD_STATE.locked && !isAllowedWhileLocked(command)) {
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the card is locked');
  }
  // A sequence of blocks or of occurrences ends with any other command
  if (command.ins !== INS_E8_LOAD) session.load = undefined;
  if (command.ins !== INS_F2_GET_STATUS) session.pendingStatus = undefined;
  if (command.ins !== INS_E2_STORE_DATA) session.nextBlock = 0;
  return handler(context, command);
}
