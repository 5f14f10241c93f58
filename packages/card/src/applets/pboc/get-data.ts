/** GET DATA (80 CA tag 00). PBOC 3.0 Part 5 Annex and Part 14 Annex C as publicly described. */
import {
  bcdFromNumber,
  type CommandApdu,
  encodeTlv,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import { availableOfflineAmount, cttaLimit, fieldInCurrency, readAmount, readField } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { type FieldName, isField } from './layout.ts';

/** Tags in the changing memory, readable by anyone. */
const READABLE_FIELDS: ReadonlySet<string> = new Set(
  (
    '9F13 9F17 9F36 9F53 9F54 9F58 9F59 9F5C 9F5D 9F6B 9F6D 9F72 9F73 9F75 9F77 9F78 9F79 ' +
    'DF61 DF62 DF63 DF72 DF76 DF77 DF78 DF79'
  ).split(' '),
);

/** Tags fixed by personalisation, and what is answered when they were left out. */
const READABLE_FIXED: ReadonlyMap<string, number> = new Map([
  ['9F4F', 0],
  ['DF4F', 0],
  ['9F51', 2],
  ['9F52', 2],
  ['9F56', 1],
  ['9F57', 2],
  ['9F68', 4],
  ['9F76', 2],
  ['DF71', 2],
]);

/** The balance a running transaction will leave; only shown when the switch asks for the recorded behaviour. */
function workingBalance({ session, switches }: PbocContext): number | undefined {
  const { transaction } = session;
  if (switches.balanceBeforeCommit === 'stored' || transaction === undefined) return undefined;
  return transaction.state === 'committed' ? undefined : transaction.balanceAfter;
}

/** 9F5D as it stands now, in the currency in use. */
export function currentAvailableAmount(context: PbocContext): number {
  const { image, memory, session } = context;
  return availableOfflineAmount(image.fixed.get('9F68') ?? new Uint8Array(4), {
    balance: workingBalance(context) ?? readAmount(memory, fieldInCurrency('9F79', session.secondCurrency)),
    ctta: readAmount(memory, 'ctta'),
    cttaLimit: cttaLimit(memory),
  });
}

function readValue(context: PbocContext, tag: string): Uint8Array | undefined {
  const { image, memory, session } = context;
  if (tag === '9F5D') return bcdFromNumber(currentAvailableAmount(context), 6);
  if (READABLE_FIELDS.has(tag) && isField(tag)) {
    const name: FieldName = fieldInCurrency(tag, session.secondCurrency);
    const working = tag === '9F79' ? workingBalance(context) : undefined;
    return working === undefined ? readField(memory, name).slice() : bcdFromNumber(working, 6);
  }
  const lengthBytes = READABLE_FIXED.get(tag);
  if (lengthBytes === undefined) return undefined;
  return image.fixed.get(tag) ?? (lengthBytes === 0 ? undefined : new Uint8Array(lengthBytes));
}

export function getData(context: PbocContext, command: CommandApdu): CommandResult {
  if (command.cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (command.data.length > 0) return { sw: SW_6700_WRONG_LENGTH };
  const tag = toHex(Uint8Array.of(command.p1, command.p2));
  const value = readValue(context, tag);
  if (value === undefined) return { sw: SW_6A88_REFERENCED_DATA_NOT_FOUND };
  return { sw: SW_9000_SUCCESS, data: encodeTlv(tag, value) };
}
