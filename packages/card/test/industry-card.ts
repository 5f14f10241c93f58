/**
 * Three industry file applications in small, as reference industries.md §1.3, §2.2 and §3.2 lay them out, on one card;
 * and the terminal's side of their commands, keys in hand.
 */
import { type CardChannel, concat, encodeCommand, fromHex, parseResponse, swHex, toHex } from '@polycard/bytes';
import { checkValue, disperseAlong, seededRandom } from '@polycard/crypto';
import {
  decipherIndustry,
  encipherIndustry,
  externalCryptogram,
  type IndustryFileSpecification,
  type IndustryKey,
  industryCommandMac,
  industryFileGroupings,
  industryPinBlock,
  industryResponseMac,
  internalCryptogram,
} from '@polycard/emv';
import { AID_T_UNION_PURSE, personalise, VirtualCard } from '../src/index.ts';
import { purseGroupings } from './purse-card.ts';

const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
export const SERIAL = fromHex('00004401000000012345');
export const PIN = '123456';

type Spec = IndustryFileSpecification;
type Terms = Spec['files'][number]['access']['read'];

/** `auth:03+pin | mutual:0C` */
export function condition(text: string): Terms {
  return {
    anyOf: text.split('|').map((alternative) =>
      alternative.split('+').map((term) => {
        const [kind, reference = '01'] = term.trim().split(':') as [string, string?];
        const number = Number.parseInt(reference, 16);
        if (kind === 'free' || kind === 'never') return { kind };
        if (kind === 'pin') return { kind, pin: number };
        return { kind: kind as 'auth' | 'mutual' | 'mac' | 'enc', key: number };
      }),
    ),
  };
}

type FileRow = readonly [
  name: string,
  sfi: number,
  type: 'transparent' | 'linear-fixed' | 'cyclic',
  lengthBytes: number,
  recordsMax: number,
  read: string,
  update: string,
  append?: string,
  part?: readonly [bytes: number, condition: string],
];

function file([
  name,
  sfi,
  type,
  lengthBytes,
  recordsMax,
  read,
  update,
  append = 'never',
  part,
]: FileRow): Spec['files'][number] {
  const access = { read: condition(read), update: condition(update), append: condition(append) };
  return {
    ...{ name, fid: 0xef00 | sfi, sfi, type, lengthBytes, recordsMax, initial: '00'.repeat(lengthBytes) },
    access: part === undefined ? access : { ...access, readPart: { bytes: part[0], condition: condition(part[1]) } },
  };
}

const KEYS: readonly (readonly [reference: number, use: string])[] = [
  [0x01, 'activation'],
  [0x02, 'management'],
  [0x03, 'authentication'],
  [0x04, 'authentication'],
  [0x05, 'authentication'],
  [0x07, 'secure-messaging'],
  [0x08, 'transaction-proof'],
  [0x09, 'internal-authentication'],
  [0x0a, 'pin-unblock'],
  [0x0b, 'lock'],
  [0x0c, 'authentication'],
];

function specification(
  given: Pick<Spec, 'aid' | 'label'> & Partial<Spec> & { readonly rows: readonly FileRow[] },
): Spec {
  const { rows, ...rest } = given;
  return {
    algorithm: 'SM4',
    session: 'split',
    pin: { reference: 1, digitsMin: 6, digitsMax: 6, triesMax: 3, unblockKey: 0x0a },
    keys: KEYS.map(([reference, use]) => ({ label: `key-${reference}`, reference, use, triesMax: 5 })),
    activationKey: 0x01,
    managementKey: 0x02,
    lifeCycle: {
      initial: 'dormant',
      states: ['dormant', 'active', 'suspended', 'closed'].map((id, code) => ({ id, code })),
      transitions: [
        { from: 'dormant', to: 'active', command: 'ACTIVATE', key: 0x01 },
        { from: 'active', to: 'suspended', command: 'DEACTIVATE', key: 0x02 },
        { from: 'active', to: 'suspended', command: 'APPLICATION BLOCK', key: 0x0b },
        { from: 'suspended', to: 'active', command: 'REACTIVATE', key: 0x02 },
        { from: 'active', to: 'closed', command: 'TERMINATE DF', key: 0x02 },
        { from: 'suspended', to: 'closed', command: 'TERMINATE DF', key: 0x02 },
      ],
    },
    files: rows.map(file),
    ...rest,
  };
}

