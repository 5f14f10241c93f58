/** Parameter versions from the command line: the same acts as in the console, over the platform's API. */
import { readFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { Command } from 'commander';
import { type AccessOptions, atPlatform, withAccess } from '../keys-access.ts';
import type { PlatformSession } from '../platform-session.ts';

const VERSIONS = '/api/parameters/versions';
const REHEARSAL_POLL_MS = 500;
/** The work found something wrong. */
const EXIT_FOUND = 1;

interface Standing {
  readonly version: string;
  readonly title: string;
  readonly state: string;
  readonly headline?: { readonly en: string };
  readonly problems?: readonly { code: string; file: string; path: string; reason: string; remedy: string }[];
  readonly changes?: readonly { readonly words: { readonly en: string } }[];
  readonly stages?: readonly {
    stage: number;
    name: string;
    terminals: number;
    taken: number;
    using: number;
    effectiveAt?: string;
  }[];
  readonly canary?: { readonly verdict: string; readonly measures: readonly { words: { en: string } }[] };
  readonly rehearsal?: {
    readonly state: string;
    readonly problem?: string;
    readonly result?: Readonly<
      Record<'rides' | 'more' | 'less' | 'same' | 'notComputed' | 'beforeFen' | 'afterFen', number>
    >;
  };
}

interface Options extends AccessOptions {
  readonly title?: string;
  readonly content?: string;
  readonly from?: string;
  readonly plan?: string;
  readonly why?: string;
  readonly id?: string;
  readonly stage?: string;
  readonly effectiveAt?: string;
  readonly despite?: boolean;
  readonly at?: string;
}

export function parametersCommand(): Command {
  const command = new Command('parameters').addHelpText(
    'after',
    `
Examples:
  polycard parameters list
  polycard parameters draft --title "metro from 2.50" --content draft.json --json
  polycard parameters check 261201-1
  polycard parameters rehearse 261201-1 --json
  polycard parameters propose 261201-1 --plan plan.json --why "decided by the board"
  polycard parameters rollout 261201-1 --why "as approved"
  polycard parameters rollout 261201-1 --stage 1 --why "the canary is good"
  polycard parameters rollback 261201-1 --why complaints

Exit codes: 0 done, 1 findings, or the state of the version does not allow it, 2 the call was wrong, 3 something failed here.`,
  );
  const add = (
    name: string,
    about: string,
    work: (session: PlatformSession, version: string, options: Options) => Promise<Standing>,
  ) => {
    const made = withAccess(new Command(name)).argument('<version>', 'as the list names it').description(about);
    made.action(async (version: string, options: Options) => {
      print(await atPlatform(options, (session) => work(session, version, options)), options);
    });
    command.addCommand(made);
    return made;
  };
  const list = withAccess(new Command('list')).description('Every version, newest first');
  list.action(async (options: Options) => {
    const rows = await atPlatform(options, (session) => session.json<Standing[]>('GET', VERSIONS));
    if (options.json === true) process.stdout.write(`${JSON.stringify(rows)}\n`);
    else
      for (const { version, state, title } of rows)
        process.stdout.write(`${version.padEnd(10)}${state.padEnd(13)}${title}\n`);
  });
  command.addCommand(list);
  command.addCommand(draftCommand());
  add('show', 'One version: difference, findings, rehearsal, roll-out', (session, version) =>
    session.json('GET', `${VERSIONS}/${version}`),
  );
  add('check', 'Hold a draft against every rule', (session, version) =>
    session.json('POST', `${VERSIONS}/${version}/check`),
  );
  add('rehearse', 'Price recorded rides under it and wait for the result', rehearse);
  add('propose', 'Put it with its plan before a second person', (session, version, options) =>
    session.json('POST', `${VERSIONS}/${version}/proposal`, {
      ...{ id: options.id ?? `proposal-${version}`, why: options.why, plan: jsonFile(options.plan!, '--plan') },
    }),
  )
    .requiredOption('--plan <file>', 'JSON: effectiveAt, stages (the first is the canary, the last all others), limits')
    .requiredOption('--why <text>', 'for the second person and the audit')
    .option('--id <id>', 'idempotency key of the request');
  add(
    'rollout',
    'Open the canary of an approved version, or with --stage the next stage',
    (session, version, options) =>
      options.stage === undefined
        ? session.json('POST', `${VERSIONS}/${version}/rollout`, { why: options.why })
        : session.json('POST', `${VERSIONS}/${version}/stages`, {
            ...{ why: options.why, stage: Number(options.stage) },
            ...(options.effectiveAt === undefined ? {} : { effectiveAt: options.effectiveAt }),
            ...(options.despite === true ? { despite: true } : {}),
          }),
  )
    .requiredOption('--why <text>', 'for the audit')
    .option('--stage <number>', 'the stage to open, from 1')
    .option('--effective-at <time>', 'another instant than the plan states, YYYY-MM-DDThh:mm:ss')
    .option('--despite', 'although the canary is not judged good yet');
  add('stop', 'Stop a roll-out; its terminals return', (session, version, options) =>
    session.json('POST', `${VERSIONS}/${version}/stop`, { why: options.why }),
  ).requiredOption('--why <text>', 'for the audit');
  add('rollback', 'Return every terminal to the version before', (session, version, options) =>
    session.json('POST', `${VERSIONS}/${version}/rollback`, {
      ...{ why: options.why, ...(options.at === undefined ? {} : { at: options.at }) },
    }),
  )
    .requiredOption('--why <text>', 'for the audit')
    .option('--at <time>', 'local time YYYY-MM-DDThh:mm:ss; else when terminals next talk');
  return command;
}

function draftCommand(): Command {
  const made = withAccess(new Command('draft'))
    .description('Begin a draft, with --content its content')
    .option('--title <text>', 'what it is for')
    .option('--from <version>', 'a version, or `blueprint` for what its folder states; else the one in force')
    .option('--content <file>', 'JSON as `polycard parameters show --json` gives it under content')
    .option('--id <id>', 'idempotency key: the same draft asked for twice is one');
  made.action(async (options: Options) => {
    const { title, from } = options;
    if (title === undefined)
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'a draft has a title', {
        where: '--title',
        expected: 'what it is for',
      });
    const content = options.content === undefined ? undefined : jsonFile(options.content, '--content');
    const id = options.id ?? `draft-${process.pid}-${Date.now()}`;
    const standing = await atPlatform(options, async (session) => {
      const draft = await session.json<Standing>('POST', VERSIONS, {
        id,
        title,
        ...(from === undefined ? {} : { from }),
      });
      return content === undefined ? draft : session.json<Standing>('PUT', `${VERSIONS}/${draft.version}`, { content });
    });
    print(standing, options);
  });
  return made;
}

