/**
 * What personalisation left on the card, read once and kept ready for transactions: FCI, PDOL, response data, keys.
 *
 * The image itself is one byte array per card. Reading it costs some ten microseconds, so the result stays in a
 * bounded cache for the cards that are being used, not in every card of a large simulation.
 */
import {
  concat,
  type DolEntry,
  encodeLength,
  encodeTlv,
  equalBytes,
  findTlv,
  PolycardError,
  parseDol,
  parseTlv,
  type TlvNode,
} from '@polycard/bytes';
import { type Algorithm, checkValue } from '@polycard/crypto';
import { type IssuerApplicationData, parseIssuerApplicationData } from '@polycard/emv';
import { type DataGroupings, unpackGroupings } from '../../os/store-data.ts';

export interface RecordName {
  readonly sfi: number;
  readonly number: number;
}

export interface ProcessingOptions {
  readonly aip: Uint8Array;
  readonly afl: Uint8Array;
  readonly lastRecord: RecordName | undefined;
}

/** PDOL with the place of each value in its data. */
export interface CompiledPdol {
  readonly entries: readonly DolEntry[];
  readonly lengthBytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}

export interface FileControlInformation {
  readonly bytes: Uint8Array;
  /** Offset of the value of DF61, which changes in the life of the card. */
  readonly df61Offset: number | undefined;
  readonly pdol: CompiledPdol;
}

/** One file of the extended application (DGI A001). */
export interface ExtendedFile {
  readonly sfi: number;
  readonly cyclic: boolean;
  readonly recordBytesMax: number;
  /** Variable file: bytes of all records, 0 for no limit. Cyclic file: number of records. */
  readonly size: number;
  readonly openingKey: Uint8Array;
  /** Of the opening key, as its check value in DGI 9020 shows. */
  readonly algorithm: Algorithm;
}

export interface CompiledImage {
  readonly groupings: DataGroupings;
  readonly contactFci: FileControlInformation | undefined;
  readonly contactlessFci: FileControlInformation | undefined;
  readonly debitCredit: ProcessingOptions | undefined;
  readonly electronicCash: ProcessingOptions | undefined;
  readonly qpboc: ProcessingOptions | undefined;
  /** 9F10 of qPBOC as personalised; its CVR and discretionary data are filled in for each answer. */
  readonly qpbocIad: IssuerApplicationData | undefined;
  /** The same for GENERATE AC. */
  readonly debitCreditIad: IssuerApplicationData | undefined;
  /** CDOL1, CDOL2 and DDOL of the records; empty when no record has one. */
  readonly cdol1: readonly DolEntry[];
  readonly cdol2: readonly DolEntry[];
  readonly ddol: readonly DolEntry[];
  /** The CVM list names an offline enciphered PIN. */
  readonly enciphersPin: boolean;
  /** Values in records that commands work with: 57, 5F34, 5F20, 8C, 8D, 8E, 9F49. */
  readonly recordData: ReadonlyMap<string, Uint8Array>;
  /** Card-internal data that no command changes (9F51, 9F68, 9F6C, 9F4F …). */
  readonly fixed: ReadonlyMap<string, Uint8Array>;
  /** The last record of the qPBOC AFL without 9F69. */
  readonly lastRecord: Uint8Array | undefined;
  readonly keyAc: Uint8Array;
  readonly keyMac: Uint8Array;
  readonly keyEnc: Uint8Array;
  readonly files: readonly ExtendedFile[];
  readonly log: LogFile | undefined;
  readonly loadLog: LogFile | undefined;
}

export interface LogFile {
  readonly sfi: number;
  readonly records: number;
  readonly format: readonly DolEntry[];
}

/** DGIs that carry card-internal data as TLV. */
export const INTERNAL_DATA_GROUPINGS = ['0D01', '0E01'] as const;
const EXTENDED_FILE_BYTES = 7;
const FILE_TYPE_CYCLIC = 0x02;
const CHECK_VALUE_BYTES = 3;

/** Lengths of the objects the card works with; another length in a PDOL is an error of personalisation. */
const PDOL_LENGTHS: Readonly<Record<string, number>> = {
  '9F66': 4,
  '9F02': 6,
  '9F03': 6,
  '9F1A': 2,
  '95': 5,
  '5F2A': 2,
  '9A': 3,
  '9C': 1,
  '9F37': 4,
  '9F7A': 1,
  DF60: 1,
  DF69: 1,
};

function compilePdol(bytes: Uint8Array | undefined): CompiledPdol {
  const entries = bytes === undefined ? [] : parseDol(bytes, 'PDOL');
  for (const { tag, lengthBytes } of entries) {
    const wanted = PDOL_LENGTHS[tag];
    if (wanted !== undefined && wanted !== lengthBytes) {
      throw new PolycardError('POLYCARD_CARD_IMAGE', `PDOL asks for ${lengthBytes} bytes of ${tag}`, {
        where: tag,
        expected: `${wanted} bytes`,
      });
    }
  }
  const offsets = new Map<string, number>();
  let lengthBytes = 0;
  for (const entry of entries) {
    offsets.set(entry.tag, lengthBytes);
    lengthBytes += entry.lengthBytes;
  }
  return { entries, lengthBytes, offsets };
}

