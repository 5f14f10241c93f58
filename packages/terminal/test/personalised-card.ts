/**
 * A small personaliser: a virtual card with certificates, electronic cash and the region's industry records, from data
 * groupings (EMV CPS 1.1; PBOC 3.0, as publicly described). What a card says about itself is read off it here too.
 */
import {
  bcdFromNumber,
  concat,
  encodeTlv,
  encodeTlvs,
  findTlv,
  fromHex,
  numberFromBcd,
  parseResponse,
  parseTlv,
  swHex,
  toHex,
} from '@polycard/bytes';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  type DataGrouping,
  personalise,
  VirtualCard,
  type VirtualCardOptions,
} from '@polycard/card';
import { checkValue, type RandomSource, seededRandom } from '@polycard/crypto';
import {
  buildIccCertificate,
  buildIssuerCertificate,
  deriveCardKey,
  encodeAppendRecord,
  encodeGetTransProve,
  encodeReadCapp,
  staticDataToBeAuthenticated,
} from '@polycard/emv';
import { CA_INDEX, caKey, cardKey, files, issuerKey, keyOfCard, recordNamed, recordNames, roots } from './region.ts';

export const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
const PDOL = '9F66049F02069F03069F1A0295055F2A029A039C019F37049F2103DF6001';
const AFL = '080101001001010118010300';
const AIP = '7C00';
const EXPIRY = '2912';

export interface CardChoices {
  readonly pan?: string;
  readonly homeCityCode?: string;
  /** Code of the card class in every record. */
  readonly cardClass?: string;
  readonly balanceFen?: number;
  readonly random?: RandomSource;
  /** Data groupings beside these, or in their place. */
  readonly groupings?: readonly DataGrouping[];
  /** Whether its industry records are opened; they are unless this says no. */
  readonly openRecords?: boolean;
  /** How the chip was ordered: further applications, keys of its issuer domain. */
  readonly chip?: Partial<VirtualCardOptions>;
}

type Objects = readonly (readonly [tag: string, value: Uint8Array | string])[];
const tlvs = (objects: Objects): Uint8Array =>
  encodeTlvs(objects.map(([tag, value]) => [tag, typeof value === 'string' ? fromHex(value) : value] as const));
const record = (objects: Objects): Uint8Array => encodeTlv('70', tlvs(objects));
const amount = (fen: number): Uint8Array => bcdFromNumber(fen, 6);
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

function records(pan: string): DataGrouping[] {
  const statics = record([
    ['5F24', `${EXPIRY}31`],
    ['5F25', '180101'],
    ['5A', pan.padEnd(Math.ceil(pan.length / 2) * 2, 'F')],
    ['5F34', '01'],
    ['5F28', '0156'],
    ['9F08', '0030'],
    ['9F4A', '82'],
  ]);
  const expiry = `${EXPIRY.slice(2)}${EXPIRY.slice(0, 2)}`;
  const issuer = buildIssuerCertificate(
    {
      subject: pan.slice(0, 6),
      expiry,
      serial: fromHex('000001'),
      publicKey: { modulus: issuerKey.modulus, exponent: Uint8Array.of(3) },
    },
    caKey,
  );
  const icc = buildIccCertificate(
    {
      subject: pan,
      expiry,
      serial: fromHex('000002'),
      publicKey: { modulus: cardKey.modulus, exponent: Uint8Array.of(3) },
    },
    issuerKey,
    staticDataToBeAuthenticated([{ sfi: 2, bytes: statics }], fromHex(AIP)),
  );
  const remainder = (tag: string, bytes: Uint8Array): Objects => (bytes.length === 0 ? [] : [[tag, bytes]]);
  const track2 = `${pan}D${EXPIRY}2200000000`;
  const grouping = (dgi: string, data: Uint8Array): DataGrouping => ({ dgi, data });
  return [
    grouping('0101', record([['57', track2.padEnd(Math.ceil(track2.length / 2) * 2, 'F')]])),
    grouping('0201', statics),
    grouping(
      '0301',
      record([
        ['8F', CA_INDEX],
        ['90', issuer.certificate],
        ...remainder('92', issuer.remainder),
        ['9F32', issuer.exponent],
      ]),
    ),
    grouping(
      '0302',
      record([
        ['9F46', icc.certificate],
        ['9F47', icc.exponent],
        ...remainder('9F48', icc.remainder),
        ['9F49', '9F3704'],
      ]),
    ),
    grouping('0303', record([['9F74', text('ECC001')]])),
  ];
}

