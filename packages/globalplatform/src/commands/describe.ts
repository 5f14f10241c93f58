/** Names and status words of every command, from the one file of each. */
import { type CommandApdu, describeStatusWord, toHex } from '@polycard/bytes';
import { DELETE_STATUS_WORDS, INS_E4_DELETE } from './delete.ts';
import { EXTERNAL_AUTHENTICATE_STATUS_WORDS, INS_82_EXTERNAL_AUTHENTICATE } from './external-authenticate.ts';
import { GET_DATA_STATUS_WORDS, INS_CA_GET_DATA } from './get-data.ts';
import { GET_STATUS_STATUS_WORDS, INS_F2_GET_STATUS } from './get-status.ts';
import { INITIALIZE_UPDATE_STATUS_WORDS, INS_50_INITIALIZE_UPDATE } from './initialize-update.ts';
import { INS_E6_INSTALL, INSTALL_STATUS_WORDS } from './install.ts';
import { INS_E8_LOAD, LOAD_STATUS_WORDS } from './load.ts';
import { INS_D8_PUT_KEY, PUT_KEY_STATUS_WORDS } from './put-key.ts';
import { INS_A4_SELECT, SELECT_STATUS_WORDS } from './select.ts';
import { INS_F0_SET_STATUS, SET_STATUS_STATUS_WORDS } from './set-status.ts';
import { GENERAL_STATUS_WORDS, type StatusWordTable, type Words } from './status-words.ts';
import { INS_E2_STORE_DATA, STORE_DATA_STATUS_WORDS } from './store-data.ts';

interface Described {
  readonly name: string;
  readonly statusWords: StatusWordTable;
}

const COMMANDS: Readonly<Record<number, Described>> = {
  [INS_A4_SELECT]: { name: 'SELECT', statusWords: SELECT_STATUS_WORDS },
  [INS_50_INITIALIZE_UPDATE]: { name: 'INITIALIZE UPDATE', statusWords: INITIALIZE_UPDATE_STATUS_WORDS },
  [INS_82_EXTERNAL_AUTHENTICATE]: { name: 'EXTERNAL AUTHENTICATE', statusWords: EXTERNAL_AUTHENTICATE_STATUS_WORDS },
  [INS_CA_GET_DATA]: { name: 'GET DATA', statusWords: GET_DATA_STATUS_WORDS },
  [INS_F2_GET_STATUS]: { name: 'GET STATUS', statusWords: GET_STATUS_STATUS_WORDS },
  [INS_F0_SET_STATUS]: { name: 'SET STATUS', statusWords: SET_STATUS_STATUS_WORDS },
  [INS_E6_INSTALL]: { name: 'INSTALL', statusWords: INSTALL_STATUS_WORDS },
  [INS_E8_LOAD]: { name: 'LOAD', statusWords: LOAD_STATUS_WORDS },
  [INS_E4_DELETE]: { name: 'DELETE', statusWords: DELETE_STATUS_WORDS },
  [INS_D8_PUT_KEY]: { name: 'PUT KEY', statusWords: PUT_KEY_STATUS_WORDS },
  [INS_E2_STORE_DATA]: { name: 'STORE DATA', statusWords: STORE_DATA_STATUS_WORDS },
};

const PURPOSES: Readonly<Record<number, string>> = {
  2: 'load',
  4: 'install',
  8: 'make selectable',
  12: 'install and make selectable',
  16: 'extradition',
  32: 'personalization',
};

/** `INSTALL [for personalization]`, `GET DATA 9F7F`; undefined when it is no command of GlobalPlatform. */
export function gpCommandName({ ins, p1, p2 }: CommandApdu): string | undefined {
  const described = COMMANDS[ins];
  if (described === undefined) return undefined;
  if (ins === INS_E6_INSTALL) return `INSTALL [for ${PURPOSES[p1] ?? p1.toString(16)}]`;
  if (ins === INS_CA_GET_DATA) return `GET DATA ${toHex(Uint8Array.of(p1, p2))}`;
  return described.name;
}

/** What a status word means as the answer to this command. */
export function describeGpStatusWord(ins: number, sw: number): Words {
  return COMMANDS[ins]?.statusWords[sw] ?? GENERAL_STATUS_WORDS[sw] ?? describeStatusWord(sw);
}
