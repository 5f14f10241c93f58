/**
 * Data groups of a card, from the blueprint's profile (EMV CPS 1.1 data grouping; DGI numbers as publicly described for
 * PBOC cards, reference pboc.md §7). Secret groups come from the vault, already enciphered.
 */
import type { CardProduct, Cards } from '@polycard/blueprint';
import { bcdFromNumber, concat, encodeTlv, encodeTlvs, fromHex, toHex } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import { encodeIssuerApplicationData } from '@polycard/emv';
import { ACTION_CODES, contactDgis, VERIFICATION_METHODS } from './contact-data.ts';
import { AIP_DDA, type Dgi, record, tlv } from './objects.ts';

/** PDOL of an extended application: the 33 bytes every UnionPay card asks for, then DF60 (reference pboc.md §1.2). */
const PDOL = '9F66049F02069F03069F1A0295055F2A029A039C019F37049F2103DF6001';
/** What a card with SM4 keys asks too: whether the terminal knows the SM algorithms (reference pboc.md §1.2, §3.8). */
const PDOL_SM = 'DF6901';
/** Log format: date, time, amounts, country, currency, type, ATC. */
const LOG_FORMAT = '9A039F21039F02069F03069F1A025F2A029C019F3602';
const LOG_ENTRY = '0B0A';
/** Static data first (it is signed into the card certificate), then certificates; the record with 9F74 is the last. */
const AFL = '1001010118010300';
/** Discretionary data of 9F10 show the balance (identifier 01). */
const DISCRETIONARY_BALANCE = 0x01;
const DYNAMIC_DATA_DOL = '9F3704';
const IC_AUTHORISATION_CODE = '454343303031'; // "ECC001" (9F74)

export interface CardNumbers {
  readonly pan: string;
  readonly psn: string;
  /** YYMM. */
  readonly expiry: string;
  readonly effective: string;
}

/** Track 2 equivalent data: PAN D YYMM, service code 220, discretionary zeros. */
export function track2({ pan, expiry }: CardNumbers): Uint8Array {
  const text = `${pan}D${expiry}220${'0'.repeat(7)}`;
  return fromHex(text.length % 2 === 0 ? text : `${text}F`);
}

/** Static data to be authenticated: record 1 of SFI 02. */
export function staticRecord(numbers: CardNumbers, profile: Cards['profile'], country: string): Uint8Array {
  const panHex = numbers.pan.length % 2 === 0 ? numbers.pan : `${numbers.pan}F`;
  return record([
    tlv('5F24', `${numbers.expiry}28`),
    tlv('5F25', numbers.effective),
    tlv('5A', panHex),
    tlv('5F34', numbers.psn),
    tlv('9F07', 'FF00'),
    tlv('8E', VERIFICATION_METHODS),
    tlv('9F0D', ACTION_CODES.default),
    tlv('9F0E', ACTION_CODES.denial),
    tlv('9F0F', ACTION_CODES.online),
    tlv('5F28', `0${country}`),
    tlv('9F08', profile.applicationVersion),
    tlv('9F4A', '82'),
  ]);
}

export function issuerCertificateRecord(
  caIndex: string,
  certificate: Uint8Array,
  remainder: Uint8Array,
  exponent: Uint8Array,
): Uint8Array {
  return record([
    tlv('8F', caIndex),
    ['90', certificate],
    ...(remainder.length === 0 ? [] : ([['92', remainder]] as const)),
    ['9F32', exponent],
  ]);
}

export function iccCertificateRecord(certificate: Uint8Array, remainder: Uint8Array, exponent: Uint8Array): Uint8Array {
  return record([
    ['9F46', certificate],
    ['9F47', exponent],
    ...(remainder.length === 0 ? [] : ([['9F48', remainder]] as const)),
    tlv('9F49', DYNAMIC_DATA_DOL),
  ]);
}

/** The record whose reading commits: 9F69 (filled in by the card for fDDA 01) and 9F74. */
export function lastRecord(): Uint8Array {
  return record([tlv('9F69', '0100000000000000'), tlv('9F74', IC_AUTHORISATION_CODE)]);
}

