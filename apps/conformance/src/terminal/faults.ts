/** What the played host does wrong on purpose, and the cards that are held to a terminal. */
import { deflateSync, inflateSync } from 'node:zlib';
import { findTlv, PolycardError, parseTlv, toHex } from '@polycard/bytes';
import { encodeParameterAnswer, parseParameterAnswer, parseParameterRequest } from '@polycard/iso8583';
import type { TestCard } from '../card/test-card.ts';
import { edited, type Fate, type Interference, type Passage } from '../line/watching-proxy.ts';

const asItCame = ({ answer }: Passage): Fate => ({ bytes: answer.bytes });
const isUpload = ({ request }: Passage): boolean => request.message.mti === '0220';

/** Does something to the first so many uploads, then nothing more. */
function firstUploads(count: number, change: (passage: Passage) => Fate): Interference {
  let done = 0;
  return { answer: (passage) => (isUpload(passage) && done++ < count ? change(passage) : asItCame(passage)) };
}

function resulted(digit: '1' | '2'): Interference {
  return {
    answer: (passage) => {
      const totals = passage.answer.message.text(48);
      if (passage.answer.message.mti !== '0510' || totals === undefined) return asItCame(passage);
      return { bytes: edited(passage.answer, { 48: `${totals.slice(0, 30)}${digit}${totals.slice(31)}` }) };
    },
  };
}

const SHORT_LIVED_HOURS = 2;

/** The set CAP fits one page; what a profile says is changed and packed again. */
function shortLived(passage: Passage): Fate {
  const { request, answer } = passage;
  const page = request.message.text(60)?.slice(8, 11) === '364' ? answer.message.raw(62) : undefined;
  if (page === undefined || parseParameterRequest(request.message.raw(62)!).set !== 'CAP') return asItCame(passage);
  const parsed = parseParameterAnswer(page);
  if (parsed.status !== 'last') return asItCame(passage);
  const set = JSON.parse(inflateSync(parsed.chunk).toString('utf8')) as { profile: object };
  const profile = { ...set.profile, parametersMaxAgeHours: SHORT_LIVED_HOURS };
  const chunk = deflateSync(JSON.stringify({ ...set, profile }));
  // another version, since it is another content
  const changed = { ...parsed, version: `~${parsed.version}`.slice(0, 8), chunk };
  return { bytes: edited(answer, { 62: encodeParameterAnswer(changed) }) };
}

/** By the names that case files use. */
export const HOST_FAULTS: Readonly<Record<string, () => Interference>> = {
  none: () => ({}),
  silent: () => ({ request: () => ({ drop: true }) }),
  'wrong-check-value': () => ({
    answer: (passage) => {
      const keys = passage.answer.message.raw(62);
      if (passage.answer.message.mti !== '0810' || keys?.length !== 40) return asItCame(passage);
      const changed = Uint8Array.from(keys);
      changed[36]! ^= 0xff;
      return { bytes: edited(passage.answer, { 62: changed }) };
    },
  }),
  'answer-lost': () => firstUploads(1, () => ({ drop: true })),
  'line-lost': () => firstUploads(1, () => ({ hangUp: true })),
  'wrong-mac': () =>
    firstUploads(1, ({ answer }) => {
      const bytes = Uint8Array.from(answer.bytes);
      bytes[bytes.length - 1]! ^= 1;
      return { bytes };
    }),
  'no-mac': () => firstUploads(1, ({ answer }) => ({ bytes: edited(answer, {}) })),
  'other-trace': () =>
    firstUploads(1, ({ answer, mac }) => {
      const trace = String((Number(answer.message.text(11)) % 999_999) + 1).padStart(6, '0');
      return { bytes: edited(answer, { 11: trace }, mac) };
    }),
  'refused-once': () => firstUploads(1, ({ answer }) => ({ bytes: edited(answer, { 39: 'A0' }) })),
  'busy-once': () => firstUploads(1, ({ answer, mac }) => ({ bytes: edited(answer, { 39: '96' }, mac) })),
  garbage: () => firstUploads(1, () => ({ bytes: Uint8Array.from([0x60, 1, 2, 3]) })),
  'totals-unequal': () => resulted('2'),
  /** The profile of its set CAP says that parameters are good for two hours. */
  'parameters-short-lived': () => ({ answer: shortLived }),
};

