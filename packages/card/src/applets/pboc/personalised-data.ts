/**
 * Personalisation of the PBOC application: deciphering secret groupings, checking key check values, and laying out
 * the persistent memory. PBOC 3.0 Part 5 Annex and Part 14 §9 as publicly described.
 */
import { equalBytes, numberFromBcd, PolycardError, SW_6A80_WRONG_DATA } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { pinOfBlock } from '@polycard/emv';
import type { SecretReader } from '../../os/applet.ts';
import type { DataGroupings } from '../../os/store-data.ts';
import { isPaddedGrouping, isSecretGrouping } from '../../personalisation.ts';
import { canSign, SIGNATURE_RECORD } from './dynamic-signature.ts';
import { type CompiledImage, compileGroupings, internalData, type ProcessingOptions, recordGrouping } from './image.ts';
import { FIELD, type FieldName, isField, LOG_OFFSET, NO_LIMIT } from './layout.ts';
import { logsLengthBytes } from './load-log.ts';
import { pinFieldOf } from './pin.ts';
import type { PbocSwitches } from './switches.ts';

/** Check values of keys, and the grouping they belong to. */
const CHECK_VALUES: Readonly<Record<string, string>> = { '9000': '8000', '9020': '8020' };
const CHECK_VALUE_BYTES = 3;

function withoutPadding(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0x00) end--;
  return end >= 0 && padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}

/** One 16-byte key after another, each with its check value; an SM4 card has SM4 check values. */
function checkValuesHold(keys: Uint8Array, values: Uint8Array): boolean {
  const count = keys.length / 16;
  if (!Number.isInteger(count) || values.length !== count * CHECK_VALUE_BYTES) return false;
  for (let index = 0; index < count; index++) {
    const key = keys.subarray(index * 16, index * 16 + 16);
    const value = values.subarray(index * CHECK_VALUE_BYTES, (index + 1) * CHECK_VALUE_BYTES);
    if (!equalBytes(checkValue('3DES', key), value) && !equalBytes(checkValue('SM4', key), value)) return false;
  }
  return true;
}

/** PIN block (DGI 8010): under a cipher with longer blocks it comes with padding. */
const PIN_BLOCK_BYTES = 8;

/** In clear; undefined when it is no whole number of blocks or its padding is wrong. */
function readSecretGrouping(secrets: SecretReader, dgi: string, value: Uint8Array): Uint8Array | undefined {
  if (value.length === 0 || value.length % secrets.secretBlockBytes !== 0) return undefined;
  const clear = secrets.decipherSecret(value);
  const isPadded = isPaddedGrouping(dgi) || (dgi === '8010' && clear.length > PIN_BLOCK_BYTES);
  return isPadded ? withoutPadding(clear) : Uint8Array.from(clear);
}

/** Keeps one grouping: secret ones in clear. Gives a status word when it does not hold. */
export function readGrouping(
  secrets: SecretReader,
  dgi: string,
  value: Uint8Array,
  soFar: DataGroupings,
): Uint8Array | number {
  if (isSecretGrouping(dgi)) return readSecretGrouping(secrets, dgi, value) ?? SW_6A80_WRONG_DATA;
  const keysDgi = CHECK_VALUES[dgi];
  if (keysDgi !== undefined) {
    const keys = soFar.get(keysDgi);
    if (keys === undefined || !checkValuesHold(keys, value)) return SW_6A80_WRONG_DATA;
  }
  return value;
}

const AMOUNT_FIELDS: readonly FieldName[] =
  '9F54 9F5C 9F5D 9F6B 9F6D 9F75 9F77 9F78 9F79 DF62 DF63 DF72 DF76 DF77 DF78 DF79'.split(' ') as FieldName[];

const LIMIT_FIELDS: readonly FieldName[] = ['9F53', '9F58', '9F59', '9F72'];

