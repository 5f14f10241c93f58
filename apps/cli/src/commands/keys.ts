import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { type AccessOptions, atKeys, withAccess } from '../keys-access.ts';
import { ceremonyCommand } from './keys-ceremony.ts';
import { dutiesCommand } from './keys-duties.ts';
import { exchangeCommand } from './keys-exchange.ts';

interface KeyRow {
  readonly name: string;
  readonly usage: string;
  readonly algorithm: string;
  readonly state: string;
  readonly checkValue: string;
  readonly owner: string;
}

export function keysCommand(): Command {
  const keys = new Command('keys');
  keys.addCommand(
    withAccess(new Command('list'))
      .description('Every version of every key')
      .addHelpText(
        'after',
        '\nExamples:\n  polycard keys list\n  polycard keys list --platform http://127.0.0.1:7320 --json',
      )
      .action(list),
  );
  keys.addCommand(
    withAccess(new Command('show'))
      .description('One key: versions, who may do what, what stands behind it, what rotation would cost')
      .argument('<name>', 'LABEL or LABEL#VERSION')
      .addHelpText(
        'after',
        '\nExamples:\n  polycard keys show bus-management\n  polycard keys show bus-management#1 --json',
      )
      .action(show),
  );
  keys.addCommand(
    withAccess(new Command('disperse'))
      .description('Check values of keys below one, to compare with a receiver')
      .argument('<name>', 'LABEL or LABEL#VERSION')
      .requiredOption('--factors <hex,...>', 'factors of one card, 8 bytes each, top down')
      .addHelpText(
        'after',
        '\nExamples:\n  polycard keys disperse bus-management --factors 5840FFFFFFFFFFFF,0200000000000000 --as wei-dong',
      )
      .action(disperse),
  );
  keys.addCommand(
    withAccess(new Command('activate'))
      .description('Open an application on one card: the finished command. The only use of an activation key')
      .requiredOption('--card <token>', "the card's token")
      .requiredOption('--record <name>', 'a record of the blueprint: metro, bus')
      .requiredOption('--content <hex>', 'initial record')
      .option('--atc <number>', "the card's transaction counter", '0')
      .addHelpText(
        'after',
        '\nExamples:\n  polycard keys activate --card 0123456789ABCDEF --record bus --content 0215... --as wu-fan',
      )
      .action(activate),
  );
  keys.addCommand(
    withAccess(new Command('psam'))
      .description('A management key for a PSAM, enciphered for a zone')
      .argument('<label>', 'a management key')
      .requiredOption('--zone <id>', 'an open zone')
      .addHelpText('after', '\nExamples:\n  polycard keys psam bus-management --zone shop-1a2b3c4d --as wei-dong')
      .action(psam),
  );
  keys.addCommand(
    withAccess(new Command('rotate'))
      .description('Ask for the next version of a key; others approve it')
      .argument('<label>', 'the key')
      .requiredOption('--why <text>', 'the reason')
      .option('--overlap-ends-at <time>', 'until then the old version still verifies (ISO 8601; 90 days)')
      .addHelpText(
        'after',
        "\nExamples:\n  polycard keys rotate bus-management --why 'yearly' --as zheng-yi\n  polycard keys approve ID --as wang-bo",
      )
      .action(rotate),
  );
  keys.addCommand(
    withAccess(new Command('approve'))
      .description('Approve (or refuse) what somebody else asked for; its effect is shown')
      .argument('<id>', 'number of the request')
      .option('--refuse', 'refuse it')
      .option('--why <text>', 'the reason', '')
      .addHelpText('after', '\nExamples:\n  polycard keys approve 6f1c… --as wang-bo')
      .action(approve),
  );
  keys.addCommand(
    withAccess(new Command('backend'))
      .description('Where the keys are, and what can and cannot be done there')
      .addHelpText('after', '\nExamples:\n  polycard keys backend --json')
      .action(backend),
  );
  keys.addCommand(exchangeCommand());
  keys.addCommand(dutiesCommand());
  keys.addCommand(ceremonyCommand());
  return keys;
}

export function print(options: { json?: boolean }, value: unknown, lines: readonly string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
}

async function list(options: AccessOptions): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{ backend: string; keys: KeyRow[] }>('GET', '/api/keys'),
  );
  print(options, answer, [
    answer.backend,
    ...answer.keys.map(
      ({ name, usage, algorithm, state, checkValue, owner }) =>
        `  ${name.padEnd(36)} ${usage.padEnd(24)} ${algorithm.padEnd(5)} ${state.padEnd(10)} ${checkValue.padEnd(8)} ${owner}`,
    ),
  ]);
}