async function rehearse(session: PlatformSession, version: string): Promise<Standing> {
  await session.json('POST', `${VERSIONS}/${version}/rehearsal`, {});
  for (;;) {
    const found = await session.json<Standing>('GET', `${VERSIONS}/${version}`);
    if (found.rehearsal?.state !== 'running') return found;
    await new Promise((resolve) => setTimeout(resolve, REHEARSAL_POLL_MS));
  }
}

function jsonFile(path: string, option: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} cannot be read`, {
      where: option,
      expected: 'a file',
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} is no JSON: ${(cause as Error).message}`, {
      where: option,
      cause,
    });
  }
}

function print(standing: Standing, options: Options): void {
  const { problems = [], changes = [], stages = [], rehearsal, canary } = standing;
  if (problems.length > 0) process.exitCode = EXIT_FOUND;
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(standing)}\n`);
    return;
  }
  const lines = [standing.headline?.en ?? `${standing.version}: ${standing.state}`];
  for (const { words } of changes) lines.push(`  ${words.en}`);
  for (const { code, file, path, reason, remedy } of problems)
    lines.push(`  ${file}#${path}  [${code}]`, `    ${reason}`, `    ${remedy}`);
  if (rehearsal?.result !== undefined) {
    const { rides, more, less, same, notComputed, beforeFen, afterFen } = rehearsal.result;
    lines.push(
      `  rehearsed: ${rides} rides, ${more} dearer, ${less} cheaper, ${same} the same, ${notComputed} not computed`,
      `  revenue: ${beforeFen / 100} → ${afterFen / 100}`,
    );
  } else if (rehearsal !== undefined) lines.push(`  rehearsal: ${rehearsal.state} ${rehearsal.problem ?? ''}`);
  for (const { stage, name, terminals, taken, using, effectiveAt = '' } of stages)
    lines.push(
      `  stage ${stage} ${name}: ${terminals} terminals, ${taken} downloaded, ${using} using it  ${effectiveAt}`,
    );
  if (canary !== undefined)
    lines.push(`  canary: ${canary.verdict}`, ...canary.measures.map(({ words }) => `    ${words.en}`));
  process.stdout.write(`${lines.join('\n')}\n`);
}