const READ_RECORD = 0xb2;
const GET_PROCESSING_OPTIONS = 0xa8;
const lost = (): never => {
  throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
};

/** The card leaves around the read of the last record of its AFL: `before` it reaches the card, or `after`, unanswered. */
function tornAt(card: TestCard, when: 'before' | 'after'): TestCard {
  let last: string | undefined;
  let isGone = false;
  return {
    ...(card.virtual === undefined ? {} : { virtual: card.virtual }),
    reset: () => {
      isGone = false;
      last = undefined;
      card.reset();
    },
    transmit: (command) => {
      if (isGone) lost();
      const isLast = command[1] === READ_RECORD && toHex(command.subarray(2, 4)) === last;
      if (isLast && when === 'before') isGone = true;
      if (isGone) lost();
      const response = card.transmit(command);
      if (command[1] === GET_PROCESSING_OPTIONS) last = lastRecordOf(response);
      if (isLast) isGone = true;
      if (isGone) lost();
      return response;
    },
  };
}

/** P1 and P2 of the read of the last record, hex. */
function lastRecordOf(options: Uint8Array): string | undefined {
  const afl = findTlv(parseTlv(options.subarray(0, Math.max(0, options.length - 2))), '94');
  if (afl === undefined || afl.length < 4) return undefined;
  const [sfi, , record] = afl.subarray(afl.length - 4) as unknown as [number, number, number];
  return toHex(Uint8Array.of(record, (sfi & 0xf8) | 4));
}

export interface CardFault {
  make(card: TestCard): TestCard;
}

export const CARD_FAULTS: Readonly<Record<string, CardFault>> = {
  good: { make: (card) => card },
  /** Its signature has one wrong byte: the card of a forger who has everything but the key. */
  forged: {
    make: (card) => ({
      ...card,
      transmit: (command) => {
        const response = Uint8Array.from(card.transmit(command));
        const at = signatureAt(response);
        if (at !== undefined) response[at + 12]! ^= 1;
        return response;
      },
    }),
  },
  /** Its certificates name a certification authority key that the terminal cannot have. */
  'unknown-ca': {
    make: (card) => ({
      ...card,
      transmit: (command) => {
        const response = Uint8Array.from(card.transmit(command));
        const at = command[1] === READ_RECORD ? toHex(response).indexOf('8F01') : -1;
        if (at >= 0 && at % 2 === 0) response[at / 2 + 2]! ^= 0x0f;
        return response;
      },
    }),
  },
  'torn-before-last': { make: (card) => tornAt(card, 'before') },
  'torn-after-last': { make: (card) => tornAt(card, 'after') },
  /** A card of another kind, a key ring, anything with a chip. */
  'no-payment-card': { make: () => ({ transmit: () => Uint8Array.of(0x6a, 0x82), reset: () => undefined }) },
  /** Answers that are no answers. */
  babbling: {
    make: () => ({
      transmit: () => Uint8Array.from([0x6f, 0x7f, 0x84, 0xff, 0x01, 0x90, 0x00]),
      reset: () => undefined,
    }),
  },
};

/** Where the value of 9F4B begins. */
function signatureAt(response: Uint8Array): number | undefined {
  for (let at = 0; at + 4 < response.length; at++) {
    if (response[at] !== 0x9f || response[at + 1] !== 0x4b) continue;
    const length = response[at + 2]!;
    const start = at + (length === 0x81 ? 4 : 3);
    if (start + 20 < response.length) return start;
  }
  return undefined;
}
