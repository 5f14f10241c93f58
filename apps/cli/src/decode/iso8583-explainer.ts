/** ISO 8583 messages of POS terminals, with or without TPDU, header and length, as one more thing hexadecimal can be. */
import { toHex } from '@polycard/bytes';
import { describeTlv, type Explainer, type ExplanationPart, maskedResponseHex, partsOfTlv } from '@polycard/emv';
import {
  ANY_ACQUIRER,
  CUP_TERMINAL,
  describeMessage,
  type FieldDescription,
  HEADER_BYTES,
  type ReceivedMessage,
  TPDU_BYTES,
  unpackMessage,
} from '@polycard/iso8583';

const LENGTH_BYTES = 2;
const CHIP_DATA = 'F55';
/** Field 62 of a sign-in answer carries working keys under the terminal's master key. */
const SIGN_IN_ANSWER = '0810';
const KEYS = new Set([62]);

interface Opened {
  readonly parts: readonly ExplanationPart[];
  readonly message: ReceivedMessage;
  readonly likelihood: number;
}

/** From the fullest form to the barest: length, TPDU and header; TPDU and header; the message alone. */
const FORMS: readonly ((bytes: Uint8Array) => { head: number; hasLength: boolean; likelihood: number } | undefined)[] =
  [
    (bytes) =>
      ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0) === bytes.length - LENGTH_BYTES && bytes[2] === 0x60
        ? { head: LENGTH_BYTES + TPDU_BYTES + HEADER_BYTES, hasLength: true, likelihood: 99 }
        : undefined,
    (bytes) => (bytes[0] === 0x60 ? { head: TPDU_BYTES + HEADER_BYTES, hasLength: false, likelihood: 96 } : undefined),
    () => ({ head: 0, hasLength: false, likelihood: 90 }),
  ];

function open(bytes: Uint8Array): Opened {
  let failure: unknown;
  for (const form of FORMS) {
    const found = form(bytes);
    if (found === undefined || bytes.length <= found.head) continue;
    try {
      const message = unpackByAnyTable(bytes.subarray(found.head));
      const start = found.hasLength ? LENGTH_BYTES : 0;
      const parts: ExplanationPart[] = [];
      const tpdu = bytes.subarray(start, start + TPDU_BYTES);
      const header = bytes.subarray(start + TPDU_BYTES, found.head);
      if (found.hasLength)
        parts.push({
          name: { en: 'length', zh: '长度' },
          hex: toHex(bytes.subarray(0, LENGTH_BYTES)),
          text: `${bytes.length - LENGTH_BYTES} bytes`,
        });
      if (found.head > 0) {
        parts.push({ name: { en: 'TPDU', zh: 'TPDU' }, hex: toHex(tpdu) });
        parts.push({ name: { en: 'header', zh: '报文头' }, hex: toHex(header) });
      }
      return { parts, message, likelihood: found.likelihood };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** By the table as published; by the widest one where an acquirer departs from it. */
function unpackByAnyTable(bytes: Uint8Array): ReceivedMessage {
  try {
    return unpackMessage(CUP_TERMINAL, bytes);
  } catch (error) {
    try {
      return unpackMessage(ANY_ACQUIRER, bytes);
    } catch {
      throw error; // what the published table says of it is the better explanation
    }
  }
}

function fieldPart({ field, name, hex, text }: FieldDescription): ExplanationPart {
  const part = { name: { en: `${field} ${name.en}`, zh: name.zh }, ...(text === '' ? {} : { text }) };
  if (hex === '' || hex === text) return part;
  const bytes = Buffer.from(hex, 'hex');
  if (field !== CHIP_DATA) return { ...part, hex };
  try {
    return { ...part, hex: maskedResponseHex(bytes), children: partsOfTlv(describeTlv(bytes)) };
  } catch {
    return { ...part, hex };
  }
}

export const ISO8583_EXPLAINER: Explainer = {
  kind: 'iso8583',
  title: { en: 'ISO 8583 message of a POS terminal', zh: 'POS终端ISO 8583报文' },
  likelihood: (bytes) => {
    try {
      const { message, likelihood } = open(bytes);
      // version 0 of ISO 8583, message classes 1 to 8, functions 0 to 4
      return /^0[1-8][0-4]\d$/.test(message.mti) && message.fields().length > 0 ? likelihood : 0;
    } catch {
      return 0;
    }
  },
  explain: (bytes) => {
    const { parts, message } = open(bytes);
    const hidden = message.mti === SIGN_IN_ANSWER ? KEYS : new Set<number>();
    return [...parts, ...describeMessage(message, hidden).map(fieldPart)];
  },
};
