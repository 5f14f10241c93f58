/**
 * The access matrix of every file application of the blueprint, as the card enforces it: role × file × operation ×
 * protection, compared with the conditions the specification states (reference industries.md §0.4).
 */
import type { FileApplicationDescription } from '@polycard/blueprint';
import { type CardChannel, concat, encodeCommand, fromHex, parseResponse, swHex, toHex } from '@polycard/bytes';
import type { Condition, ConditionTerm } from '@polycard/emv';
import {
  encipherIndustry,
  externalCryptogram,
  type IndustryKey,
  industryCommandMac,
  industryPinBlock,
  internalCryptogram,
} from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { INDUSTRY_APPLICATIONS, INDUSTRY_PIN, industryKeyOf, regionalIndustryCard } from './industry-applications.ts';

type Protection = 'plain' | 'mac' | 'enc';

interface Situation {
  /** Key the terminal authenticated itself with. */
  readonly key: number | undefined;
  readonly cardProved: boolean;
  readonly pin: boolean;
}

const isProtection = (term: ConditionTerm): boolean => term.kind === 'mac' || term.kind === 'enc';

function holds(term: ConditionTerm, situation: Situation): boolean {
  switch (term.kind) {
    case 'free':
      return true;
    case 'never':
      return false;
    case 'pin':
      return situation.pin;
    case 'auth':
      return situation.key === term.key;
    case 'mutual':
      return situation.key === term.key && situation.cardProved;
    default:
      return true;
  }
}

/** What the condition says, worked out apart from the card. */
function isAllowed({ anyOf }: Condition, situation: Situation, protection: Protection): boolean {
  const open = anyOf.filter((terms) => terms.every((term) => holds(term, situation)));
  return open.some((terms) => {
    const demanded = terms.find(isProtection);
    if (protection === 'plain') return demanded === undefined;
    return demanded?.kind !== 'enc' || protection === 'enc';
  });
}

class Session {
  readonly #channel: CardChannel;
  readonly #application: FileApplicationDescription;
  readonly #line: number;

  constructor(channel: CardChannel, application: FileApplicationDescription, situation: Situation) {
    this.#channel = channel;
    this.#application = application;
    this.#line = application.keys.find(({ use }) => use === 'secure-messaging')!.reference;
    this.send(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: fromHex(application.aid), le: 256 }));
    if (situation.pin) this.send(fromHex(`00200001 08 ${toHex(industryPinBlock(INDUSTRY_PIN))}`));
    if (situation.cardProved) this.#prove();
    if (situation.key !== undefined) this.#authenticate(situation.key);
  }

  send(command: Uint8Array): { sw: string; data: Uint8Array } {
    const { sw, data } = parseResponse(this.#channel.transmit(command));
    return { sw: swHex(sw), data };
  }

  #key(reference: number): IndustryKey {
    const { algorithm, session, keys } = this.#application;
    const { label } = keys.find((key) => key.reference === reference)!;
    return { algorithm, session, key: industryKeyOf(label) };
  }

  #challenge(): Uint8Array {
    return this.send(fromHex('0084000008')).data.slice();
  }

  #prove(): void {
    const reference = this.#application.keys.find(({ use }) => use === 'internal-authentication')!.reference;
    const random = fromHex('00112233445566778899AABBCCDDEEFF');
    const answer = this.send(encodeCommand({ cla: 0, ins: 0x88, p1: 0, p2: reference, data: random, le: 16 }));
    expect(toHex(answer.data)).toBe(toHex(internalCryptogram(this.#key(reference), random)));
  }

  #authenticate(reference: number): void {
    const random = fromHex('A1B2C3D4E5F60718');
    const data = concat(externalCryptogram(this.#key(reference), this.#challenge(), random), random, Uint8Array.of(1));
    expect(this.send(encodeCommand({ cla: 0, ins: 0x82, p1: 0, p2: reference, data })).sw).toBe('9000');
  }

  /** Status word of one command under a protection. */
  attempt(ins: number, p1: number, p2: number, data: Uint8Array, protection: Protection): string {
    if (protection === 'plain') {
      const command = { cla: 0, ins, p1, p2, data };
      return this.send(encodeCommand(ins === 0xb0 || ins === 0xb2 ? { ...command, le: 256 } : command)).sw;
    }
    const key = this.#key(this.#line);
    const challenge = this.#challenge();
    const cla = protection === 'enc' ? 0x0c : 0x04;
    const body = protection === 'enc' && data.length > 0 ? encipherIndustry(key, challenge, data) : data;
    const mac = industryCommandMac(key, challenge, Uint8Array.of(cla, ins, p1, p2), body);
    return this.send(encodeCommand({ cla, ins, p1, p2, data: concat(body, mac) })).sw;
  }
}

const PROTECTIONS: readonly Protection[] = ['plain', 'mac', 'enc'];

function situationsOf(application: FileApplicationDescription): Situation[] {
  const keys = application.keys.filter(({ use }) => use === 'authentication' || use === 'management');
  const references = [undefined, ...keys.map(({ reference }) => reference)];
  return references.flatMap((key) =>
    [false, true].flatMap((cardProved) => [false, true].map((pin) => ({ key, cardProved, pin }))),
  );
}

describe.each(INDUSTRY_APPLICATIONS.map((application) => [application.application, application] as const))(
  'access matrix of %s',
  (_name, application) => {
    it('is what the card enforces, for every role, file, operation and protection', () => {
      const card = regionalIndustryCard();
      const differences: string[] = [];
      let compared = 0;
      let allowedOnes = 0;
      for (const situation of situationsOf(application)) {
        const session = new Session(card, application, situation);
        for (const file of application.files) {
          const record = new Uint8Array(Math.min(file.lengthBytes, 200));
          const isBinary = file.type === 'transparent';
          const { read, update, append, readPart } = file.access;
          const eitherRead: Condition =
            readPart === undefined ? read : { anyOf: [...read.anyOf, ...readPart.condition.anyOf] };
          const short = 0x80 | file.sfi;
          const operations: readonly (readonly [string, Condition, number, number, number, Uint8Array])[] = isBinary
            ? [
                ['read', read, 0xb0, short, 0, new Uint8Array(0)],
                ['update', update, 0xd6, short, 0, record.subarray(0, 1)],
              ]
            : [
                ['append', append, 0xe2, 0, file.sfi << 3, record],
                ['read', eitherRead, 0xb2, 1, (file.sfi << 3) | 4, new Uint8Array(0)],
                ['update', update, 0xdc, 1, (file.sfi << 3) | 4, record],
              ];
          for (const [operation, condition, ins, p1, p2, data] of operations) {
            for (const protection of PROTECTIONS) {
              const sw = session.attempt(ins, p1, p2, data, protection);
              // a record that is not there, or a linear file asked to grow, is found out before or after the condition
              const isDone = sw === '9000' || sw === '6A83';
              const isBeside = operation === 'append' && file.type === 'linear-fixed';
              if (isBeside) continue;
              const allowed = isAllowed(condition, situation, protection);
              compared++;
              if (allowed) allowedOnes++;
              if (isDone === allowed) continue;
              const { key = 0, cardProved, pin } = situation;
              differences.push(
                `${file.name} ${operation} ${protection}, key ${key}, card proved ${cardProved}, PIN ${pin}: ${sw}`,
              );
            }
          }
        }
      }
      expect(differences.slice(0, 10)).toEqual([]);
      expect(compared).toBeGreaterThan(500);
      expect(allowedOnes).toBeGreaterThan(10);
    });
  },
);