function compileFci(aid: Uint8Array, template: Uint8Array | undefined): FileControlInformation | undefined {
  if (template === undefined) return undefined;
  const nodes = parseTlv(template, 'DGI 9102/9103');
  if (nodes[0]?.tag !== 'A5') {
    throw new PolycardError('POLYCARD_CARD_IMAGE', 'the FCI proprietary template is no A5', { where: '9103' });
  }
  const body = concat(encodeTlv('84', aid), template);
  const bytes = concat(Uint8Array.of(0x6f), encodeLength(body.length), body);
  const df61 = findTlv(nodes, 'DF61');
  const offset =
    df61 === undefined ? undefined : bytes.length - template.length + (df61.byteOffset - template.byteOffset);
  return { bytes, df61Offset: offset, pdol: compilePdol(findTlv(nodes, '9F38')) };
}

export function lastRecordOfAfl(afl: Uint8Array): RecordName | undefined {
  if (afl.length < 4 || afl.length % 4 !== 0) return undefined;
  return { sfi: afl[afl.length - 4]! >> 3, number: afl[afl.length - 2]! };
}

function compileOptions(data: Uint8Array | undefined, dgi: string): ProcessingOptions | undefined {
  if (data === undefined) return undefined;
  const nodes = parseTlv(data, `DGI ${dgi}`);
  const aip = findTlv(nodes, '82');
  const afl = findTlv(nodes, '94');
  if (aip?.length !== 2 || afl === undefined || afl.length % 4 !== 0) {
    throw new PolycardError('POLYCARD_CARD_IMAGE', `DGI ${dgi} has no 82 of two bytes and 94`, { where: dgi });
  }
  return { aip, afl, lastRecord: lastRecordOfAfl(afl) };
}

function algorithmOf(key: Uint8Array, checkValues: Uint8Array | undefined): Algorithm {
  if (checkValues === undefined) return '3DES';
  return equalBytes(checkValue('SM4', key), checkValues.subarray(0, CHECK_VALUE_BYTES)) ? 'SM4' : '3DES';
}

function compileFiles(groupings: DataGroupings): ExtendedFile[] {
  const list = groupings.get('A001') ?? new Uint8Array(0);
  const keys = groupings.get('8020') ?? new Uint8Array(0);
  const count = list.length / EXTENDED_FILE_BYTES;
  if (!Number.isInteger(count) || keys.length !== count * 16) {
    throw new PolycardError('POLYCARD_CARD_IMAGE', 'extended file list and opening keys differ in number', {
      where: 'A001',
      expected: 'seven bytes and one 16-byte key for each file',
    });
  }
  const checkValues = groupings.get('9020');
  const files: ExtendedFile[] = [];
  for (let index = 0; index < count; index++) {
    const entry = list.subarray(index * EXTENDED_FILE_BYTES, (index + 1) * EXTENDED_FILE_BYTES);
    const cyclic = entry[1] === FILE_TYPE_CYCLIC;
    const openingKey = keys.subarray(index * 16, index * 16 + 16);
    files.push({
      sfi: entry[0]!,
      cyclic,
      recordBytesMax: entry[4]!,
      size: cyclic ? entry[5]! : (entry[5]! << 8) | entry[6]!,
      openingKey,
      algorithm: algorithmOf(openingKey, checkValues?.subarray(index * CHECK_VALUE_BYTES)),
    });
  }
  return files;
}

const RECORD_GROUPING = /^(0[1-9A]|1[0-9A-E])[0-9A-F]{2}$/;
const RECORD_TAGS = ['57', '5F34', '5F20', '8C', '8D', '8E', '9F49'] as const;

function compileRecordData(groupings: DataGroupings): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const [dgi, value] of groupings) {
    if (!RECORD_GROUPING.test(dgi) || value[0] !== 0x70) continue;
    const nodes = parseTlv(value, `DGI ${dgi}`)[0]?.children ?? [];
    for (const tag of RECORD_TAGS) {
      const data = findTlv(nodes, tag);
      if (data !== undefined && !found.has(tag)) found.set(tag, data);
    }
  }
  return found;
}

/** CVM codes of an enciphered offline PIN, alone and with signature (EMV 4.4 Book 3 Annex C3). */
const ENCIPHERED_PIN_CODES: ReadonlySet<number> = new Set([0x04, 0x05]);
const CVM_AMOUNTS_BYTES = 8;