export function ppseDgis(aid: string, label: string): Dgi[] {
  const entry = encodeTlvs([['4F', fromHex(aid)], ['50', new TextEncoder().encode(label)], tlv('87', '01')]);
  return [['9102', toHex(encodeTlv('A5', encodeTlv('BF0C', encodeTlv('61', entry))))]];
}

/** Groups that are the same on every card of a product. */
export function sharedDgis(
  profile: Cards['profile'],
  product: CardProduct,
  issuer: { derivationKeyIndex: number; algorithm: Algorithm },
  region: { currency: string; country: string },
  extendedFiles: readonly { sfi: number; type: 'variable' | 'cyclic'; maximum: number; size: Uint8Array }[],
): Dgi[] {
  const amount = (fen: number): string => toHex(bcdFromNumber(fen, 6));
  const cash = product.electronicCash;
  const internal = encodeTlvs([
    tlv('9F36', '0000'),
    tlv('9F13', '0000'),
    tlv('9F51', `0${region.currency}`),
    tlv('9F52', 'C000'),
    tlv('9F57', `0${region.country}`),
    tlv('9F53', '05'),
    tlv('9F54', amount(0)),
    tlv('9F5C', amount(0)),
    tlv('9F5D', amount(0)),
    tlv('9F56', '80'),
    tlv('9F58', '03'),
    tlv('9F59', '05'),
    tlv('9F72', '05'),
    tlv('9F63', '00000000000000000000000000000000'),
    tlv('9F68', profile.additionalProcesses),
    tlv('9F6B', amount(cash.balanceLimitFen)),
    tlv('9F6C', '0000'),
    tlv('9F6D', amount(cash.resetThresholdFen)),
    tlv('9F77', amount(cash.balanceLimitFen)),
    tlv('9F78', amount(cash.singleTransactionLimitFen)),
    tlv('9F79', amount(cash.balanceFen)),
    tlv('DF62', amount(cash.segmentAllowanceFen)),
    tlv('DF63', amount(0)),
    tlv('9F4F', LOG_FORMAT),
    tlv('DF4F', '9A039F21039F1A029F3602'),
  ]);
  const discretionary = encodeTlvs([
    tlv('9F4D', LOG_ENTRY),
    tlv('DF4D', '0C0A'),
    tlv('DF61', profile.segmentIndicator),
  ]);
  const fci = encodeTlv(
    'A5',
    concat(
      encodeTlvs([
        ['50', new TextEncoder().encode(profile.label)],
        tlv('87', '01'),
        tlv('9F38', issuer.algorithm === 'SM4' ? PDOL + PDOL_SM : PDOL),
        tlv('5F2D', '7A68656E'),
        tlv('9F11', '01'),
        ['9F12', new TextEncoder().encode(profile.label)],
      ]),
      encodeTlv('BF0C', discretionary),
    ),
  );
  const issuerApplicationData = encodeIssuerApplicationData({
    keyIndex: issuer.derivationKeyIndex,
    cvn: Number.parseInt(profile.cryptogramVersion, 16),
    cvr: new Uint8Array(3),
    algorithm: issuer.algorithm,
    discretionary: { id: DISCRETIONARY_BALANCE, value: new Uint8Array(5), mac: new Uint8Array(4) },
  });
  const processing = encodeTlvs([tlv('82', AIP_DDA), tlv('94', AFL), ['9F10', issuerApplicationData]]);
  const files = extendedFiles.map((file) =>
    concat(Uint8Array.of(file.sfi, file.type === 'variable' ? 1 : 2, 0, 0, file.maximum), file.size),
  );
  return [
    ['0303', toHex(lastRecord())],
    ['0D01', toHex(internal)],
    ['9103', toHex(fci)],
    ['9207', toHex(processing)],
    ...contactDgis(profile, region, discretionary, issuerApplicationData),
    ['A001', toHex(concat(...files))],
  ];
}
