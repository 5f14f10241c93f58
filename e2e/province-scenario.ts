/** A second province from card issue to settlement: a generated replay on its blueprint, and what its trace shows. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cappApplications } from '@polycard/blueprint';
import { fromHex, parseCommand, parseResponse, parseTlv, tlvMap } from '@polycard/bytes';
import { cappP2, parseIssuerApplicationData } from '@polycard/emv';
import type { ReplayResult } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform';
import { runReplay } from './polycard-command.ts';

export const HUNAN = fileURLToPath(new URL('../blueprints/hunan', import.meta.url));

export interface ProvinceDay {
  readonly result: ReplayResult;
  readonly exitCode: number;
  /** Of the cards' answers to GET PROCESSING OPTIONS: how many by the algorithm their 9F10 names. */
  readonly algorithms: Readonly<Record<string, number>>;
  /** Of the records written to the files of metro and bus: how many by their length in bytes. */
  readonly recordBytes: Readonly<Record<string, number>>;
}

export async function provinceDay(options: {
  readonly blueprint: string;
  readonly taps: number;
  readonly seed: string;
  readonly faults?: string;
}): Promise<ProvinceDay> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-province-'));
  try {
    const trace = join(directory, 'trace.ndjson');
    const faults = options.faults === undefined ? [] : ['--faults', options.faults];
    const { result, code, err } = await runReplay([
      ...['--generate', String(options.taps), '--seed', options.seed, '--blueprint', options.blueprint],
      ...['--trace', trace, ...faults],
    ]);
    if (result === undefined) throw new Error(err);
    return { result, exitCode: code, ...traced(trace, options.blueprint) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface TraceLine {
  readonly exchanges: readonly { readonly phase: string; readonly command: string; readonly response: string }[];
}

function traced(path: string, blueprint: string): Pick<ProvinceDay, 'algorithms' | 'recordBytes'> {
  const files = new Set(
    cappApplications(readBlueprint(blueprint))
      .flatMap((application) => application.files)
      .filter(({ records }) => records.some(({ name }) => name === 'metro' || name === 'bus'))
      .map(({ sfi }) => cappP2(Number.parseInt(sfi, 16))),
  );
  const algorithms: Record<string, number> = {};
  const recordBytes: Record<string, number> = {};
  const count = (into: Record<string, number>, key: string): void => {
    into[key] = (into[key] ?? 0) + 1;
  };
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    for (const { phase, command, response } of (JSON.parse(line) as TraceLine).exchanges) {
      if (phase === 'gpo') {
        const answer = tlvMap(parseTlv(parseResponse(fromHex(response)).data));
        count(algorithms, parseIssuerApplicationData(answer.get('9F10')!).algorithm);
      }
      if (phase === 'update-capp') {
        const { p2, data } = parseCommand(fromHex(command));
        if (files.has(p2)) count(recordBytes, String(data.length - 4));
      }
    }
  }
  return { algorithms, recordBytes };
}

/** What a day of any province must show; empty when it holds. */
export function provinceFindings({ result, exitCode }: ProvinceDay, taps: number): string[] {
  const net = result.settlement.reduce((sum, { netFen }) => sum + netFen, 0);
  const expectations: readonly (readonly [what: string, found: unknown, expected: unknown])[] = [
    ['taps performed', result.taps.performed, taps],
    ['taps refused', result.taps.refused, 0],
    ['fares matched', result.fares.matched, result.fares.charged],
    ['fares unmatched', result.fares.unmatched, 0],
    ['cryptograms verified', result.cryptograms.verified, taps],
    ['cryptograms failed', result.cryptograms.failed, 0],
    ['exceptions', JSON.stringify(result.exceptions), '{}'],
    ['sum of the ledger, fen', result.ledger.sumFen, 0],
    ['sum of the net positions, fen', net, 0],
    ['exit code', exitCode, 0],
  ];
  return expectations.flatMap(([what, found, expected]) =>
    found === expected ? [] : [`${what}: expected ${expected}, found ${found}`],
  );
}

/** Everything but times. */
export function comparableDay({ result, algorithms, recordBytes }: ProvinceDay) {
  const { elapsedMs: _elapsed, tapTime, ...rest } = result;
  return { ...rest, exchanges: tapTime.exchanges, algorithms, recordBytes };
}