function internalData(balanceFen: number): Uint8Array {
  return tlvs([
    ...([
      ['9F36', '0000'],
      ['9F13', '0000'],
      ['9F51', '0156'],
      ['9F52', 'C000'],
      ['9F57', '0156'],
    ] as const),
    ...([
      ['9F53', '05'],
      ['9F56', '80'],
      ['9F58', '03'],
      ['9F59', '05'],
      ['9F72', '05'],
      ['9F6C', '0000'],
    ] as const),
    ...(['9F54', '9F5C', '9F5D', '9F6D', 'DF62', 'DF63'] as const).map((tag) => [tag, amount(0)] as const),
    ...(['9F6B', '9F77', '9F78'] as const).map((tag) => [tag, amount(100_000)] as const),
    ['9F79', amount(balanceFen)],
    ['9F63', '00'.repeat(16)],
    ['9F68', '81109000'],
    ['9F4F', '9A039F21039F02069F03069F1A025F2A029C019F3602'],
    ['DF4F', '9A039F21039F1A029F3602'],
  ]);
}

export function personalisedCard(choices: CardChoices = {}): VirtualCard {
  const { pan = '6228480000000011', homeCityCode = '5840', cardClass = '01', balanceFen = 50_000 } = choices;
  const random = choices.random ?? seededRandom(`card ${pan}`);
  const identity = { pan, homeCityCode };
  const label = text('PBOC DEBIT');
  const card = new VirtualCard({ random, personalisationKey: PERSONALISATION_KEY, ...choices.chip });
  const entry = tlvs([
    ['4F', AID_PBOC_DEBIT],
    ['50', label],
    ['87', '01'],
  ]);
  personalise(card, AID_PPSE, [{ dgi: '9102', data: encodeTlv('A5', encodeTlv('BF0C', encodeTlv('61', entry))) }]);
  const cardKeys = ['imk-ac', 'imk-mac', 'imk-enc'].map((root) =>
    deriveCardKey('3DES', roots.get(root)!, { pan, psn: '01' }),
  );
  const openingKeys = files.map(({ activationKey }) => keyOfCard(activationKey, identity));
  const fileList = files.map((file) => {
    const longest = Math.max(...file.records.map(({ lengthBytes }) => lengthBytes));
    const size = file.sizeBytes ?? 0;
    const isVariable = file.type === 'variable';
    const sfi = Number.parseInt(file.sfi, 16);
    return Uint8Array.of(
      sfi,
      isVariable ? 1 : 2,
      0,
      0,
      longest,
      ...(isVariable ? [size >> 8, size & 0xff] : [file.recordsMax ?? 10, longest]),
    );
  });
  const { parts } = cardKey;
  const fci = tlvs([
    ['50', label],
    ['87', '01'],
    ['9F38', PDOL],
    [
      'BF0C',
      tlvs([
        ['9F4D', '0B0A'],
        ['DF61', '02'],
      ]),
    ],
  ]);
  const groupings: DataGrouping[] = [
    ...(['p', 'q', 'dp', 'dq', 'qInv'] as const).map((part, index) => ({ dgi: `820${5 - index}`, data: parts[part] })),
    ...records(pan),
    { dgi: '0D01', data: internalData(balanceFen) },
    { dgi: '9103', data: encodeTlv('A5', fci) },
    {
      dgi: '9207',
      data: tlvs([
        ['82', AIP],
        ['94', AFL],
        ['9F10', '07010103000000010A010000000000000000000000'.slice(0, 38)],
      ]),
    },
    { dgi: 'A001', data: concat(...fileList) },
    { dgi: '8000', data: concat(...cardKeys) },
    { dgi: '9000', data: concat(...cardKeys.map((key) => checkValue('3DES', key))) },
    { dgi: '8020', data: concat(...openingKeys) },
    { dgi: '9020', data: concat(...openingKeys.map((key) => checkValue('3DES', key))) },
  ];
  const others = choices.groupings ?? [];
  const kept = groupings.filter(({ dgi }) => !others.some((other) => other.dgi === dgi));
  personalise(card, AID_PBOC_DEBIT, [...kept, ...others], PERSONALISATION_KEY);
  card.reset();
  select(card);
  for (const name of choices.openRecords === false ? [] : recordNames) {
    const { sfi, codec, activationKey, managementKey } = recordNamed(name);
    const values = {
      ...(codec.field('cardClass') === undefined ? {} : { cardClass }),
      ...(codec.field('homeCity') === undefined ? {} : { homeCity: homeCityCode }),
    };
    const append = encodeAppendRecord({
      openingKey: keyOfCard(activationKey, identity),
      recordKey: keyOfCard(managementKey, identity),
      atc: 0,
      sfi,
      record: codec.encode(values),
    });
    expectSuccess(card, append, `APPEND RECORD of ${name}`);
  }
  card.reset();
  return card;
}

