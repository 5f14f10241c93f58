import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { Command } from 'commander';
import { type AccessOptions, atPlatform, withAccess } from '../keys-access.ts';

interface ChangeOptions extends AccessOptions {
  readonly scope: string;
  readonly reason?: string;
  readonly why: string;
  readonly id?: string;
}

interface Approval {
  readonly id: string;
  readonly state: string;
  readonly effect: { readonly en: string };
  readonly outcome: string;
}

interface Overview {
  readonly headline: { readonly en: string };
  readonly counts: readonly { readonly scope: string; readonly reason: string; readonly cards: number }[];
  readonly versions: readonly {
    readonly version: number;
    readonly issuedAt: string;
    readonly cards: number;
    readonly added: number;
    readonly removed: number;
    readonly snapshotBytes: number;
    readonly deltaBytes: number;
  }[];
  readonly requests: readonly Approval[];
}

const CARD = 'an account number of 8 to 19 digits, or the token of a card';

export function denyListCommand(): Command {
  const list = new Command('deny-list');
  list.addCommand(
    withAccess(new Command('add'))
      .description('List cards; terminals learn of it with the next published version')
      .argument('<card...>', CARD)
      .requiredOption('--reason <id>', 'a reason of deny-lists.yaml: lost, stolen, fraud, arrears …')
      .option('--scope <id>', '"card" for the whole card, or an application: metro, bus …', 'card')
      .requiredOption('--why <text>', 'what the audit trail says')
      .option('--id <key>', 'sent twice under one key it is done once')
      .addHelpText(
        'after',
        `
Examples:
  polycard deny-list add 6214010000000017 --reason lost --why 'reported by its holder'
  polycard deny-list add 0123456789ABCDEF --scope metro --reason application-suspended --why 'misuse' --json`,
      )
      .action(add),
  );
  list.addCommand(
    withAccess(new Command('remove'))
      .description('Take cards off; terminals learn of it with the next published version')
      .argument('<card...>', CARD)
      .option('--scope <id>', '"card", or an application', 'card')
      .requiredOption('--why <text>', 'what the audit trail says')
      .option('--id <key>', 'sent twice under one key it is done once')
      .addHelpText('after', "\nExamples:\n  polycard deny-list remove 6214010000000017 --why 'found again'")
      .action(remove),
  );
  list.addCommand(
    withAccess(new Command('import'))
      .description('List the cards of a file: one account number a line, or columns cardNo, scope, reason')
      .argument('<file>', 'CSV')
      .option('--scope <id>', 'of lines that state none', 'card')
      .option('--reason <id>', 'of lines that state none')
      .requiredOption('--why <text>', 'what the audit trail says')
      .option('--id <key>', 'sent twice under one key it is done once')
      .addHelpText(
        'after',
        `
Examples:
  polycard deny-list import lost.csv --reason lost --why 'list of the bank, 12 March'
  polycard deny-list import all.csv --why 'first list' --json

Exit codes: 0 every line was taken, 1 some were refused (the answer names their lines).`,
      )
      .action(importFile),
  );
  list.addCommand(
    withAccess(new Command('publish'))
      .description(
        'Ask for what waits to be published as a version; with --approve approve what somebody else asked for',
      )
      .option('--approve <id>', 'number of the request')
      .option('--refuse', 'with --approve: refuse it')
      .option('--why <text>', 'the reason', '')
      .option('--id <key>', 'sent twice under one key it is asked for once')
      .addHelpText(
        'after',
        `
Examples:
  polycard deny-list publish --why 'what came in today' --as qin-song
  polycard deny-list publish --approve 6f1c… --why 'seen' --as you-jia`,
      )
      .action(publish),
  );
  list.addCommand(
    withAccess(new Command('show'))
      .description(
        'Counts, versions with their sizes, what waits, who holds which version; or the listings of one card',
      )
      .argument('[token]', "a card's token")
      .addHelpText('after', '\nExamples:\n  polycard deny-list show\n  polycard deny-list show 0123456789ABCDEF --json')
      .action(show),
  );
  return list;
}

/** Tokens are 16 hexadecimal digits; sixteen decimal ones are an account number unless `token:` stands before them. */
function cardOf(text: string): { cardNo: string } | { cardToken: string } {
  if (/^\d{8,19}$/.test(text)) return { cardNo: text };
  const token = /^(?:token:)?([0-9A-Fa-f]{16})$/.exec(text)?.[1];
  if (token !== undefined) return { cardToken: token.toUpperCase() };
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `a card of ${text.length} characters is none`, {
    where: '<card>',
    expected: CARD,
  });
}

