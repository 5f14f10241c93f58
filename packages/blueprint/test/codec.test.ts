/** Every layout of every specification, both ways, with values and bytes nobody chose. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileRecord,
  decodeGb18030,
  encodeGb18030,
  loadBlueprint,
  type RecordField,
  type RecordLayout,
} from '../src/index.ts';

const SEED = 7;
/** For acceptance: `codec-changed` turns one bit of each encoded record. */
const PLANT = process.env['POLYCARD_PLANT'];
const RUNS = Number(process.env['POLYCARD_RUNS'] ?? 25);

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
const guangdong = loadBlueprint(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') })),
);
const layouts: (readonly [name: string, layout: RecordLayout])[] = guangdong.applications.flatMap((application) =>
  application.files.flatMap((file) =>
    (file.records ?? []).map((record) => [`${application.application} ${record.name}`, record] as const),
  ),
);

const HANZI = '广州深圳自来水燃气居民健康驾驶证行驶证张三李四王五医院青霉素过敏普通感冒';
const text = (bytes: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...HANZI), { maxLength: Math.floor(bytes / 2) }).map((characters) => characters.join(''));
const digits = (count: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const bytesOf = (count: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: count, maxLength: count }).map((bytes) => toHex(bytes));

function value({ coding, length }: RecordField): fc.Arbitrary<string | number> {
  switch (coding) {
    case 'uint':
      return fc.integer({ min: 0, max: 256 ** length - 1 });
    case 'sint':
      return fc.integer({ min: -(256 ** length) / 2, max: 256 ** length / 2 - 1 });
    case 'bcd':
      return fc.integer({ min: 0, max: 10 ** (length * 2) - 1 });
    case 'digits':
      return digits(length * 2);
    case 'datetime':
      return fc.constantFrom('', '20180901083000', '20991231235959');
    case 'date':
      return fc.constantFrom('', '20180901', '99991231');
    case 'ascii':
      return fc.stringMatching(new RegExp(`^([!-~]{0,${Math.min(length, 40)}})$`));
    case 'gb18030':
      return text(length);
    default:
      return bytesOf(length);
  }
}

/** Bytes a field can hold at all: packed digits where it has digits, whole characters where it has text. */
function bytes({ coding, length }: RecordField): fc.Arbitrary<string> {
  if (coding === 'bcd' || coding === 'digits' || coding === 'date' || coding === 'datetime') return digits(length * 2);
  if (coding !== 'gb18030') return bytesOf(length);
  return fc.tuple(text(length), fc.constantFrom(0x00, 0x20)).map(([words, filler]) => {
    const out = new Uint8Array(length).fill(filler);
    out.set(encodeGb18030(words));
    return toHex(out);
  });
}

describe('every record of every specification', () => {
  it('is among these: nine applications', () => {
    expect(guangdong.applications).toHaveLength(9);
    expect(layouts.length).toBeGreaterThan(50);
  });

  it.each(layouts)('%s: decoding what was encoded gives the same values', (_name, layout) => {
    const codec = compileRecord(layout);
    const fields = layout.fields.filter(({ coding }) => coding !== 'rfu');
    fc.assert(
      fc.property(fc.record(Object.fromEntries(fields.map((field) => [field.name, value(field)]))), (values) => {
        const encoded = codec.encode(values);
        if (PLANT === 'codec-changed') encoded[encoded.length >> 1]! ^= 1;
        expect(encoded).toHaveLength(layout.lengthBytes);
        expect(codec.decode(encoded)).toEqual(values);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it.each(layouts)('%s: encoding what was decoded gives the same bytes', (_name, layout) => {
    const codec = compileRecord(layout);
    const parts = [...layout.fields].sort((a, b) => a.offset - b.offset).map(bytes);
    fc.assert(
      fc.property(fc.tuple(...parts), (fields) => {
        const initial = codec.initial();
        const [first] = [...layout.fields].sort((a, b) => a.offset - b.offset);
        initial.set(Buffer.from(fields.join(''), 'hex'), first!.offset);
        expect(toHex(codec.encode(codec.decode(initial), initial))).toBe(toHex(initial));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it.each(layouts.slice(0, 12))(
    '%s: bytes of any length and content are a record or a named error',
    (_name, layout) => {
      const codec = compileRecord(layout);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: layout.lengthBytes + 2 }), (random) => {
          try {
            codec.decode(random);
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^POLYCARD_RECORD_/);
          }
        }),
        { seed: SEED, numRuns: RUNS },
      );
    },
  );
});

describe('Chinese text', () => {
  it('is GB 18030 both ways (GB 18030-2022: 中 is D6D0, 国 is B9FA)', () => {
    expect(toHex(encodeGb18030('中国'))).toBe('D6D0B9FA');
    expect(decodeGb18030(Buffer.from('D6D0B9FA41', 'hex'))).toBe('中国A');
  });
  it('refuses what has no two-byte code, and bytes that are no text', () => {
    expect(() => encodeGb18030('😀')).toThrow(/no two-byte code/);
    expect(() => decodeGb18030(Uint8Array.of(0xff, 0xff))).toThrow(/no GB 18030 text/);
  });
});
