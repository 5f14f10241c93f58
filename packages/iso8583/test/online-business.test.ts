/** The worked examples of online business in docs/reference/messages.md: what the tables say of them, byte for byte. */
import { fromHex, toHex } from '@polycard/bytes';
import { encryptBlocks } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  CUP_TERMINAL,
  checkFields,
  cupMac,
  encodeFrame,
  hasRightMac,
  ONLINE_BUSINESS,
  packMessage,
  parseFrame,
  specificationOf,
  unpackMessage,
} from '../src/index.ts';
import vectors from './vectors/online-business.json' with { type: 'json' };

/** TAK of MAC example A, reference iso8583.md §1.6. */
const TAK = 'C24A8FB57AA20123';
const mac = cupMac((block) => encryptBlocks('des-ede-ecb', fromHex(TAK + TAK), block));

describe('online business', () => {
  it.each(Object.entries(vectors.messages))(
    '%s: fields of its row, a right MAC, the same bytes again',
    (_name, hex) => {
      const frame = parseFrame(fromHex(hex).subarray(2));
      const message = unpackMessage(CUP_TERMINAL, frame.message);
      const specification = specificationOf(message);
      expect(specification).toBeDefined();
      checkFields(message, specification!);
      expect(hasRightMac(message, mac)).toBe(true);
      expect(toHex(encodeFrame({ ...frame, message: packMessage(CUP_TERMINAL, message.toMessage()) }))).toBe(hex);
    },
  );

  it('is told apart by 60.1 alone, and each kind has one', () => {
    const types = Object.values(ONLINE_BUSINESS).map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
  });
});
