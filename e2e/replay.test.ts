import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ReplayResult } from '@polycard/fleet';
import { afterAll, describe, expect, it } from 'vitest';
import { type RecordsSource, recordsFile } from './records-source.ts';

const run = promisify(execFile);
const COMMAND = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'polycard-replay-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function replayed(...args: string[]): Promise<ReplayResult> {
  const { stdout } = await run(process.execPath, [COMMAND, 'replay', ...args, '--ephemeral', '--json'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as ReplayResult;
}

/** Everything but times. */
function comparable({ elapsedMs: _elapsed, tapTime, ...rest }: ReplayResult) {
  return { ...rest, exchanges: tapTime.exchanges };
}

describe('polycard replay', () => {
  it('generated taps: gate and clearing agree, cryptograms hold, money balances, and the same seed does the same again', async () => {
    const first = await replayed('--generate', '150', '--seed', '7');
    expect(first.taps).toMatchObject({ performed: 150, refused: 0 });
    expect(first.fares.matched).toBe(first.fares.charged);
    expect(first.cryptograms).toEqual({ verified: 150, failed: 0 });
    expect(first.ledger.sumFen).toBe(0);
    expect(first.settlement.reduce((sum, { netFen }) => sum + netFen, 0)).toBe(0);
    expect(comparable(await replayed('--generate', '150', '--seed', '7'))).toEqual(comparable(first));
  });

  it('planted faults come back exactly, and each by its name', async () => {
    const result = await replayed(
      '--generate',
      '150',
      '--seed',
      '3',
      '--faults',
      'cryptogram=5,duplicate=4,gap=3,mac=2',
    );
    expect(result.exceptions).toEqual({ cryptogram: 5, duplicate: 4, gap: 3, mac: 2 });
    expect(result.cryptograms.failed).toBe(5);
    expect(result.ledger.sumFen).toBe(0);
  });

  it('records: every one is performed, every charge is explained, and amounts raised by one fen are found out', async () => {
    const source: RecordsSource = recordsFile(300);
    console.log(`records from ${source.origin}`);
    const file = join(directory, 'records.csv');
    writeFileSync(file, source.text);
    const trace = join(directory, 'trace.ndjson');
    const result = await replayed(file, '--format', 'shenzhen', '--trace', trace);
    expect(result.records).toBe(300);
    expect(result.taps.performed + result.taps.refused).toBe(300);
    expect(result.fares.charged).toBe(source.rides);
    expect(result.fares.matched).toBe(source.rides);
    expect(result.exceptions).toEqual({});
    const lines = readFileSync(trace, 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            record: number;
            exchanges: unknown[];
            frame: string;
            fare: { steps: unknown[] } | null;
            kind: string;
          },
      );
    expect(lines.map((line) => line.record)).toEqual(Array.from({ length: 300 }, (_, index) => index));
    expect(lines.every((line) => line.exchanges.length > 5 && /^[0-9A-F]+$/.test(line.frame))).toBe(true);
    expect(lines.filter((line) => line.kind !== 'entry').every((line) => (line.fare?.steps.length ?? 0) > 0)).toBe(
      true,
    );

    const raised = source.raise(20);
    writeFileSync(file, raised);
    const { code, stdout } = await run(process.execPath, [COMMAND, 'replay', file, '--ephemeral', '--json'], {
      maxBuffer: 64 * 1024 * 1024,
    }).then(
      ({ stdout: text }) => ({ code: 0, stdout: text }),
      (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
    );
    const found = JSON.parse(stdout) as ReplayResult;
    expect(found.fares.charged - found.fares.matched).toBe(20);
    expect(found.exceptions).toEqual({ fare: 20 });
    expect(code).toBe(1);
  });

  it('a file without records does nothing, and says so', async () => {
    const file = join(directory, 'empty.csv');
    writeFileSync(file, recordsFile(1).text.split('\n')[0]!);
    expect(await replayed(file)).toMatchObject({
      records: 0,
      cards: 0,
      taps: { performed: 0, refused: 0 },
      ledger: { sumFen: 0 },
    });
  });

  it('a wrong call ends with words and a code, never a stack trace', async () => {
    for (const [args, expected, exitCode] of [
      [['replay', 'nowhere.csv', '--ephemeral'], /there is no file nowhere\.csv/, 2],
      [['replay', '--generate', '0', '--ephemeral'], /expected a whole number/, 2],
      [['replay', '--generate', '10', '--faults', 'rain=1', '--ephemeral'], /NAME one of cryptogram/, 2],
      [['replay', '--generate', '10', '--blueprint', directory, '--ephemeral'], /there is no blueprint/, 2],
      [['fare', '--from', 'atlantis', '--to', 'luohu'], /there is no station atlantis/, 2],
      [['dance'], /unknown command/, 2],
    ] as const) {
      const error = await run(process.execPath, [COMMAND, ...args]).then(
        () => undefined,
        (failure: { code: number; stderr: string }) => failure,
      );
      expect(error?.stderr).toMatch(expected);
      expect(error?.stderr).not.toMatch(/\n\s+at /);
      expect(error?.code).toBe(exitCode);
    }
  });
});