/** DGI 8010 is a whole block `2n‖digits‖F…` or bare digits; the second reading is the recorded card's only one. */
function pinOf(block: Uint8Array, { personalisedPin }: PbocSwitches): Uint8Array {
  const pin = personalisedPin === 'either' ? pinOfBlock(block) : undefined;
  if (pin !== undefined) return pinFieldOf(pin);
  if (block.length < FIELD.pin.lengthBytes) throw bad('8010', `a PIN block has ${block.length} bytes`);
  return block.subarray(0, FIELD.pin.lengthBytes);
}

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_IMAGE', message, { where });
}

const SFI_OF_AFL_SHIFT = 3;
const AIP_DDA = 0x20;

/** Every record the AFL names is there; the one with the dynamic signature is made by the card. */
function requireRecords(options: ProcessingOptions, groupings: DataGroupings): void {
  for (let offset = 0; offset < options.afl.length; offset += 4) {
    const sfi = options.afl[offset]! >> SFI_OF_AFL_SHIFT;
    for (let number = options.afl[offset + 1]!; number <= options.afl[offset + 2]!; number++) {
      const dgi = recordGrouping({ sfi, number });
      if (dgi !== recordGrouping(SIGNATURE_RECORD) && !groupings.has(dgi)) {
        throw bad(dgi, `the AFL names record ${number} of SFI ${sfi}, which was not personalised`);
      }
    }
  }
}

/** What a card needs to be of use: check values, an FCI, response data with their records, a key where it signs. */
function requireWhole(compiled: CompiledImage): void {
  const { groupings } = compiled;
  if (!groupings.has('9000')) throw bad('9000', 'the check values of the card keys are missing');
  if (compiled.contactFci === undefined && compiled.contactlessFci === undefined) throw bad('9103', 'there is no FCI');
  const paths = [compiled.qpboc, compiled.debitCredit, compiled.electronicCash].filter((path) => path !== undefined);
  if (paths.length === 0) throw bad('9207', 'there is no answer to GET PROCESSING OPTIONS');
  for (const path of paths) requireRecords(path, groupings);
  if (compiled.qpboc !== undefined && compiled.qpbocIad === undefined) throw bad('9207', '9F10 is missing');
  if (((compiled.qpboc?.aip[0] ?? 0) & AIP_DDA) !== 0 && !canSign(groupings)) {
    throw bad('8205', 'the AIP promises dynamic signatures, but there is no key for them');
  }
}

/** The first content of the persistent memory. Throws when the groupings do not fit together. */
export function layOutMemory(aid: Uint8Array, groupings: DataGroupings, switches: PbocSwitches): Uint8Array {
  const compiled = compileGroupings(aid, groupings);
  requireWhole(compiled);
  const memory = new Uint8Array(LOG_OFFSET + logsLengthBytes(compiled));
  for (const name of LIMIT_FIELDS) memory[FIELD[name].offset] = NO_LIMIT;
  const put = (name: FieldName, value: Uint8Array): void => {
    if (value.length !== FIELD[name].lengthBytes) {
      throw bad(name, `${name} has ${value.length} bytes, expected ${FIELD[name].lengthBytes}`);
    }
    memory.set(value, FIELD[name].offset);
  };
  for (const [tag, value] of internalData(groupings)) if (isField(tag)) put(tag, value);
  for (const name of AMOUNT_FIELDS) {
    numberFromBcd(memory.subarray(FIELD[name].offset, FIELD[name].offset + FIELD[name].lengthBytes));
  }
  const pin = groupings.get('9010');
  if (pin !== undefined) {
    if (pin.length !== 2) throw bad('9010', 'PIN try counter and limit are two bytes');
    put('9F17', pin.subarray(0, 1));
    put('pinTryLimit', pin.subarray(1));
  }
  const block = groupings.get('8010');
  if (block !== undefined) put('pin', pinOf(block, switches));
  const fci = compiled.contactlessFci;
  if (fci?.df61Offset !== undefined) put('DF61', fci.bytes.subarray(fci.df61Offset, fci.df61Offset + 1));
  return memory;
}
