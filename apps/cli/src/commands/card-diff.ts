import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { type CardSnapshot, compareSnapshots } from '@polycard/card';
import { Command } from 'commander';
import { type CardDump, diffDumps } from '../inspect/dump.ts';

interface DiffOptions {
  readonly json?: boolean;
}

const EXIT_DIFFERENT = 1;

export function cardDiffCommand(): Command {
  return new Command('diff')
    .description('Compare two dumps of card inspect, or two saved virtual cards')
    .argument('<before>', 'dump saved by card inspect --save, or card saved by card personalise --save')
    .argument('<after>', 'another one')
    .option('--json', 'print {differences: [{path, before, after}]}')
    .addHelpText(
      'after',
      `
Exit code 0 when the dumps say the same, 1 when they differ.

Example:
  polycard card diff before.json after.json`,
    )
    .action(diff);
}

type Comparable = CardDump | CardSnapshot;

function readDump(path: string): Comparable {
  const wrong = (what: string, cause?: unknown): PolycardError =>
    new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} is no card dump: ${what}`, {
      expected: 'a file written by card inspect --save or card personalise --save',
      cause,
    });
  let dump: Comparable;
  try {
    dump = JSON.parse(readFileSync(resolve(path), 'utf8')) as Comparable;
  } catch (cause) {
    throw wrong((cause as Error).message, cause);
  }
  if (dump?.format === 'polycard-card-1') return dump;
  if (dump?.format !== 'polycard-dump-1' || !Array.isArray(dump.applications)) throw wrong('its format is another');
  return dump;
}

function differencesBetween(before: Comparable, after: Comparable) {
  if (before.format === 'polycard-card-1' && after.format === 'polycard-card-1') return compareSnapshots(before, after);
  if (before.format === 'polycard-dump-1' && after.format === 'polycard-dump-1') return diffDumps(before, after);
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'a dump and a saved card cannot be compared', {
    expected: 'two dumps, or two saved cards',
  });
}

function diff(before: string, after: string, options: DiffOptions): void {
  const differences = differencesBetween(readDump(before), readDump(after));
  if (options.json === true) process.stdout.write(`${JSON.stringify({ differences })}\n`);
  else if (differences.length === 0) process.stdout.write('The dumps say the same.\n');
  else
    for (const { path, before: old, after: now } of differences)
      process.stdout.write(`${path}\n  - ${old ?? '(absent)'}\n  + ${now ?? '(absent)'}\n`);
  if (differences.length > 0) process.exitCode = EXIT_DIFFERENT;
}
