/**
 * Personalisation of the PBOC application: what it needs to be whole, and how its persistent memory is laid out.
 * PBOC 3.0 Part 5 Annex and Part 14 §9 as publicly described.
 */
import { numberFromBcd, PolycardError } from '@polycard/bytes';
import { pinOfBlock } from '@polycard/emv';
import type { DataGroupings } from '../../os/store-data.ts';
import { canSign, SIGNATURE_RECORD } from './dynamic-signature.ts';
import { type CompiledImage, compileGroupings, internalData, type ProcessingOptions, recordGrouping } from './image.ts';
import { FIELD, type FieldName, isField, LOG_OFFSET, NO_LIMIT } from './layout.ts';
import { logsLengthBytes } from './load-log.ts';
import { pinFieldOf } from './pin.ts';
import type { PbocSwitches } from './switches.ts';

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
