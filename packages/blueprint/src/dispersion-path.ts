/** Dispersion factors of a key tree: the part that is the same for every card, and the part that is the card's own. */
import { fromHex, PolycardError } from '@polycard/bytes';
import type { DispersionLevel, KeyTree } from './schema/keys.ts';
import type { Manifest } from './schema/region.ts';

export interface CardFactors {
  readonly pan?: string;
  readonly psn?: string;
  readonly homeCityCode?: string;
  /** The 10-byte serial of an industry application, as digits. */
  readonly applicationSerial?: string;
  readonly meterNumber?: string;
  /** The institution's own code, digits; without it the PAN names the issuer. */
  readonly issuerCode?: string;
  /** 4, 7 or 8 bytes, hex. */
  readonly uid?: string;
}

export interface DispersionPath {
  /** Factors before the first level that needs a card: what a PSAM's key is dispersed along at issue. */
  readonly fixedPrefix: Uint8Array[];
  /** The remaining factors, empty when no card is given. */
  readonly cardFactors: Uint8Array[];
}

const CARD_DEPENDENT = new Set<DispersionLevel['factor']>([
  'home-city-code',
  'home-city-ascii',
  'pan-rightmost-16',
  'emv-option-a',
  'application-serial',
  'meter-number',
  'issuer-code',
  'card-uid',
]);

/** Top down, as the keys are dispersed. Throws `POLYCARD_KEYS_FACTOR` when a level lacks what it is made from. */
export function factorsFor(tree: KeyTree, manifest: Manifest, card: CardFactors): DispersionPath {
  const first = tree.dispersion.findIndex((level) => CARD_DEPENDENT.has(level.factor));
  const split = first < 0 ? tree.dispersion.length : first;
  const hasCard = Object.values(card).some((value) => value !== undefined);
  return {
    fixedPrefix: tree.dispersion.slice(0, split).map((level) => factorOf(tree, level, manifest, card)),
    cardFactors: hasCard ? tree.dispersion.slice(split).map((level) => factorOf(tree, level, manifest, card)) : [],
  };
}

function factorOf(tree: KeyTree, level: DispersionLevel, manifest: Manifest, card: CardFactors): Uint8Array {
  const lacking = (what: string): PolycardError =>
    new PolycardError('POLYCARD_KEYS_FACTOR', `key tree ${tree.label}, level ${level.level} needs ${what}`, {
      where: tree.label,
      expected: what,
    });
  switch (level.factor) {
    case 'fixed':
      if (level.value === undefined) throw lacking('a value of 8 bytes');
      return fromHex(level.value);
    case 'region-code':
      return padCode(manifest.region.code, level.pad ?? 'FF');
    case 'home-city-code':
      if (card.homeCityCode === undefined) throw lacking("the card's home city");
      return padCode(card.homeCityCode, level.pad ?? 'FF');
    case 'pan-rightmost-16':
      if (card.pan === undefined) throw lacking('the PAN');
      return fromHex(card.pan.slice(-16).padStart(16, '0'));
    case 'emv-option-a':
      if (card.pan === undefined) throw lacking('the PAN');
      return fromHex(`${card.pan}${card.psn ?? '00'}`.slice(-16).padStart(16, '0'));
    case 'home-city-ascii': {
      const city = manifest.cities.find((candidate) => candidate.code === card.homeCityCode);
      if (city?.gb2260 === undefined) throw lacking('the GB/T 2260 code of the home city');
      return new TextEncoder().encode(`${city.gb2260}00`);
    }
    case 'application-serial':
      if (card.applicationSerial === undefined) throw lacking("the application's serial");
      return fromHex(card.applicationSerial.slice(-16).padStart(16, '0'));
    case 'meter-number':
      if (card.meterNumber === undefined) throw lacking('the meter number');
      return fromHex(card.meterNumber.slice(-16).padStart(16, '0'));
    case 'issuer-code': {
      const code = card.issuerCode ?? card.pan?.slice(0, ISSUER_DIGITS);
      if (code === undefined) throw lacking('the issuer code');
      return padCode(code, level.pad ?? 'FF');
    }
    case 'card-uid':
      if (card.uid === undefined) throw lacking("the chip's UID");
      return padCode(card.uid, level.pad ?? '00');
  }
}

const FACTOR_DIGITS = 16;
const ISSUER_DIGITS = 6;

/** Codes are left aligned in 8 bytes; what fills the rest differs by city, so it is data (reference pboc.md §5.2). */
function padCode(code: string, pad: NonNullable<DispersionLevel['pad']>): Uint8Array {
  if (pad === 'repeat') return fromHex(code.repeat(FACTOR_DIGITS).slice(0, FACTOR_DIGITS));
  if (pad === '80' && code.length < FACTOR_DIGITS) return fromHex(`${code}80`.padEnd(FACTOR_DIGITS, '0'));
  if (code.length >= FACTOR_DIGITS) return fromHex(code.slice(0, FACTOR_DIGITS));
  return fromHex(code.padEnd(FACTOR_DIGITS, pad === 'FF' ? 'F' : '0'));
}