async function add(cards: string[], options: ChangeOptions): Promise<void> {
  const { scope, reason, why } = options;
  const entries = cards.map((card) => ({ ...cardOf(card), scope, reason }));
  const answer = await atPlatform(options, (session) =>
    session.json<{ added: number; known: number }>('POST', '/api/deny-lists/entries', {
      id: keyOf(options),
      why,
      entries,
    }),
  );
  print(options, answer, [`${answer.added} listed, ${answer.known} were listed already; publish to reach terminals`]);
}

async function remove(cards: string[], options: ChangeOptions): Promise<void> {
  const { scope, why } = options;
  const entries = cards.map((card) => ({ ...cardOf(card), scope }));
  const answer = await atPlatform(options, (session) =>
    session.json<{ removed: number; notListed: number }>('POST', '/api/deny-lists/removals', {
      ...{ id: keyOf(options), why, entries },
    }),
  );
  print(options, answer, [
    `${answer.removed} taken off, ${answer.notListed} were not listed; publish to reach terminals`,
  ]);
  if (answer.notListed > 0) process.exitCode = 1;
}

async function importFile(file: string, options: ChangeOptions): Promise<void> {
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${file} cannot be read`, {
      where: '<file>',
      expected: 'a text file of account numbers',
      cause,
    });
  }
  const { scope, reason, why } = options;
  const answer = await atPlatform(options, (session) =>
    session.json<{
      lines: number;
      added: number;
      known: number;
      refused: number;
      refusals: { line: number; problem: string }[];
    }>('POST', '/api/deny-lists/imports', {
      ...{ id: keyOf(options), why, fileName: basename(file), csv, scope },
      ...(reason === undefined ? {} : { reason }),
    }),
  );
  print(options, answer, [
    `${answer.lines} lines: ${answer.added} listed, ${answer.known} were listed already, ${answer.refused} refused`,
    ...answer.refusals.map(({ line, problem }) => `  line ${line}: ${problem}`),
  ]);
  if (answer.refused > 0) process.exitCode = 1;
}

async function publish(
  options: AccessOptions & { approve?: string; refuse?: boolean; why: string; id?: string },
): Promise<void> {
  const { approve, refuse, why } = options;
  const answer = await atPlatform(options, (session) =>
    approve === undefined
      ? session.json<Approval>('POST', '/api/deny-lists/publications', { id: keyOf(options), why })
      : session.json<Approval>('POST', `/api/approvals/${encodeURIComponent(approve)}/decisions`, {
          ...{ verdict: refuse === true ? 'refused' : 'approved', why },
        }),
  );
  print(options, answer, [
    `${answer.id}: ${answer.state}`,
    answer.effect.en,
    ...(answer.outcome === '' ? [] : [answer.outcome]),
  ]);
}

async function show(token: string | undefined, options: AccessOptions): Promise<void> {
  if (token !== undefined) {
    const listing = await atPlatform(options, (session) =>
      session.json<{
        entries: { scope: string; reason: string; state: string; why: string }[];
        hits: { at: string; terminalNo: string; outcome: string }[];
        rides: { explanation: { en: string } }[];
      }>('GET', `/api/cards/${encodeURIComponent(token)}/deny-list`),
    );
    print(options, listing, [
      ...(listing.entries.length === 0 ? ['not on the list'] : []),
      ...listing.entries.map(({ scope, reason, state, why }) => `${state.padEnd(8)} ${scope}: ${reason} (${why})`),
      ...listing.hits.map(({ at, terminalNo, outcome }) => `${at} held to terminal ${terminalNo}: ${outcome}`),
      ...listing.rides.map(({ explanation }) => explanation.en),
    ]);
    return;
  }
  const overview = await atPlatform(options, (session) => session.json<Overview>('GET', '/api/deny-lists'));
  print(options, overview, [
    overview.headline.en,
    ...overview.counts.map(({ scope, reason, cards }) => `  ${scope.padEnd(12)} ${reason.padEnd(24)} ${cards}`),
    ...overview.requests.map(({ id, effect }) => `  waits for approval ${id}: ${effect.en}`),
    ...overview.versions.map(
      ({ version, issuedAt, cards, added, removed, snapshotBytes, deltaBytes }) =>
        `  version ${String(version).padEnd(6)} ${issuedAt}  ${cards} cards (+${added} -${removed}), snapshot ${snapshotBytes}, delta ${deltaBytes} bytes`,
    ),
  ]);
}

const keyOf = ({ id }: { readonly id?: string }): string => id ?? randomUUID();

function print(options: { readonly json?: boolean }, value: unknown, lines: readonly string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
}