/** Prepaid water (§1.3): order, write-back and log; the TAC speaks of the log record's order, number, amount, terminal, time. */
export const WATER = specification({
  aid: 'F0474449431001',
  label: 'WATER',
  rows: [
    ['public-information', 0x01, 'transparent', 40, 1, 'free', 'enc:07+auth:02'],
    ['account', 0x02, 'transparent', 64, 1, 'auth:03|auth:05|pin', 'enc:07+auth:04'],
    ['order', 0x04, 'transparent', 40, 1, 'auth:03|auth:05', 'enc:07+auth:04'],
    ['write-back', 0x07, 'transparent', 96, 1, 'auth:03|pin', 'mac:07+auth:05|enc:07+auth:04'],
    ['purchases', 0x08, 'cyclic', 32, 3, 'pin|auth:03', 'never', 'enc:07+auth:04'],
  ],
  proof: {
    sfi: 0x08,
    parts: [
      { offset: 0, length: 14 },
      { offset: 25, length: 6 },
      { offset: 18, length: 7 },
    ],
  },
});

/** Resident health (§2.2, flat): holder behind mutual authentication, emergency data for two roles, visits with the PIN too. */
export const HEALTH = specification({
  aid: 'F0474449432001',
  label: 'HEALTH',
  rows: [
    ['holder', 0x06, 'transparent', 54, 1, 'mutual:03|mutual:0C', 'never'],
    ['photo', 0x07, 'transparent', 600, 1, 'mutual:03', 'enc:07+auth:04'],
    ['emergency', 0x0b, 'transparent', 54, 1, 'mutual:0C|mutual:05', 'enc:07+auth:04'],
    ['outpatient-index', 0x0c, 'linear-fixed', 1, 5, 'mutual:03', 'enc:07+auth:04'],
    ['visits', 0x0d, 'linear-fixed', 200, 2, 'mutual:03+pin', 'enc:07+auth:04'],
    ['outpatient-visit-1', 0x0e, 'transparent', 512, 1, 'mutual:03+pin', 'enc:07+auth:04'],
  ],
});

/** Driver and vehicle (§3.2): payment terminals read the first 53 bytes of a decision and nothing else; under 3DES here. */
export const TRAFFIC = specification({
  aid: 'F0474449433001',
  label: 'TRAFFIC',
  algorithm: '3DES',
  session: 'single',
  rows: [
    ['public-information', 0x01, 'transparent', 32, 1, 'free', 'enc:07+auth:02'],
    ['driver-licence', 0x02, 'transparent', 320, 1, 'mutual:03|mutual:05+pin', 'enc:07+auth:04'],
    ['points', 0x04, 'transparent', 32, 1, 'mac:07+auth:03|pin', 'enc:07+auth:04'],
    ['decisions', 0x05, 'cyclic', 96, 10, 'mutual:03|pin', 'enc:07+auth:04', 'enc:07+auth:04', [53, 'mutual:0C']],
    ['receipts', 0x06, 'cyclic', 64, 10, 'mutual:03|pin', 'never', 'enc:07+auth:04'],
  ],
});

export const SPECIFICATIONS = { water: WATER, health: HEALTH, traffic: TRAFFIC } as const;
export type SpecificationName = keyof typeof SPECIFICATIONS;

/** Card keys: one root for each application and key number, dispersed by the card's serial. */
export function cardKey(spec: Spec, reference: number): Uint8Array {
  const root = fromHex('0123456789ABCDEFFEDCBA9876543210');
  const aid = fromHex(spec.aid);
  const usage = concat(aid.subarray(-3), Uint8Array.of(reference, 0, 0, 0, 0));
  return disperseAlong(spec.algorithm, root, [usage, SERIAL.subarray(2)]);
}

export const HOLDER = Uint8Array.from({ length: 54 }, (_, index) => 0x40 + index);
export const LICENCE = Uint8Array.from({ length: 320 }, (_, index) => index & 0xff);

/** A card with the three applications (and a purse), open and filled; dormant ones hold their activation key alone. */
export function industryCard(options: { dormant?: boolean; random?: (bytes: number) => Uint8Array } = {}): VirtualCard {
  const { dormant = false, random = seededRandom('industry') } = options;
  const specs = Object.values(SPECIFICATIONS);
  const card = new VirtualCard({
    random,
    personalisationKey: PERSONALISATION_KEY,
    applications: [
      { module: 'purse', aid: AID_T_UNION_PURSE },
      ...specs.map(({ aid }) => ({ module: 'industry-files' as const, aid: fromHex(aid) })),
    ],
  });
  personalise(card, AID_T_UNION_PURSE, purseGroupings(), PERSONALISATION_KEY);
  for (const spec of specs) {
    const references = dormant ? [0x01] : spec.keys.map(({ reference }) => reference);
    const groupings = industryFileGroupings(spec, {
      serial: SERIAL,
      keys: new Map(references.map((reference) => [reference, cardKey(spec, reference)])),
      pin: PIN,
      state: dormant ? 'dormant' : 'active',
      contents: new Map([
        ['holder', HOLDER],
        ['driver-licence', LICENCE],
      ]),
    });
    personalise(card, fromHex(spec.aid), groupings, PERSONALISATION_KEY);
  }
  card.reset();
  return card;
}

