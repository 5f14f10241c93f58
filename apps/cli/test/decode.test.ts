import { fromHex, PolycardError } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import transcripts from '../../../packages/card/test/vectors/pboc-transcripts.json' with { type: 'json' };
import frames from '../../../packages/iso8583/test/vectors/frames.json' with { type: 'json' };
import { EXPLAINED_KINDS, explainHex, hexArgument } from '../src/decode/explain-hex.ts';
import { printedParts } from '../src/decode/print-parts.ts';

const words = (hex: string, as?: string): string => printedParts(explainHex(hexArgument(hex), as).parts);
const kind = (hex: string): string => explainHex(hexArgument(hex)).kind;
const expand = (text: string): string => (text.startsWith('#') ? transcripts.strings[Number(text.slice(1))]! : text);

describe('what hexadecimal is', () => {
  it.each([
    ['6A82', 'sw'],
    ['63C2', 'sw'],
    ['9406', 'sw'],
    ['26000080', 'ttq'],
    ['0000008000', 'tvr'],
    ['7C00', 'aip'],
    ['A0A000', 'cvr'],
    ['0801010010010300', 'afl'],
    ['07010103A0000001', '9f10'],
    ['9F66049F02069F03069F1A0295055F2A029A039C019F3704', 'dol'],
    ['6F10840E325041592E5359532E4444463031', 'tlv'],
    ['3B8A80018058504F4C5943415244CD', 'atr'],
    ['00A4040008A000000333010101', 'command'],
    ['80A8000004 8302 0000', 'command'],
    ['00B2010C00', 'command'],
    ['9F360200019000', 'response'],
    ['0D010F9F360200009F130200009F51020156', 'dgi'],
  ])('%s is guessed as %s', (hex, expected) => {
    expect(kind(hex)).toBe(expected);
  });

  it('holds for every command and response of the recorded card', () => {
    const found = new Set<string>();
    for (const { steps } of transcripts.scenarios as { steps: { c?: string; r?: string }[] }[]) {
      for (const { c, r } of steps) {
        if (r !== undefined) expect(['response', 'sw']).toContain(kind(expand(r)));
        // two commands of the recording have a class byte nobody uses
        if (c !== undefined && !/^00(B4|5A)/.test(expand(c))) found.add(kind(expand(c)));
      }
    }
    expect([...found]).toEqual(['command']);
  });

  it('holds for POS frames with length, TPDU and header, and for the bare message', () => {
    const all: readonly string[] = [...Object.values(frames.messages), ...Object.values(frames.real)];
    expect(all.length).toBeGreaterThan(0);
    for (const hex of all) {
      expect(kind(hex)).toBe('iso8583');
      // the fifth published frame comes without its length
      const whole = hex.startsWith('60') ? hex : hex.slice(4);
      expect(kind(whole)).toBe('iso8583');
      expect(kind(whole.slice(22))).toBe('iso8583');
    }
  });

  it('is told for any bytes, or refused by name', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.constantFrom(undefined, ...EXPLAINED_KINDS),
        (bytes, as) => {
          try {
            printedParts(explainHex(bytes, as).parts);
          } catch (error) {
            expect(error).toBeInstanceOf(PolycardError);
            expect((error as PolycardError).code).toMatch(/^POLYCARD_EXPLAIN_/);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('words', () => {
  it('of a 9F10 say decision, balance and algorithm', () => {
    expect(words('07010103900000010A0100001000001A2B3C4D')).toMatch(/TC[\s\S]*3DES[\s\S]*1000\.00/);
  });

  it('of STORE DATA name the grouping and read it, but never a key grouping', () => {
    expect(words('80E2000007 0D01 04 9F360200')).toContain('card-internal data');
    expect(words('80E2000007 8000 04 AABBCCDD'.replaceAll(' ', ''))).toContain('card keys AC, MAC, ENC');
  });

  it('of any tag are given on request', () => {
    expect(words('000000012345', '9F79')).toContain('123.45');
  });

  it('never hold a whole account number', () => {
    const record = '70165A0A6228480000000000015F570862284800000000D2';
    expect(words(record)).not.toContain('6228480000000000015');
    expect(words(`${record}9000`)).not.toContain('6228480000000000015');
    expect(words(record)).toContain('622848*');
  });
});

describe('wrong hexadecimal', () => {
  it.each([
    ['6A8', /odd number/],
    ['zz', /no digit/],
    ['', /no bytes/],
    ['00'.repeat(9000), /too many/],
  ])('%s is refused with a sentence', (hex, message) => {
    expect(() => hexArgument(hex)).toThrow(message);
  });

  it('may hold blanks, colons and 0x', () => {
    expect(hexArgument('0x6A:82 90-00')).toEqual(fromHex('6A829000'));
  });

  it('of another kind than asked says where it fails', () => {
    expect(() => explainHex(fromHex('6A82'), 'atr')).toThrow(/not of this kind.*3B or 3F/);
    expect(() => explainHex(fromHex('6A82'), 'nope')).toThrow(/no kind nope/);
  });
});
