/** What the conform commands have in common: options, the broken variants, the report printed, written and judged. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import {
  BROKEN_CARDS,
  BROKEN_HOSTS,
  BROKEN_TERMINALS,
  type BrokenVariant,
  type CaseResult,
  htmlReport,
  type Kind,
  type Report,
  reportOf,
} from '@polycard/conformance';
import type { Command } from 'commander';
import { DEFAULT_BLUEPRINT } from './paths.ts';

export interface ConformOptions {
  readonly self?: boolean;
  readonly broken?: string;
  readonly listBroken?: boolean;
  readonly case?: string[];
  readonly cases?: string;
  readonly html?: string;
  readonly json?: boolean;
  readonly blueprint: string;
  readonly seed: string;
}

const EXIT_FOUND = 1;
const ALL = 'all';
export const BROKEN = { host: BROKEN_HOSTS, terminal: BROKEN_TERMINALS, card: BROKEN_CARDS } as const;

export function withConformOptions(command: Command, kind: string): Command {
  return command
    .option('--self', `play against our own ${kind}`)
    .option(
      '--broken <name>',
      `with --self: against one of our own that is broken in this way; ${ALL} for each in turn`,
    )
    .option('--list-broken', 'name the broken variants, what each breaks and which cases must fail')
    .option(
      '--case <id>',
      'only cases whose identifier has this in it; may be repeated',
      (id: string, before: string[] = []) => [...before, id],
    )
    .option('--cases <directory>', 'cases of your own instead of those of the kit')
    .option('--html <file>', 'write the report as an HTML page')
    .option('--blueprint <directory>', 'with --self: the region', DEFAULT_BLUEPRINT)
    .option('--seed <text>', 'with --self: keys and cards are the same for the same text', 'conform')
    .option('--json', 'print one JSON object: cases with verdict and evidence, a summary');
}

export function listBroken(variants: readonly BrokenVariant[], isJson: boolean): void {
  const broken = variants.map(({ name, kind, breaks, fails }) => ({
    ...{ name, kind, breaks: breaks.en, breaksZh: breaks.zh, fails },
  }));
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ broken })}\n`
      : broken
          .map(
            ({ name, kind, breaks, breaksZh, fails }) =>
              `${kind.padEnd(9)}${name}\n    ${breaks} · ${breaksZh}\n    must fail: ${fails.join(', ')}\n`,
          )
          .join(''),
  );
}

/** The variant of this name. Throws `POLYCARD_CLI_ARGUMENT` naming those there are. */
export function brokenNamed<V extends BrokenVariant>(variants: readonly V[], name: string): V {
  const found = variants.find((variant) => variant.name === name);
  if (found !== undefined) return found;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no broken variant ${name}`, {
    where: '--broken',
    expected: [...variants.map((variant) => variant.name), ALL].join(', '),
  });
}

/** Whole, or broken in one way, or in each way in turn; prints, writes and judges. */
export async function runOwn<V extends BrokenVariant>(
  options: ConformOptions,
  kind: Kind,
  variants: readonly V[],
  play: (broken: V | undefined, onResult: (result: CaseResult) => void) => Promise<CaseResult[]>,
): Promise<void> {
  const target = `our own ${kind}`;
  if (options.broken === ALL) {
    await runEach(options, variants, play);
    return;
  }
  const broken = options.broken === undefined ? undefined : brokenNamed(variants, options.broken);
  const startedAt = new Date().toISOString();
  const cases = await play(broken, progressOf(options));
  finish(reportOf({ kind, target, startedAt, broken: broken?.name }, cases), options);
}

async function runEach<V extends BrokenVariant>(
  options: ConformOptions,
  variants: readonly V[],
  play: (broken: V | undefined, onResult: (result: CaseResult) => void) => Promise<CaseResult[]>,
): Promise<void> {
  const judged = [];
  for (const variant of variants) {
    const cases = await play(variant, () => undefined);
    const failed = cases.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    const detected = variant.fails.every((id) => failed.includes(id));
    judged.push({ name: variant.name, detected, expected: variant.fails, failed });
    if (options.json !== true)
      process.stdout.write(`${detected ? 'found ' : 'MISSED'} ${variant.name.padEnd(28)} ${failed.join(' ')}\n`);
  }
  const missed = judged.filter(({ detected }) => !detected).map(({ name }) => name);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ variants: judged, missed })}\n`);
  if (missed.length > 0) process.exitCode = EXIT_FOUND;
}

export function progressOf({ json }: ConformOptions): (result: CaseResult) => void {
  if (json === true) return () => undefined;
  return ({ id, verdict, title, titleZh, reason }) =>
    void process.stdout.write(
      `${verdict.padEnd(15)} ${id.padEnd(34)} ${title} · ${titleZh}\n${reason === undefined ? '' : `${' '.repeat(16)}${reason}\n`}`,
    );
}

export function finish(report: Report, options: ConformOptions): void {
  if (options.html !== undefined) writeFileSync(resolve(options.html), htmlReport(report));
  const { pass, fail, notApplicable, inconclusive, failed } = report.summary;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(report)}\n`
      : `${report.verdict}: ${pass} passed, ${fail} failed${failed.length === 0 ? '' : ` (${failed.join(', ')})`}, ${notApplicable} not applicable, ${inconclusive} inconclusive\n`,
  );
  if (report.verdict !== 'pass') process.exitCode = EXIT_FOUND;
}

export function needed(where: string, words: string): PolycardError {
  return new PolycardError('POLYCARD_CLI_ARGUMENT', `${where} is needed`, { where, expected: words });
}

/** HOST:PORT. Throws `POLYCARD_CLI_ARGUMENT`. */
export function addressOf(text: string, where: string): { host: string; port: number } {
  const parts = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text);
  if (parts === null || Number(parts[2]) > 65_535) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `"${text}" is no address`, { where, expected: 'HOST:PORT' });
  }
  return { host: parts[1]!, port: Number(parts[2]) };
}
