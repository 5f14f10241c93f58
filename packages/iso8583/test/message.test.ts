import { concat, PolycardError } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CUP_TERMINAL,
  describeMessage,
  encodeBatchDetails,
  encodeFrame,
  FrameReader,
  packMessage,
  swapTpdu,
  unpackMessage,
} from '../src/index.ts';

const digits = (minLength: number, maxLength: number) =>
  fc.stringMatching(new RegExp(`^[0-9]{${minLength},${maxLength}}$`));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyMessage = fc
  .record({
    2: optional(digits(13, 19)),
    3: optional(digits(6, 6)),
    4: optional(digits(12, 12)),
    11: digits(6, 6),
    22: optional(digits(3, 3)),
    23: optional(digits(3, 3)),
    35: optional(fc.stringMatching(/^[0-9A-F]{1,37}$/)),
    41: fc.stringMatching(/^[0-9]{8}$/),
    48: optional(digits(0, 62)),
    55: optional(fc.uint8Array({ minLength: 0, maxLength: 255 })),
    60: optional(digits(11, 17)),
    64: optional(fc.uint8Array({ minLength: 8, maxLength: 8 })),
  })
  .map((fields) => ({
    mti: '0200',
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
      string,
      string | Uint8Array
    >,
  }));

describe('packing and unpacking', () => {
  it('give back what was packed, whatever the lengths', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const received = unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, message)).toMessage();
        expect(received.mti).toBe(message.mti);
        for (const [field, value] of Object.entries(message.fields))
          expect(received.fields[Number(field)]).toEqual(value);
      }),
      { seed: 8583, numRuns: 500 },
    );
  });

  it('an odd number of digits is left-aligned in variable fields and right-aligned in fixed ones', () => {
    const bytes = packMessage(CUP_TERMINAL, { mti: '0200', fields: { 2: '123', 23: '001' } });
    expect(Buffer.from(bytes.subarray(10)).toString('hex')).toBe('0312300001');
  });

  it.each([
    [{ 4: '1234567890123' }, 'F4'],
    [{ 41: '123456789' }, 'F41'],
    [{ 11: '12A456' }, 'F11'],
    [{ 52: new Uint8Array(7) }, 'F52'],
    [{ 64: new Uint8Array(9) }, 'F64'],
    [{ 99: '1' }, 'F99'],
  ])('refuse what does not fit, naming the field: %j', (fields, field) => {
    expect(() => packMessage(CUP_TERMINAL, { mti: '0200', fields: fields as never })).toThrow(
      new RegExp(`^${field} at offset`),
    );
  });
});

describe('frames from a stream', () => {
  it('come out whole however the stream is cut', () => {
    const message = packMessage(CUP_TERMINAL, {
      mti: '0820',
      fields: { 11: '000001', 41: '10000001', 42: '888888888880201' },
    });
    const frame = encodeFrame({ tpdu: Uint8Array.of(0x60, 0, 3, 0, 0), header: new Uint8Array(6), message });
    const stream = concat(frame, frame, frame);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (cuts) => {
        const reader = new FrameReader();
        let frames = 0;
        for (let offset = 0, index = 0; offset < stream.length; index++) {
          const size = cuts[index % cuts.length]!;
          reader.push(stream.subarray(offset, offset + size));
          offset += size;
          while (reader.next() !== undefined) frames++;
        }
        expect(frames).toBe(3);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
  it('an impossible length is refused', () => {
    const reader = new FrameReader();
    reader.push(Uint8Array.of(0xff, 0xff, 0x60));
    expect(() => reader.next()).toThrow(PolycardError);
  });
  it('an answer goes back where the request came from', () => {
    expect([...swapTpdu(Uint8Array.of(0x60, 1, 2, 3, 4))]).toEqual([0x60, 3, 4, 1, 2]);
  });
});

describe('descriptions', () => {
  it('mask the account number and show no track, PIN block or hidden field', () => {
    const bytes = packMessage(CUP_TERMINAL, {
      mti: '0200',
      fields: {
        2: '6214440000000000017',
        35: '6214440000000000017D30121',
        52: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
        62: Uint8Array.of(9, 9),
      },
    });
    const shown = JSON.stringify(describeMessage(unpackMessage(CUP_TERMINAL, bytes), new Set([62])));
    expect(shown).toContain('621444*********0017');
    expect(shown).not.toMatch(/6214440000000000017|0102030405060708|0909/);
  });

  it('hide what lists account numbers: details of a batch upload, pages of the transit list; totals stay', () => {
    const pan = '6214440000000000017';
    const shown = (mti: string, fields: Parameters<typeof packMessage>[1]['fields']): string =>
      JSON.stringify(describeMessage(unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, { mti, fields }))));
    const details = encodeBatchDetails([{ isForeign: false, traceNo: 1, pan, amountFen: 500 }]);
    expect(shown('0320', { 48: details, 60: '00000001201' })).not.toContain(pan);
    expect(shown('0810', { 60: '00000001570', 63: Buffer.from(`001${pan}`) })).not.toContain(pan);
    expect(shown('0500', { 48: '000000000500001'.padEnd(62, '0'), 60: '00000001201' })).toContain('000000000500001');
  });
});
