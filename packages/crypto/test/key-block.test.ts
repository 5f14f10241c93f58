/**
 * Key blocks: the published ones open to their keys and are encoded again byte for byte; what was changed anywhere is
 * refused by the name of the field.
 */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { encodeKeyBlock, type KeyBlockHeader, openKeyBlock, seededRandom } from '../src/index.ts';
import vectors from './vectors/key-blocks.json' with { type: 'json' };

const PLANT = process.env['POLYCARD_PLANT'];
const published = vectors.blocks.map((vector, index) =>
  PLANT === 'key-block-changed' && index === 1 ? { ...vector, block: vector.block.replace('1C228', '1C229') } : vector,
);
const name = ({ source, block }: { source: string; block: string }): string => `${block.slice(0, 16)} ${source}`;

const refused = (protectionKey: string, block: string): PolycardError => {
  try {
    openKeyBlock(fromHex(protectionKey), block);
  } catch (error) {
    if (error instanceof PolycardError) return error;
    throw error;
  }
  throw new Error(`opened: ${block.slice(0, 40)}`);
};

describe('published key blocks', () => {
  it.each(published.map((vector) => [name(vector), vector] as const))('%s opens to its key', (_, vector) => {
    expect(toHex(openKeyBlock(fromHex(vector.protectionKey), vector.block).key)).toBe(vector.key);
  });

  const written = published.filter(({ block }) => /^[BD]/.test(block));
  it.each(written.map((vector) => [name(vector), vector] as const))(
    '%s is encoded again byte for byte',
    (_, vector) => {
      const { header, key, padding } = openKeyBlock(fromHex(vector.protectionKey), vector.block);
      expect(encodeKeyBlock(fromHex(vector.protectionKey), header, key, { padding })).toBe(vector.block);
    },
  );

  it('blocks of versions A and C are only read', () => {
    const old = published.find(({ block }) => block.startsWith('A'))!;
    const { header, key, padding } = openKeyBlock(fromHex(old.protectionKey), old.block);
    expect(() => encodeKeyBlock(fromHex(old.protectionKey), header, key, { padding })).toThrow(/version.*only read/);
  });
});

describe('a changed key block is refused by name', () => {
  const samples = ['B0104B0TX12S0100', 'D0112P0AE00E0000', 'B0080P0TE00E0000', 'C0096B0TX12S0100'].map(
    (start) => published.find(({ block }) => block.startsWith(start))!,
  );

  it.each(samples.map((vector) => [vector.block.slice(0, 16), vector] as const))(
    '%s: one character changed anywhere, at every place',
    (_, { block, protectionKey }) => {
      for (let at = 0; at < block.length; at++) {
        const replacement = block[at] === '1' ? '2' : '1';
        const error = refused(protectionKey, `${block.slice(0, at)}${replacement}${block.slice(at + 1)}`);
        expect(error.code).toBe('POLYCARD_KEY_BLOCK');
        expect(error.where).toBeDefined();
      }
    },
  );

  it('cut off or lengthened at every character', () => {
    for (const { block, protectionKey } of samples) {
      for (let length = 0; length < block.length; length++) {
        expect(refused(protectionKey, block.slice(0, length)).code).toBe('POLYCARD_KEY_BLOCK');
      }
      expect(refused(protectionKey, `${block}00`).where).toBe('length');
    }
  });

  const { block, protectionKey } = samples[0]!;
  const put = (at: number, text: string): string => `${block.slice(0, at)}${text}${block.slice(at + text.length)}`;
  it.each([
    ['version', 'X', 0],
    ['version', 'E', 0],
    ['length', '0112', 1],
    ['length', 'X104', 1],
    ['usage', 'Z0', 5],
    ['usage', 'P_', 5],
    ['algorithm', 'Q', 7],
    ['modeOfUse', 'Z', 8],
    ['keyVersion', '1_', 9],
    ['exportability', 'Q', 11],
    ['optional blocks', '0X', 12],
    ['optional block 2', '02', 12],
    ['keyContext', '9', 14],
    ['reserved', '1', 15],
    ['optional block 1', '**', 16],
    ['optional block 1', 'KSZZ', 16],
    ['optional block 1', 'KS03', 16],
    ['optional block 1', 'KSFF', 16],
    ['optional block 1', 'KS0003', 16],
    ['optional blocks', 'KS17', 16],
    ['key data', 'ZZ', 50],
    ['MAC', 'ZZ', 102],
    ['text', '\u0007', 60],
    // another value that exists: only the MAC can tell
    ['MAC', 'P0', 5],
    ['MAC', 'D', 7],
    ['MAC', 'E', 8],
    ['MAC', '13', 9],
    ['MAC', 'N', 11],
    ['MAC', '1', 14],
    ['MAC', '1', 24],
    ['MAC', '0', 60],
    ['MAC', '0', 100],
  ])('%s: %j at %i', (where, text, at) => {
    expect(refused(protectionKey, put(at, text)).where).toBe(where);
  });

  it('another protection key, and one of a length the version does not have', () => {
    expect(refused(toHex(seededRandom('other')(16)), block).where).toBe('MAC');
    expect(refused('00'.repeat(8), block).where).toBe('protection key');
    expect(refused('00'.repeat(17), samples[1]!.block).where).toBe('protection key');
    expect(refused('00'.repeat(24), samples[1]!.block).where).toBe('MAC');
  });

  // authentic blocks with a wrong key length inside, and malformed ones: psec tests/test_tr31.py test_kb_unwrap_exceptions
  it.each([
    ['key length', 'A0056M3TC00E0000C6F4C83842160CBA48D98A1218862857124FAF46'],
    ['key length', 'B0064M3TC00E0000F74E0A3502C5CEE07342D5DE9E72135E4A81944F80691F0F'],
    ['key length', 'C0056M3TC00E0000F71573EB7441BB50A5C4511893AFB37B5B95A4AD'],
    ['key length', 'D0080M3TC00E000007E81A7F29A870D4A0CD5AB27E9FEC4A8863E879B11EA3A0ADA406AD26D35B2F'],
    ['key length', 'B0064M3TC00E00000398DC96A5DDB0EF61E26F8935173BD478DF9484050A672A'],
    [
      'key length',
      'D0112P0AE00E00000DC02E4C2B63120403CC732FB1B17E6D44138E7C341AE7368DEAD6FB4673F25ECFD803F1101F701A7FE8BD3516D3D1BF',
    ],
    ['MAC', 'B0064M3TC00E0000BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBFFFFFFFF9AA5BBA6'],
    ['key data', 'B0032M3TC00E0000FFFFFFFF9AA5BBA6'],
    ['key data', 'D0048P0AE00E00009B8F5C30BDD3A946205FDF791C3548EC'],
    ['length', 'B0040P0TE00N0000'],
    ['length', 'BX040P0TE00N0000'],
  ])('%s: %s', (where, malformed) => {
    expect(refused('45'.repeat(16), malformed).where).toBe(where);
  });

  it('random text is refused, never a crash', () => {
    const random = seededRandom('key block noise');
    for (let round = 0; round < 2000; round++) {
      const noise = Buffer.from(random(1 + (round % 120))).toString(round % 2 === 0 ? 'latin1' : 'hex');
      expect(refused(protectionKey, round % 3 === 0 ? `B0104${noise}` : noise).code).toBe('POLYCARD_KEY_BLOCK');
    }
  });
});