async function show(name: string, options: AccessOptions): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{
      key: KeyRow;
      versions: KeyRow[];
      custodians: { id: string; may: { en: string }[] }[];
      blastRadius: { keys: number; cards: number; terminals: number; balanceFen: number };
      rotation: { words: { en: string } };
    }>('GET', `/api/keys/${encodeURIComponent(name)}`),
  );
  const { key, versions, custodians, blastRadius, rotation } = answer;
  print(options, answer, [
    `${key.name}  ${key.usage}  ${key.algorithm}  check value ${key.checkValue}  ${key.state}  owner ${key.owner}`,
    `  versions:  ${versions.map((version) => `${version.name} ${version.state}`).join(', ')}`,
    `  behind it: ${blastRadius.cards} cards, ${blastRadius.terminals} terminals, ¥${(blastRadius.balanceFen / 100).toFixed(2)}`,
    `  rotation:  ${rotation.words.en}`,
    ...custodians.map(({ id, may }) => `  ${id.padEnd(12)} ${may.map(({ en }) => en).join('; ')}`),
  ]);
}

async function disperse(name: string, options: AccessOptions & { factors: string }): Promise<void> {
  const body = { name, paths: [options.factors.toUpperCase().split(',')] };
  const answer = await atKeys(options, (session) =>
    session.json<{ checkValues: string[] }>('POST', '/api/keys/dispersions', body),
  );
  print(options, answer, [`check value ${answer.checkValues[0]}`]);
}

async function activate(
  options: AccessOptions & { card: string; record: string; content: string; atc: string },
): Promise<void> {
  const body = {
    cardToken: options.card.toUpperCase(),
    record: options.record,
    atc: Number(options.atc),
    content: options.content.toUpperCase(),
  };
  const answer = await atKeys(options, (session) =>
    session.json<{ command: string }>('POST', '/api/keys/activations', body),
  );
  print(options, answer, [answer.command]);
}

async function psam(label: string, options: AccessOptions & { zone: string }): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{ enciphered: string; checkValue: string }>('POST', '/api/keys/psam-keys', {
      label,
      zoneId: options.zone,
    }),
  );
  print(options, answer, [`enciphered ${answer.enciphered}`, `check value ${answer.checkValue}`]);
}

export interface Approval {
  readonly id: string;
  readonly state: string;
  readonly effect: { readonly en: string; readonly zh: string };
  readonly needed: number;
  readonly outcome: string;
  readonly decisions: readonly { readonly who: string; readonly verdict: string }[];
}

export const approvalLines = (approval: Approval): string[] => [
  `request ${approval.id}: ${approval.state}${approval.outcome === '' ? '' : ` (${approval.outcome})`}`,
  `  effect:    ${approval.effect.en}`,
  `             ${approval.effect.zh}`,
  `  approvals: ${approval.decisions.filter(({ verdict }) => verdict === 'approved').length} of ${approval.needed}`,
];

async function rotate(label: string, options: AccessOptions & { why: string; overlapEndsAt?: string }): Promise<void> {
  const answer = await atKeys(options, async (session) => {
    const { key } = await session.json<{ key: { tree: string } }>('GET', `/api/keys/${encodeURIComponent(label)}`);
    return session.json<Approval>('POST', '/api/approvals', {
      id: randomUUID(),
      act: `keys.${key.tree}.rotate`,
      subject: label,
      why: options.why,
      parameters: options.overlapEndsAt === undefined ? {} : { overlapEndsAt: options.overlapEndsAt },
    });
  });
  print(options, answer, approvalLines(answer));
}

async function approve(id: string, options: AccessOptions & { refuse?: boolean; why: string }): Promise<void> {
  const body = { verdict: options.refuse === true ? 'refused' : 'approved', why: options.why };
  const answer = await atKeys(options, (session) =>
    session.json<Approval>('POST', `/api/approvals/${encodeURIComponent(id)}/decisions`, body),
  );
  print(options, answer, approvalLines(answer));
}

async function backend(options: AccessOptions): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{
      backend: string;
      custody: string;
      abilities: { name: string; supported: boolean; note: string }[];
    }>('GET', '/api/keys/backend'),
  );
  print(options, answer, [
    `${answer.backend}: ${answer.custody}`,
    ...answer.abilities.map(
      ({ name, supported, note }) => `  ${supported ? 'yes' : 'NO '}  ${name.padEnd(28)} ${note}`,
    ),
  ]);
}