function namesEncipheredPin(cvmList: Uint8Array | undefined): boolean {
  if (cvmList === undefined) return false;
  for (let offset = CVM_AMOUNTS_BYTES; offset + 1 < cvmList.length; offset += 2) {
    if (ENCIPHERED_PIN_CODES.has(cvmList[offset]! & 0x3f)) return true;
  }
  return false;
}

/** A log named in an FCI (9F4D transaction log, DF4D load log) whose format was personalised. */
function compileLog(
  fcis: readonly (FileControlInformation | undefined)[],
  fixed: ReadonlyMap<string, Uint8Array>,
  [entryTag, formatTag]: readonly [string, string],
): LogFile | undefined {
  const entry = fcis
    .map((fci) => fci && findTlv(parseTlv(fci.bytes, 'FCI'), entryTag))
    .find((found) => found?.length === 2);
  const format = fixed.get(formatTag);
  if (entry === undefined || format === undefined) return undefined;
  return { sfi: entry[0]!, records: entry[1]!, format: parseDol(format, formatTag) };
}

function withoutCardAuthentication(record: Uint8Array | undefined): Uint8Array | undefined {
  if (record === undefined) return undefined;
  const children: readonly TlvNode[] = parseTlv(record, 'last record')[0]?.children ?? [];
  const kept = children.filter((node) => node.tag !== '9F69').map((node) => encodeTlv(node.tag, node.value));
  return kept.length === children.length ? record : encodeTlv('70', concat(...kept));
}

/** Card-internal data by tag. Throws when DGI 0D01 or 0E01 is no TLV. */
export function internalData(groupings: DataGroupings): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const dgi of INTERNAL_DATA_GROUPINGS) {
    const data = groupings.get(dgi);
    if (data === undefined) continue;
    for (const node of parseTlv(data, `DGI ${dgi}`)) found.set(node.tag, node.value);
  }
  return found;
}

export function recordGrouping({ sfi, number }: RecordName): string {
  return [sfi, number].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}

/** Throws `POLYCARD_CARD_IMAGE` or a TLV error when the personalised data do not fit together. */
export function compileGroupings(aid: Uint8Array, groupings: DataGroupings): CompiledImage {
  const qpboc = compileOptions(groupings.get('9207'), '9207');
  const iadOf = (dgi: string): IssuerApplicationData | undefined => {
    const iad = findTlv(parseTlv(groupings.get(dgi) ?? new Uint8Array(0), `DGI ${dgi}`), '9F10');
    return iad === undefined ? undefined : parseIssuerApplicationData(iad);
  };
  const debitCreditIad = iadOf('9200');
  const keys = groupings.get('8000');
  if (keys?.length !== 48) {
    throw new PolycardError('POLYCARD_CARD_IMAGE', 'the three card keys are missing', { where: '8000' });
  }
  const fixed = internalData(groupings);
  const contactlessFci = compileFci(aid, groupings.get('9103'));
  const contactFci = compileFci(aid, groupings.get('9102'));
  const fcis = [contactlessFci, contactFci];
  const recordData = compileRecordData(groupings);
  const dolOf = (tag: string): DolEntry[] => parseDol(recordData.get(tag) ?? new Uint8Array(0), tag);
  return {
    groupings,
    contactFci,
    contactlessFci,
    debitCredit: compileOptions(groupings.get('9104'), '9104'),
    electronicCash: compileOptions(groupings.get('9203'), '9203'),
    qpboc,
    // A card with one set of issuer application data only uses it on both paths.
    qpbocIad: iadOf('9207') ?? debitCreditIad,
    debitCreditIad,
    cdol1: dolOf('8C'),
    cdol2: dolOf('8D'),
    ddol: dolOf('9F49'),
    enciphersPin: namesEncipheredPin(recordData.get('8E')),
    recordData,
    fixed,
    lastRecord: withoutCardAuthentication(
      qpboc?.lastRecord === undefined ? undefined : groupings.get(recordGrouping(qpboc.lastRecord)),
    ),
    keyAc: keys.subarray(0, 16),
    keyMac: keys.subarray(16, 32),
    keyEnc: keys.subarray(32, 48),
    files: compileFiles(groupings),
    log: compileLog(fcis, fixed, ['9F4D', '9F4F']),
    loadLog: compileLog(fcis, fixed, ['DF4D', 'DF4F']),
  };
}

const CACHE_IMAGES_MAX = 256;
const cache = new Map<Uint8Array, CompiledImage>();

/** The compiled form of a card's image, from the cache when the card was used lately. */
export function compiledImage(aid: Uint8Array, image: Uint8Array): CompiledImage {
  const found = cache.get(image);
  if (found !== undefined) return found;
  const compiled = compileGroupings(aid, unpackGroupings(image));
  if (cache.size >= CACHE_IMAGES_MAX) cache.delete(cache.keys().next().value as Uint8Array);
  cache.set(image, compiled);
  return compiled;
}
