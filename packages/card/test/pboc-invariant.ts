/** What a command of the PBOC application may change in its persistent memory, by its INS and its answer. */
import { toHex } from '@polycard/bytes';
import { FIELD, type FieldName, LOG_OFFSET } from '../src/applets/pboc/layout.ts';
import type { CardSnapshot } from '../src/index.ts';

export const APPLICATION = 'A000000333010101';

/** The logs, updated payment records and extended records. */
const BEHIND_FIELDS = 'logs and records';
const SCRIPT = ['leftBehind', 'scriptCount', 'scriptMacFailures'];
const LOG = ['logUsed', 'logNext', BEHIND_FIELDS];

/** With 9000. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  '16': [...SCRIPT, 'state'],
  '18': [...SCRIPT, 'state'],
  '1E': [...SCRIPT, 'state'],
  '20': ['9F17'],
  '24': [...SCRIPT, '9F17', 'pin'],
  '82': ['authenticationFailures'],
  A8: ['9F36', '9F79', 'DF79', 'ctta'],
  AE: [
    ...['leftBehind', 'scriptCount', 'ctta', 'dualCtta', 'otherCurrencyCount', 'otherCountryCount', '9F13', '9F79'],
    ...['DF79', ...LOG],
  ],
  B2: [
    ...['9F79', 'DF63', 'DF79', 'ctta', 'otherCurrencyCount', 'proofPresent', 'proofAtc', 'proofTc'],
    ...['preAuthorisations', 'keptCardAuthentication', ...LOG],
  ],
  DA: [
    ...SCRIPT,
    ...['9F53', '9F54', '9F58', '9F59', '9F5C', '9F6B', '9F6D', '9F72', '9F73', '9F75', '9F77', '9F78', '9F79'],
    ...['DF61', 'DF62', 'DF63', 'DF72', 'DF76', 'DF77', 'DF78', 'DF79', 'loadLogUsed', 'loadLogNext', BEHIND_FIELDS],
  ],
  DC: [...SCRIPT, BEHIND_FIELDS, 'length'],
  E2: [BEHIND_FIELDS, 'length'],
};

/** With another status word: failures are counted, and a counter that is used up locks the application. */
const REFUSED: readonly (readonly [ins: string, sw: RegExp, fields: readonly string[]])[] = [
  ['A8', /^69(85|7[123])$/, ['9F36', 'state']],
  ['20', /^63C.$/, ['9F17', 'state']],
  ['82', /^6300$/, ['authenticationFailures']],
  ['AE', /^6985$/, ['state']],
  ...['16', '18', '1E', '24', 'DA', 'DC'].map((ins) => [ins, /^6(988|700|A8\d|985|976)$/, SCRIPT] as const),
];

export function memoryOf(snapshot: CardSnapshot): Uint8Array {
  return Uint8Array.from(Buffer.from(snapshot.applications[APPLICATION]!.memory!.bytes, 'base64'));
}

export function changedParts(before: Uint8Array, after: Uint8Array): string[] {
  const changed = new Set<string>();
  if (before.length !== after.length) changed.add('length');
  for (let offset = 0; offset < before.length; offset++) {
    if (before[offset] === after[offset]) continue;
    if (offset >= LOG_OFFSET) changed.add(BEHIND_FIELDS);
    for (const name of Object.keys(FIELD) as FieldName[]) {
      const field = FIELD[name];
      if (offset >= field.offset && offset < field.offset + field.lengthBytes) changed.add(name);
    }
  }
  return [...changed];
}

/** Fields that changed though this command with this answer may not change them. `answer` is hex with status word. */
export function forbiddenChanges(command: Uint8Array, answer: string, changed: readonly string[]): string[] {
  const ins = toHex(command.subarray(1, 2));
  const sw = answer.slice(-4);
  const refused = REFUSED.filter(([of, when]) => of === ins && when.test(sw)).flatMap(([, , fields]) => fields);
  const allowed = ['keptRecord', ...(sw === '9000' ? (DONE[ins] ?? []) : refused)];
  return changed.filter((name) => !allowed.includes(name));
}
