/** A T-Union gate with a PSAM card, purses of its issuer, and that issuer's host: everything by APDUs. */
import { fromHex, Secret } from '@polycard/bytes';
import { AID_T_UNION_PURSE, PSAM_KEY_TYPE, type PsamContents, type PsamSwitches, VirtualPsam } from '@polycard/card';
import { disperseAlong, seededRandom } from '@polycard/crypto';
import { PurseIssuer } from '@polycard/emv';
import { KEYS, type PurseChoices, purseCard } from '../../card/test/purse-card.ts';
import { PsamCardClient, type PurseJournalStorage, type PursePlace, PurseTerminal } from '../src/index.ts';

/** Roots: the purchase root disperses to the card's DPK of vector V7; the others are put in the middle of the tree. */
const PURCHASE_ROOT = fromHex('0123456789ABCDEFFEDCBA9876543210');
export const ISSUER = fromHex('09981001FFFFFFFF');
export const SERIAL = fromHex('2280000100001117');

export const PLACE: PursePlace = {
  city: '4401',
  institution: '0044010000000001',
  operator: '0017',
  line: '0003',
  station: '0102',
  device: '0000440100000001',
  industry: '01',
};

export function psamContents(transactions = 0): PsamContents {
  return {
    publicInformation: fromHex('00000000000000440101 01 00 00 00'),
    terminalNo: fromHex('000000000001'),
    applicationInformation: fromHex(`01 ${'09981001FFFFFFFF'} ${'FFFFFFFFFFFFFFFF'} 20250101 20351231`),
    applicationFid: 0x8011,
    keys: [
      { type: PSAM_KEY_TYPE.purchase, id: 0x01, algorithm: '3DES', key: PURCHASE_ROOT, levels: 2 },
      {
        type: PSAM_KEY_TYPE.macAndEncrypt,
        id: 0x01,
        algorithm: '3DES',
        key: fromHex('00112233445566778899AABBCCDDEEFF'),
        levels: 1,
      },
      {
        type: PSAM_KEY_TYPE.macAndEncrypt,
        id: 0x04,
        algorithm: 'SM4',
        key: fromHex('00112233445566778899AABBCCDDEEFF'),
        levels: 1,
      },
      {
        type: PSAM_KEY_TYPE.maintenance,
        id: 0x02,
        algorithm: '3DES',
        key: fromHex('FEDCBA98765432100123456789ABCDEF'),
        levels: 2,
      },
    ],
    transactions,
  };
}

export function samSlot(options: { switches?: Partial<PsamSwitches>; transactions?: number } = {}): VirtualPsam {
  return new VirtualPsam({
    contents: psamContents(options.transactions),
    random: seededRandom('psam'),
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });
}

/** The card's purchase key, as the PSAM disperses it. */
export const CARD_PURCHASE_KEY = disperseAlong('3DES', PURCHASE_ROOT, [ISSUER, SERIAL]);

/** An issuer whose dispersed keys are the test card's; the card's own key stands at the end of the path. */
export function issuerOf(load: Uint8Array, tac: Uint8Array): PurseIssuer {
  return new PurseIssuer({ load: new Secret(load, ''), tac: new Secret(tac, ''), algorithm: '3DES' });
}

export interface GateOptions {
  readonly sam?: VirtualPsam;
  readonly storage?: PurseJournalStorage;
  readonly nowMs?: () => number;
  readonly place?: Partial<PursePlace>;
  readonly proofNumber?: 'after' | 'before';
}

export function purseGate(options: GateOptions = {}): PurseTerminal {
  const place = { ...PLACE, ...options.place };
  const configuration = { aid: AID_T_UNION_PURSE, place, tornRecordMs: 60_000 };
  return new PurseTerminal(
    options.proofNumber === undefined ? configuration : { ...configuration, proofNumber: options.proofNumber },
    {
      psam: new PsamCardClient(options.sam ?? samSlot()),
      nowMs: options.nowMs ?? (() => 0),
      monotonicUs: () => 0,
      ...(options.storage === undefined ? {} : { storage: options.storage }),
    },
  );
}

const LOAD_ROOT = fromHex('8F8E8D8C8B8A89888786858483828180');
const TAC_ROOT = fromHex('1F1E1D1C1B1A19181716151413121110');
const cardKey = (root: Uint8Array): Uint8Array => disperseAlong('3DES', root, [ISSUER, SERIAL]);

export const ISSUER_HOST = issuerOf(LOAD_ROOT, TAC_ROOT);

/** Keys of a purse, dispersed from the roots of PSAM and issuer. */
export const ISSUED_KEYS = { ...KEYS, purchase: CARD_PURCHASE_KEY, load: cardKey(LOAD_ROOT), tac: cardKey(TAC_ROOT) };

export function issuedPurse(choices: PurseChoices = {}) {
  return purseCard({ freshRides: true, ...choices, keys: ISSUED_KEYS });
}
