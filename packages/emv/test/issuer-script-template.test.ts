import { fromHex, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { encodeScriptResult, encodeScriptTemplate, parseScriptResults, parseScriptTemplates } from '../src/index.ts';

const script = {
  template: '72',
  identifier: fromHex('00000007'),
  commands: [fromHex('04DA9F790A00000010500011223344'), fromHex('841E000004AABBCCDD')],
} as const;

describe('issuer scripts in a message (EMV 4.4 Book 3 §10.10)', () => {
  it('are written and read again, their commands in order', () => {
    const bytes = encodeScriptTemplate(script);
    expect(toHex(bytes)).toMatch(/^72239F180400000007860F04DA9F79.*8609841E/);
    expect(parseScriptTemplates(bytes)).toEqual([script]);
  });

  it('cut at every byte, or random, are refused by name', () => {
    const bytes = encodeScriptTemplate(script);
    const random = seededRandom('scripts');
    const inputs = [...bytes.keys()].slice(1).map((end) => bytes.subarray(0, end));
    for (let round = 0; round < 500; round++) inputs.push(Uint8Array.of(0x72, ...random(random(1)[0]! % 40)));
    for (const input of inputs) {
      try {
        for (const { commands } of parseScriptTemplates(input)) expect(commands.length).toBeGreaterThan(0);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^POLYCARD_(TLV|BYTES|EMV_SCRIPT)/);
      }
    }
  });
});

describe('issuer script results (EMV 4.4 Book 4 Annex A5)', () => {
  it('tell outcome, the command that failed and the script', () => {
    const failed = { outcome: 'failed', failedCommand: 2, identifier: fromHex('00000007') } as const;
    expect(toHex(encodeScriptResult(failed))).toBe('1200000007');
    expect(parseScriptResults(fromHex('12000000072000000008'))).toEqual([
      failed,
      { outcome: 'successful', failedCommand: 0, identifier: fromHex('00000008') },
    ]);
  });

  it.each(['', '20', '3000000000', '200000000020'])('%s is refused by name', (hex) => {
    expect(() => parseScriptResults(fromHex(hex))).toThrow(expect.objectContaining({ code: 'POLYCARD_EMV_SCRIPT' }));
  });
});