function expectSuccess(card: VirtualCard, command: Uint8Array, what: string): Uint8Array {
  const { sw, data } = parseResponse(card.transmit(command));
  if (sw !== 0x9000) throw new Error(`${what} was answered ${swHex(sw)}`);
  return data;
}

function select(card: VirtualCard): void {
  expectSuccess(card, concat(fromHex('00A40400'), Uint8Array.of(AID_PBOC_DEBIT.length), AID_PBOC_DEBIT), 'SELECT');
}

/** What the card itself says: the only truth a test compares with. */
export interface CardTruth {
  readonly balanceFen: number;
  readonly metro: Record<string, number | string>;
  readonly bus: Record<string, number | string>;
  readonly combinedRide: Record<string, number | string>;
  /** Trips in the list, newest first. */
  readonly trips: readonly Record<string, number | string>[];
  readonly atc: number;
  /** TC of the last completed extended transaction, by its counter. */
  readonly proof: { readonly atc: number; readonly cryptogram: string } | undefined;
}

export function truthOf(card: VirtualCard): CardTruth {
  card.powerCut = undefined;
  card.reset();
  select(card);
  const data = (tag: string): Uint8Array =>
    findTlv(parseTlv(expectSuccess(card, fromHex(`80CA${tag}00`), `GET DATA ${tag}`)), tag)!;
  const capp = (name: string) => {
    const { sfi, codec } = recordNamed(name);
    const id = (codec.recordId![0]! << 8) | codec.recordId![1]!;
    return codec.decode(expectSuccess(card, encodeReadCapp({ sfi, id }), `READ CAPP DATA of ${name}`));
  };
  const trip = recordNamed('trip');
  const trips: Record<string, number | string>[] = [];
  for (let number = 1; number <= 10; number++) {
    const answer = parseResponse(card.transmit(Uint8Array.of(0x00, 0xb2, number, (trip.sfi << 3) | 4, 0x00)));
    if (answer.sw !== 0x9000) break;
    const values = trip.codec.decode(answer.data);
    if (values['type'] !== '00') trips.push(values);
  }
  const counter = data('9F36');
  const atc = (counter[0]! << 8) | counter[1]!;
  let proof: CardTruth['proof'];
  for (let tried = atc; tried > 0 && proof === undefined; tried--) {
    const answer = parseResponse(card.transmit(encodeGetTransProve(tried)));
    if (answer.sw === 0x9000) proof = { atc: tried, cryptogram: toHex(answer.data) };
  }
  const truth = {
    balanceFen: numberFromBcd(data('9F79')),
    metro: capp('metro'),
    bus: capp('bus'),
    combinedRide: capp('combined-ride'),
    trips,
    atc,
    proof,
  };
  card.reset();
  return truth;
}
