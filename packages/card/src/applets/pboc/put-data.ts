/**
 * PUT DATA (04 DA): an issuer script that sets a limit, a counter's bound or the balance of electronic cash.
 * PBOC 3.0 Part 5 Annex B, Part 13 (load), Part 14 §5.2.7, §6.2.8 as publicly described. A load is set, not added; what
 * the allowance has lent is paid back first, and open pre-authorisations must still find room under 9F77.
 */
import {
  type CommandApdu,
  numberFromBcd,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import { SCRIPT_MAC_BYTES } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import { readAmount, readField, writeAmount } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { openPreAuthorisations } from './extended-transaction.ts';
import { type AcceptedScript, acceptScript, malformedScript, refusedScript } from './issuer-script.ts';
import { FIELD, type FieldName, isField, writeField } from './layout.ts';
import { buildLoadRecord, loadLog } from './load-log.ts';
import { ringWrites } from './ring-log.ts';

const WRITABLE: ReadonlySet<string> = new Set(
  ('9F53 9F54 9F58 9F59 9F5C 9F6B 9F6D 9F72 9F73 9F75 9F77 9F78 9F79 ' + 'DF61 DF62 DF72 DF76 DF77 DF78 DF79').split(
    ' ',
  ),
);
/** What the allowance has lent belongs to the card. */
const TAG_ALLOWANCE_USED = 'DF63';
const AMOUNT_BYTES = 6;
const AMOUNT_MAX = 999_999_999_999;

/** Fits into 9F77 beside open pre-authorisations; else the status word. */
function loadFault({ memory, switches }: PbocContext, after: number): number | undefined {
  const limit = readAmount(memory, '9F77');
  if (after > limit) return SW_6A80_WRONG_DATA;
  return after + openPreAuthorisations(memory) > limit ? switches.loadBeyondLimitWithPreAuthorisation : undefined;
}

/** Writes of a load with its log record, or the status word that refuses it. */
function loadWrites(context: PbocContext, script: AcceptedScript, tag: '9F79' | 'DF79'): MemoryWrite[] | number {
  const { image, memory } = context;
  const { transaction, data } = script;
  const amount = numberFromBcd(data);
  const used = tag === '9F79' ? readAmount(memory, 'DF63') : 0;
  const after = Math.max(0, amount - used);
  if (tag === 'DF79') {
    if (amount > readAmount(memory, 'DF77')) return SW_6985_CONDITIONS_NOT_SATISFIED;
  } else {
    const fault = loadFault(context, after);
    if (fault !== undefined) return fault;
  }
  const writes = [writeAmount(tag, after)];
  if (used > 0) writes.push(writeAmount('DF63', Math.max(0, used - amount)));
  const before = readField(memory, tag).slice();
  const lists = [transaction.cdol1, transaction.cdol2, transaction.pdol];
  const atc = Uint8Array.of(transaction.atc >> 8, transaction.atc & 0xff);
  const record = buildLoadRecord(image, { tag, before, after: writes[0]!.bytes }, (wanted) => {
    if (wanted === '9F36') return atc;
    const sent = lists.map((list) => list?.byTag.get(wanted)).find((value) => value !== undefined);
    return sent ?? image.fixed.get(wanted);
  });
  return record === undefined ? writes : [...writes, ...ringWrites(loadLog(image), memory, record)];
}

function limitFault({ memory }: PbocContext, tag: string, value: number): number | undefined {
  if (tag === 'DF62') {
    if (value < readAmount(memory, 'DF63')) return SW_6A80_WRONG_DATA;
    return value + readAmount(memory, '9F77') > AMOUNT_MAX ? SW_6985_CONDITIONS_NOT_SATISFIED : undefined;
  }
  if (tag !== '9F77') return undefined;
  return value + readAmount(memory, 'DF62') > AMOUNT_MAX ? SW_6985_CONDITIONS_NOT_SATISFIED : undefined;
}

function isDecimal(data: Uint8Array): boolean {
  return data.every((byte) => byte >> 4 <= 9 && (byte & 0x0f) <= 9);
}

function writesOf(context: PbocContext, script: AcceptedScript, tag: FieldName): MemoryWrite[] | number {
  const { data } = script;
  if (data.length === AMOUNT_BYTES && !isDecimal(data)) return SW_6A80_WRONG_DATA;
  if (tag === '9F79' || tag === 'DF79') return loadWrites(context, script, tag);
  const fault = data.length === AMOUNT_BYTES ? limitFault(context, tag, numberFromBcd(data)) : undefined;
  return fault ?? [writeField(tag, data)];
}

export function putData(context: PbocContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x04) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const tag = toHex(Uint8Array.of(p1, p2));
  if (tag === TAG_ALLOWANCE_USED) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (!WRITABLE.has(tag) || !isField(tag)) return malformedScript(context, SW_6A80_WRONG_DATA);
  if (data.length !== FIELD[tag].lengthBytes + SCRIPT_MAC_BYTES) return malformedScript(context, SW_6700_WRONG_LENGTH);
  const script = acceptScript(context, command);
  if (typeof script === 'number') return { sw: script };
  const writes = writesOf(context, script, tag);
  // The recorded card tells its issuer of scripts it could not read, not of values it refused.
  if (typeof writes === 'number') return refusedScript(context, script, { sw: writes, failed: false });
  context.memory.commit([...script.writes, ...writes]);
  return { sw: SW_9000_SUCCESS };
}
