import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CommandApdu,
  concat,
  describeStatusWord,
  encodeCommand,
  encodeResponse,
  fromHex,
  parseCommand,
  parseResponse,
  swHex,
  toHex,
} from '../src/index.ts';

const byte = fc.integer({ min: 0, max: 255 });
const command = fc
  .record({ cla: byte, ins: byte, p1: byte, p2: byte })
  .chain((header) =>
    fc
      .tuple(fc.uint8Array({ maxLength: 255 }), fc.option(fc.integer({ min: 1, max: 256 }), { nil: undefined }))
      .map(([data, le]): CommandApdu => ({ ...header, data, ...(le === undefined ? {} : { le }) })),
  );
const shown = ({ data, ...rest }: CommandApdu) => ({ ...rest, data: toHex(data) });

describe('command APDU', () => {
  it('of each case is read as it was written', () => {
    fc.assert(
      fc.property(command, (written) => {
        expect(shown(parseCommand(encodeCommand(written)))).toEqual(shown(written));
      }),
      { seed: 31, numRuns: 300 },
    );
  });

  it.each([
    ['00840000', undefined, ''],
    ['0084000000', 256, ''],
    ['0084000008', 8, ''],
    ['00A4040002A000', undefined, 'A000'],
    ['00A4040002A00000', 256, 'A000'],
    ['00A4040002A00010', 16, 'A000'],
  ])('%s expects %j and carries "%s"', (hex, le, data) => {
    const parsed = parseCommand(fromHex(hex));
    expect([parsed.le, toHex(parsed.data)]).toEqual([le, data]);
  });

  it('cut at any byte after its header says what Lc promised, or reads as a shorter case', () => {
    const whole = fromHex('04E200A824FF3E0B17BD60FE2CE0C8AA582DAB10BA27010D000102030405060708090A0B0C66611F5B');
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      if (length === 4 || length === 5) {
        expect(parseCommand(whole.subarray(0, length)).data).toHaveLength(0);
        continue;
      }
      expect(() => parseCommand(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ name: 'PolycardError', code: 'POLYCARD_APDU_LENGTH' }),
      );
      refused++;
    }
    expect(refused).toBe(whole.length - 2);
  });

  it.each([
    ['0084000000000100', 'extended'],
    ['00A4040001A00000', 'Lc says 1 bytes'],
  ])('%s is refused: %s', (hex, why) => {
    expect(() => parseCommand(fromHex(hex))).toThrow(why);
  });

  it('with more than 255 bytes, or an expected length that is no short one, is not written', () => {
    const header = { cla: 0, ins: 0xa4, p1: 4, p2: 0 };
    expect(encodeCommand({ ...header, data: new Uint8Array(255) })).toHaveLength(260);
    expect(() => encodeCommand({ ...header, data: new Uint8Array(256) })).toThrow(/at most 255 bytes, got 256/);
    for (const le of [257, -1, 1.5]) {
      expect(() => encodeCommand({ ...header, data: new Uint8Array(0), le })).toThrow(
        expect.objectContaining({ code: 'POLYCARD_APDU_LENGTH' }),
      );
    }
  });
});

describe('response APDU', () => {
  it('is read as it was written, and refused without its status word', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.uint8Array({ maxLength: 256 }), (sw, data) => {
        const bytes = encodeResponse(sw, data);
        const response = parseResponse(bytes);
        expect([response.sw, toHex(response.data)]).toEqual([sw, toHex(data)]);
        expect(toHex(bytes)).toBe(toHex(concat(data)) + swHex(sw));
      }),
      { seed: 32 },
    );
    for (const short of ['', '90']) {
      expect(() => parseResponse(fromHex(short))).toThrow(
        expect.objectContaining({ name: 'PolycardError', code: 'POLYCARD_APDU_RESPONSE' }),
      );
    }
  });

  it.each([
    [0x9000, 'done', '成功'],
    [0x6988, 'MAC is wrong', 'MAC 错误'],
    [0x9406, 'transaction proof not available', '交易证明不可用'],
    [0x63c2, 'wrong, 2 tries left', '错误，剩余 2 次'],
    [0x6fff, 'status word without a known meaning', '未知状态字'],
  ])('status word %i means "%s" in English and "%s" in Chinese', (sw, en, zh) => {
    expect(describeStatusWord(sw)).toEqual({ en, zh });
  });
});
