/** A terminal's memory in files: cut at every step that reaches the disk, and at every byte of what is added. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@polycard/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStorage } from '../src/terminal/file-storage.ts';

class PowerLost extends Error {}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-memory-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString('utf8');
const open = (cutAt = -1): { storage: FileStorage; steps: () => number } => {
  let steps = 0;
  const storage = new FileStorage(directory, seededRandom('memory'), () => {
    if (steps++ === cutAt) throw new PowerLost();
  });
  return { storage, steps: () => steps };
};

describe("a terminal's memory in files", () => {
  it('gives the old or the new of what is written, wherever it is cut', () => {
    open().storage.write('state', bytes('old'));
    const whole = open();
    whole.storage.write('state', bytes('old'));
    expect(whole.steps()).toBeGreaterThan(3);
    for (let cutAt = 0; cutAt < whole.steps(); cutAt++) {
      expect(() => open(cutAt).storage.write('state', bytes('new')), `step ${cutAt + 1}`).toThrow(PowerLost);
      expect(['old', 'new'], `step ${cutAt + 1}`).toContain(text(open().storage.read('state')));
      open().storage.write('state', bytes('old'));
    }
  });

  it('gives what was added before, whole, when the last piece is cut at any byte; and goes on behind it', () => {
    const { storage } = open();
    storage.append('journal', bytes('one,'));
    storage.append('journal', bytes('two,'));
    const file = join(directory, 'journal');
    const two = readFileSync(file);
    storage.append('journal', bytes('three,'));
    const three = readFileSync(file);
    for (let length = two.length; length < three.length; length++) {
      writeFileSync(file, three);
      truncateSync(file, length);
      const again = open().storage;
      expect(text(again.read('journal')), `${length} bytes`).toBe('one,two,');
      again.append('journal', bytes('four,'));
      expect(text(open().storage.read('journal')), `${length} bytes`).toBe('one,two,four,');
    }
  });

  it('names what was changed, moved or sealed by another device', () => {
    const { storage } = open();
    storage.append('journal', bytes('one,'));
    storage.append('journal', bytes('two,'));
    const file = join(directory, 'journal');
    const right = readFileSync(file);
    const wrong = { code: 'POLYCARD_CLI_TERMINAL_MEMORY' };
    const piece = right.length / 2;
    const moved = Buffer.concat([right.subarray(piece), right.subarray(0, piece)]);
    for (const changed of [moved, right.subarray(piece), Buffer.from(right).fill(right[20]! ^ 1, 20, 21)]) {
      writeFileSync(file, changed);
      expect(() => open().storage.read('journal')).toThrow(expect.objectContaining(wrong));
    }
    writeFileSync(file, right);
    writeFileSync(join(directory, 'device.key'), Buffer.alloc(32, 7));
    expect(() => open().storage.read('journal')).toThrow(expect.objectContaining(wrong));
  });
});
