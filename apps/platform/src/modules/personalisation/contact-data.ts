/**
 * What a card carries for the contact interface beside the contactless one: the payment system environment, its own FCI
 * and PDOL, the files of debit/credit and of electronic cash, and the lists GENERATE AC asks for (reference pboc.md §1.2,
 * §2.2, §2.4, §7; EMV 4.4 Book 1 §12, Book 3 §5.4, §10.5, §10.7, as publicly described).
 */
import type { Cards } from '@polycard/blueprint';
import { encodeTlv, encodeTlvs, fromHex, toHex } from '@polycard/bytes';
import { AIP_DDA, type Dgi, record, tlv } from './objects.ts';

/** Electronic cash: whether the terminal takes it, amount, currency. */
const PDOL = '9F7A019F02065F2A02';
const COMMON_TO_BOTH_LISTS = '9F02069F03069F1A0295055F2A029A039C019F3704';
const CDOL1 = `${COMMON_TO_BOTH_LISTS}9F21039F4E14`;
const CDOL2 = `8A02${COMMON_TO_BOTH_LISTS}9F2103`;
/** Cardholder data, signed static data and the lists, certificates. */
const AFL_DEBIT_CREDIT = '080101001001020118010200';
/** The same, and the record with the issuer's authorisation code of electronic cash (9F74). */
const AFL_ELECTRONIC_CASH = '080101001001020118010300';
const DIRECTORY_SFI = '01';
const SERVICE_CODE = '0220'; // international, online where possible, no restriction

/** Signed with the static data: enciphered PIN online, signature, no verification; each if the terminal can. */
export const VERIFICATION_METHODS = '000000000000000042031E031F00';
/** Issuer action codes default, denial, online: what a bank's card usually carries. */
export const ACTION_CODES = { default: 'D8609CA800', denial: '0010000000', online: 'D8689CF800' } as const;

export function pseDgis(aid: string, label: string): Dgi[] {
  const entry = encodeTlvs([['4F', fromHex(aid)], ['50', new TextEncoder().encode(label)], tlv('87', '01')]);
  const directory = encodeTlvs([tlv('88', DIRECTORY_SFI), tlv('5F2D', '7A68656E'), tlv('9F11', '01')]);
  return [
    ['0101', toHex(record([['61', entry]]))],
    ['9102', toHex(encodeTlv('A5', directory))],
  ];
}

/** Groups that are the same on every card of a product. */
export function contactDgis(
  profile: Cards['profile'],
  region: { currency: string },
  issuerDiscretionary: Uint8Array,
  issuerApplicationData: Uint8Array,
): Dgi[] {
  const label = new TextEncoder().encode(profile.label);
  const fci = encodeTlvs([
    ['50', label],
    tlv('87', '01'),
    tlv('9F38', PDOL),
    tlv('5F2D', '7A68656E'),
    tlv('9F11', '01'),
    ['9F12', label],
    ['BF0C', issuerDiscretionary],
  ]);
  const lists = record([
    tlv('8C', CDOL1),
    tlv('8D', CDOL2),
    tlv('5F30', SERVICE_CODE),
    tlv('9F42', `0${region.currency}`),
    tlv('9F44', '02'),
  ]);
  const options = (afl: string): string => toHex(encodeTlvs([tlv('82', AIP_DDA), tlv('94', afl)]));
  return [
    ['0202', toHex(lists)],
    ['9102', toHex(encodeTlv('A5', fci))],
    ['9104', options(AFL_DEBIT_CREDIT)],
    ['9200', toHex(encodeTlv('9F10', issuerApplicationData))],
    ['9203', options(AFL_ELECTRONIC_CASH)],
  ];
}
