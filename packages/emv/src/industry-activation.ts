/**
 * ACTIVATE (84 44) of an industry file application: its keys, enciphered under the opening key and the card's challenge.
 * Reference industries.md §0.3; more keys than one command carries follow in the next (P1 b8, ours).
 */
import { concat, encodeCommand } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { encipherIndustry, type IndustryKey, industryCommandMac } from './industry-files.ts';

/** Reference, version and key of 16 bytes, 18 bytes each: so many fit a short command with filling and MAC. */
export const KEYS_PER_ACTIVATE = 13;
const P1_MORE = 0x80;

export interface IndustryKeyEntry {
  readonly reference: number;
  /** 1 to 255. */
  readonly version: number;
  /** 16 bytes. */
  readonly key: Uint8Array;
}

export interface IndustryActivation {
  readonly command: Uint8Array;
  /** Of the keys in the command, 3 bytes each: what the card answers to the last one, for all of them. */
  readonly checkValues: readonly Uint8Array[];
}

/** One command for up to `KEYS_PER_ACTIVATE` keys; each needs a challenge of its own, 8 bytes. */
export function encodeIndustryActivation(
  openingKey: IndustryKey,
  challenge: Uint8Array,
  keys: readonly IndustryKeyEntry[],
  hasMore: boolean,
): IndustryActivation {
  const head = { cla: 0x84, ins: 0x44, p1: hasMore ? P1_MORE : 0x00, p2: 0x00 };
  const header = Uint8Array.of(head.cla, head.ins, head.p1, head.p2);
  const plain = concat(...keys.map(({ reference, version, key }) => concat(Uint8Array.of(reference, version), key)));
  const body = encipherIndustry(openingKey, challenge, plain);
  plain.fill(0);
  const mac = industryCommandMac(openingKey, challenge, header, body);
  return {
    command: encodeCommand({ ...head, data: concat(body, mac), le: 256 }),
    checkValues: keys.map(({ key }) => checkValue(openingKey.algorithm, key)),
  };
}
