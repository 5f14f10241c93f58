/**
 * Light cards: the account number and the dispersed key of a card the platform really issued, without the card around
 * them. What a light card gives is one recorded boarding or gate tap, made over to its own number, counter and
 * unpredictable number, under a cryptogram of its own key: clearing proves each.
 */
import { fromHex, parseTlv, tlvMap } from '@polycard/bytes';
import { decryptBlocks, macOf, type RandomSource, randomInteger } from '@polycard/crypto';
import { buildCryptogramInput, deriveSessionKey, parseIssuerApplicationData } from '@polycard/emv';
import type { PreparedCard } from '@polycard/fleet';
import type { TapData } from '@polycard/terminal';

const KEY_BYTES = 16;
const DGI_CARD_KEYS = '8000';
/** SFI and record number. */
const RECORD_DGI = /^0[1-9A]/;

export interface LightCard {
  readonly pan: string;
  readonly psn: string;
  readonly cryptogramKey: Uint8Array;
  atc: number;
}

/** From what personalisation prepared: the PAN in the static record, the AC key out of the enciphered group. */
export function lightCardOf(card: PreparedCard, zoneKey: Uint8Array): LightCard {
  const keys = card.groupings.find(({ dgi }) => dgi === DGI_CARD_KEYS);
  const record = card.groupings
    .filter(({ dgi }) => RECORD_DGI.test(dgi))
    .map(({ data }) => tlvMap(parseTlv(data, 'record')))
    .find((objects) => objects.has('5A'));
  if (keys === undefined || record === undefined)
    throw new Error(`card ${card.panMasked} lacks its keys or its number`);
  return {
    pan: Buffer.from(record.get('5A')!).toString('hex').replace(/f$/, ''),
    psn: Buffer.from(record.get('5F34')!).toString('hex'),
    cryptogramKey: decryptBlocks('des-ede-ecb', zoneKey, keys.data).slice(0, KEY_BYTES),
    atc: 0,
  };
}

/** The card's next tap, in the likeness of a recorded one. */
export function lightTap(card: LightCard, likeness: TapData, random: RandomSource): TapData {
  const atc = ++card.atc;
  const clearingData = new Map(likeness.clearingData);
  clearingData.set('9F36', Uint8Array.of(atc >> 8, atc & 0xff));
  clearingData.set('9F37', random(4));
  clearingData.set('5F34', fromHex(card.psn));
  clearingData.set('9F26', cryptogram(card, clearingData, atc));
  return { ...likeness, pan: card.pan, psn: card.psn, atc, clearingData };
}

function cryptogram({ cryptogramKey }: LightCard, data: ReadonlyMap<string, Uint8Array>, atc: number): Uint8Array {
  const tag = (name: string): Uint8Array => data.get(name)!;
  const { cvn, cvr, algorithm } = parseIssuerApplicationData(tag('9F10'));
  const input = buildCryptogramInput(cvn, {
    amountAuthorised: tag('9F02'),
    amountOther: tag('9F03'),
    terminalCountry: tag('9F1A'),
    tvr: tag('95'),
    currency: tag('5F2A'),
    date: tag('9A'),
    transactionType: tag('9C'),
    unpredictableNumber: tag('9F37'),
    aip: tag('82'),
    atc,
    cvr,
  });
  return macOf(algorithm, deriveSessionKey(algorithm, cryptogramKey, atc), input).slice(0, 8);
}

/** Chances in ten thousand. */
export function happens(random: RandomSource, perTenThousand: number): boolean {
  return perTenThousand > 0 && randomInteger(random, 10_000) < perTenThousand;
}
