/** Values of data objects as words for screens. PAN and track 2 are masked unless the caller may see them. */
import { digitsFromBcd, maskPan, parseDol, toHex } from '@polycard/bytes';
import { setBits } from './bit-tables.ts';
import { decodeCvr, parseIssuerApplicationData } from './issuer-application-data.ts';
import { tagEntry, tagName } from './tags.ts';

const DF60_TEXT = ['no extended transaction', 'segment deduction', 'offline pre-authorisation', 'completion'];
const TYPE_TEXT: Readonly<Record<string, string>> = {
  '00': 'purchase',
  '01': 'cash',
  '09': 'purchase with cash back',
  '20': 'refund',
  '30': 'inquiry',
};
const CURRENCY_TEXT: Readonly<Record<string, string>> = { '0156': 'CNY', '0344': 'HKD', '0446': 'MOP', '0840': 'USD' };
const AMOUNT_TAGS: ReadonlySet<string> = new Set(
  '9F02 9F03 9F54 9F5C 9F5D 9F6B 9F6D 9F75 9F77 9F78 9F79 9F7B DF62 DF63 DF72 DF76 DF77 DF78 DF79'.split(' '),
);

/** One byte as the specifications write it. */
const hexByte = (value: number): string => toHex(Uint8Array.of(value));

function bitText(tag: string, value: Uint8Array): string | undefined {
  const meanings = setBits(tag, value);
  if (meanings === undefined) return undefined;
  return meanings.length === 0 ? 'none' : meanings.map(({ en }) => en).join(', ');
}

function amountText(value: Uint8Array): string {
  const digits = digitsFromBcd(value).replace(/^0+(?=\d{3})/, '');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function aflText(value: Uint8Array): string {
  const parts: string[] = [];
  for (let offset = 0; offset + 4 <= value.length; offset += 4) {
    const [sfi, first, last, authenticated] = value.subarray(offset, offset + 4) as unknown as number[];
    parts.push(
      `SFI ${hexByte(sfi! >> 3)} records ${first}-${last}${authenticated! > 0 ? ` (${authenticated} signed)` : ''}`,
    );
  }
  return parts.join('; ');
}

function iadText(value: Uint8Array): string {
  const iad = parseIssuerApplicationData(value);
  const cvr = decodeCvr(iad.cvr);
  const words = [`key ${iad.keyIndex}`, `CVN ${iad.cvn.toString(16).padStart(2, '0')}`, iad.algorithm];
  words.push(`${cvr.first ?? 'reserved'}`, ...cvr.flags.map((flag) => flag.en));
  if (iad.discretionary !== undefined) words.push(`IDD ${iad.discretionary.id} ${toHex(iad.discretionary.value)}`);
  return words.join(', ');
}

/** PAN digits before the separator D of track 2 equivalent data. */
export function panOfTrack2(track2: Uint8Array): string | undefined {
  return /^(\d{10,19})D/.exec(toHex(track2))?.[1];
}

function isPrintable(value: Uint8Array): boolean {
  return value.every((byte) => byte >= 0x20 && byte < 0x7f);
}

function decodeKnown(tag: string, value: Uint8Array): string | undefined {
  const hex = toHex(value);
  if (AMOUNT_TAGS.has(tag)) return amountText(value);
  const bits = bitText(tag, value);
  if (bits !== undefined) return bits;
  switch (tag) {
    case '4F':
    case '84':
      return isPrintable(value) ? Buffer.from(value).toString('ascii') : undefined;
    case '5F2A':
    case '9F51':
    case '9F42':
    case 'DF71':
      return CURRENCY_TEXT[hex];
    case '5F24':
    case '5F25':
    case '9A':
      return value.length === 3 ? `20${hex.slice(0, 2)}-${hex.slice(2, 4)}-${hex.slice(4, 6)}` : undefined;
    case '9F21':
      return value.length === 3 ? `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}` : undefined;
    case '94':
      return aflText(value);
    case '9C':
      return TYPE_TEXT[hex];
    case '9F10':
      return iadText(value);
    case '9F36':
    case '9F13':
      return String(Number.parseInt(hex, 16));
    case 'DF60':
      return DF60_TEXT[value[0] ?? 0] ?? 'unknown indicator';
    case '9F4D':
    case 'DF4D':
      return value.length === 2 ? `SFI ${hexByte(value[0]!)}, ${value[1]} records` : undefined;
  }
  const format = tagEntry(tag)?.format;
  if (format === 'dol') {
    return parseDol(value, tag)
      .map((entry) => `${tagName(entry.tag).en} (${entry.tag}, ${entry.lengthBytes})`)
      .join(', ');
  }
  if (format === 'an' || format === 'ans') return Buffer.from(value).toString('utf8').replaceAll('\0', '').trimEnd();
  return undefined;
}

/** Words for a value; undefined when there is nothing better than its hex. Never throws: broken values stay hex. */
export function decodeValue(tag: string, value: Uint8Array): string | undefined {
  try {
    return decodeKnown(tag, value);
  } catch {
    return undefined;
  }
}

/** Hex of a value as a screen may show it: PAN and track 2 (57, 5A) masked. */
export function maskedHex(tag: string, value: Uint8Array): string {
  const hex = toHex(value);
  if (tag === '5A') {
    const pan = hex.replace(/F+$/, '');
    return `${maskPan(pan)}${hex.slice(pan.length)}`;
  }
  if (tag === '57') {
    const end = hex.indexOf('D');
    const pan = end < 0 ? hex : hex.slice(0, end);
    return `${maskPan(pan)}${'*'.repeat(hex.length - pan.length)}`;
  }
  return hex;
}
