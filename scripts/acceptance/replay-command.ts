/** The replay as people run it, for items that need a whole day of taps. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReplayResult } from '@polycard/fleet';
import { runReplay } from '../../e2e/polycard-command.ts';
import { realRecords, recordsFile } from '../../e2e/records-source.ts';
import { figure } from './item.ts';

const GENERATED_RECORDS = 5000;

export async function replay(...args: string[]): Promise<ReplayResult> {
  const { result, err } = await runReplay(args);
  if (result === undefined) throw new Error(err);
  return result;
}

/** The real records where they are at hand, else generated ones; says which. */
export function records(): { path: string; cleanUp: () => void } {
  const path = realRecords();
  if (path !== undefined) {
    figure('records from', path.replace(/.*\/(?=[^/]+\/[^/]+$)/, '…/'));
    return { path, cleanUp: () => undefined };
  }
  const directory = mkdtempSync(join(tmpdir(), 'polycard-records-'));
  const generated = join(directory, 'records.csv');
  writeFileSync(generated, recordsFile(GENERATED_RECORDS).text);
  figure('records from', 'the generator (the real ones are not at hand)');
  return { path: generated, cleanUp: () => rmSync(directory, { recursive: true, force: true }) };
}