describe('key blocks made here', () => {
  const header: KeyBlockHeader = {
    ...{ version: 'B', usage: 'K0', algorithm: 'T', modeOfUse: 'B', keyVersion: '01', exportability: 'S' },
    ...{ keyContext: '2', optionalBlocks: [{ id: 'LB', data: 'zone' }] },
  };
  const protectionKey = fromHex('DD7515F2BFC17F85CE48F3CA25CB21F6');

  it.each([
    ['B', 16, 8, 16],
    ['B', 24, 16, 24],
    ['D', 16, 16, 32],
    ['D', 32, 24, 0],
  ] as const)('version %s, protection key of %i bytes: key of %i masked to %i', (version, bytes, keyBytes, masked) => {
    const random = seededRandom(`${version}${bytes}`);
    const [protection, key] = [random(bytes), random(keyBytes)];
    const block = encodeKeyBlock(protection, { ...header, version }, key, { random, maskedKeyBytes: masked });
    expect(Number(block.slice(1, 5))).toBe(block.length);
    const opened = openKeyBlock(protection, block);
    expect(toHex(opened.key)).toBe(toHex(key));
    expect(opened.header).toMatchObject({ ...header, version, optionalBlocks: expect.any(Array) });
    expect(opened.header.optionalBlocks[0]).toMatchObject({ id: 'LB', data: 'zone' });
  });

  it('a long optional block has the extended length and comes back as it went', () => {
    const long = { id: 'CT', data: 'x'.repeat(300) };
    const block = encodeKeyBlock(protectionKey, { ...header, optionalBlocks: [long] }, new Uint8Array(16), {
      random: seededRandom('long'),
    });
    expect(block).toContain('CT00040136');
    const opened = openKeyBlock(protectionKey, block);
    expect(opened.header.optionalBlocks[0]!.data).toBe(long.data);
    expect(encodeKeyBlock(protectionKey, opened.header, opened.key, opened)).toBe(block);
  });

  it('two masked blocks of a short and a long key have one length, and differ each time', () => {
    const random = seededRandom('mask');
    const make = (keyBytes: number) =>
      encodeKeyBlock(protectionKey, header, new Uint8Array(keyBytes), { random, maskedKeyBytes: 24 });
    expect(make(16)).toHaveLength(make(24).length);
    expect(make(16)).not.toBe(make(16));
  });
});
