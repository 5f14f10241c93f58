import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { describeVerdict, EXIT_CODES, verifyAudit } from '@polycard/audit/verifier';
import { PolycardError } from '@polycard/bytes';
import { Command } from 'commander';
import { DEFAULT_BLUEPRINT } from '../paths.ts';
import { PlatformSession } from '../platform-session.ts';

interface SourceOptions {
  readonly data: string;
  readonly platform?: string;
  readonly account: string;
  readonly password?: string;
  readonly blueprint: string;
  readonly json?: boolean;
}

export function auditCommand(): Command {
  const audit = new Command('audit').exitOverride();
  audit.addCommand(
    withSource(new Command('export'))
      .description('Write the whole trail as one file that can be verified alone')
      .argument('<file>', 'where to write it')
      .addHelpText(
        'after',
        `
Examples:
  polycard audit export trail.ndjson                     from ./data, while no platform runs on it
  polycard audit export trail.ndjson --data /srv/polycard
  polycard audit export trail.ndjson --platform http://127.0.0.1:7320 --account auditor
  DATABASE_URL=postgres://… polycard audit export trail.ndjson`,
      )
      .action(exportFile)
      .exitOverride(),
  );
  audit.addCommand(
    new Command('verify')
      .description('Verify an exported trail or ceremony transcript on the file alone')
      .argument('<file>', 'the exported file')
      .option('--anchors <file>', 'anchor lines kept apart from earlier days (polycard audit anchors)')
      .option('--json', 'print the verdict as one JSON object')
      .addHelpText(
        'after',
        `
Examples:
  polycard audit verify trail.ndjson
  polycard audit verify trail.ndjson --anchors kept.ndjson --json

Exit codes: 0 whole, 1 something was changed, removed or moved (the first bad entry is named), 2 no audit export.
The same without Polycard: node packages/audit/verifier/verify-audit-file.ts FILE`,
      )
      .action(verifyFile)
      .exitOverride(),
  );
  audit.addCommand(
    withSource(new Command('anchors'))
      .description("Print the anchors of finished days: keep them where the platform's people cannot change them")
      .addHelpText('after', '\nExamples:\n  polycard audit anchors --data ./data >> kept.ndjson')
      .action(printAnchors)
      .exitOverride(),
  );
  return audit;
}

function withSource(command: Command): Command {
  return command
    .option('--data <directory>', 'data directory of a platform that does not run (DATABASE_URL is honoured)', './data')
    .option('--platform <url>', 'a running platform instead')
    .option('--account <name>', 'account on it', 'auditor')
    .option('--password <text>', 'its password (or POLYCARD_PASSWORD)')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--json', 'print what was done as one JSON object');
}

async function* source(options: SourceOptions, what: 'trail' | 'anchors'): AsyncGenerator<string> {
  if (options.platform !== undefined) {
    const session = await PlatformSession.open(options.platform, options.account, options.password);
    yield await session.text('GET', what === 'trail' ? '/api/audit/export' : '/api/audit/anchors');
    return;
  }
  const { readStoredTrail } = await import('@polycard/platform');
  yield* readStoredTrail(
    {
      dataDirectory: resolve(options.data),
      databaseUrl: process.env['DATABASE_URL'],
      blueprintDirectory: resolve(options.blueprint),
      exportedBy: userInfo().username,
      now: () => new Date(),
    },
    what,
  );
}

/** Written beside the file first, so that a broken export never looks like a whole one. */
async function exportFile(file: string, options: SourceOptions): Promise<void> {
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, '');
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${file} cannot be written`, {
      where: 'FILE',
      expected: 'a path in a folder that exists and may be written to',
      cause,
    });
  }
  for await (const piece of source(options, 'trail')) appendFileSync(temporary, piece);
  const verdict = verifyAudit(readFileSync(temporary));
  renameSync(temporary, file);
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ file, ...verdict })}\n` : `${file}\n${describeVerdict(verdict)}\n`,
  );
  process.exitCode = EXIT_CODES[verdict.verdict] ?? 0;
}

async function printAnchors(options: SourceOptions): Promise<void> {
  for await (const piece of source(options, 'anchors')) process.stdout.write(piece);
}

function verifyFile(file: string, options: { anchors?: string; json?: boolean }): void {
  const verdict = verifyAudit(
    readBytes(file, 'FILE'),
    options.anchors === undefined ? undefined : readBytes(options.anchors, '--anchors'),
  );
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ file, ...verdict })}\n` : `${describeVerdict(verdict)}\n`,
  );
  process.exitCode = EXIT_CODES[verdict.verdict] ?? 0;
}

const EXIT_USAGE = 2;

function readBytes(path: string, where: string): Uint8Array {
  if (existsSync(path)) {
    try {
      return readFileSync(path);
    } catch {
      // a folder, or a file one may not read: named below
    }
  }
  process.stderr.write(`polycard: ${path} cannot be read\n  where:    ${where}\n  expected: an exported audit file\n`);
  process.exit(EXIT_USAGE);
}