export interface Answer {
  readonly sw: string;
  readonly data: Uint8Array;
}

/** Speaks with one application of a card. */
export class IndustryHost<Card extends CardChannel = VirtualCard> {
  readonly card: Card;
  readonly spec: Spec;

  constructor(card: Card, of: SpecificationName | Spec) {
    this.card = card;
    this.spec = typeof of === 'string' ? SPECIFICATIONS[of] : of;
  }

  send(command: string): Answer {
    const { data, sw } = parseResponse(this.card.transmit(fromHex(command)));
    return { data: data.slice(), sw: swHex(sw) };
  }

  select(): Answer {
    return this.send(`00A4040007${this.spec.aid}00`);
  }

  key(reference: number): IndustryKey {
    const { algorithm, session } = this.spec;
    return { algorithm, session, key: cardKey(this.spec, reference) };
  }

  challenge(): Uint8Array {
    return this.send('0084000008').data;
  }

  verify(pin = PIN): string {
    return this.send(`0020000108${toHex(industryPinBlock(pin))}`).sw;
  }

  authenticate(reference: number, options: { spoil?: boolean; version?: number } = {}): string {
    const challenge = this.challenge();
    const random = fromHex('A1B2C3D4E5F60718');
    const cryptogram = externalCryptogram(this.key(reference), challenge, random);
    if (options.spoil === true) cryptogram[0]! ^= 1;
    const data = concat(cryptogram, random, Uint8Array.of(options.version ?? 1));
    return this.send(toHex(encodeCommand({ cla: 0, ins: 0x82, p1: 0, p2: reference, data }))).sw;
  }

  /** The card proves itself; true when its answer is right. */
  proveCard(): boolean {
    const random = fromHex('00112233445566778899AABBCCDDEEFF');
    const { data } = this.send(`0088000910${toHex(random)}10`);
    return toHex(data) === toHex(internalCryptogram(this.key(0x09), random));
  }

  mutual(reference: number): string {
    return this.proveCard() ? this.authenticate(reference) : 'card refused';
  }

  /** A command with MAC, enciphered when asked; answers of protected reads are opened and their MAC is checked. */
  protect(
    header: string,
    plain: Uint8Array,
    options: { key?: number; enc?: boolean; spoil?: boolean; challenge?: Uint8Array } = {},
  ): Answer {
    const key = this.key(options.key ?? 0x07);
    const challenge = options.challenge ?? this.challenge();
    const [cla, ins, p1, p2] = fromHex(header) as unknown as [number, number, number, number];
    const enciphered = options.enc === true && plain.length > 0;
    const body = enciphered ? encipherIndustry(key, challenge, plain) : plain;
    const mac = industryCommandMac(key, challenge, fromHex(header), body);
    if (options.spoil === true) mac[3]! ^= 1;
    const answer = this.send(toHex(encodeCommand({ cla, ins, p1, p2, data: concat(body, mac) })));
    const isRead = ins === 0xb0 || ins === 0xb2;
    if (answer.sw !== '9000' || !isRead) return answer;
    const sent = answer.data.slice(0, -4);
    if (toHex(industryResponseMac(key, challenge, sent)) !== toHex(answer.data.slice(-4)))
      throw new Error('wrong MAC of an answer');
    return { sw: answer.sw, data: options.enc === true ? decipherIndustry(key, challenge, sent)! : sent };
  }

  /** Payload of ACTIVATE for these keys. */
  activation(references: readonly number[]): Uint8Array {
    return concat(...references.map((reference) => concat(Uint8Array.of(reference, 1), cardKey(this.spec, reference))));
  }

  checkValues(references: readonly number[]): string {
    return toHex(
      concat(...references.map((reference) => checkValue(this.spec.algorithm, cardKey(this.spec, reference)))),
    );
  }
}

export function industryHost(name: SpecificationName, card = industryCard()): IndustryHost {
  const host = new IndustryHost(card, name);
  host.select();
  return host;
}
