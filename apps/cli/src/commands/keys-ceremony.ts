import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { systemRandom as randomBytes, sha256 } from '@polycard/crypto';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import {
  Ceremony,
  type CeremonyKind,
  type CeremonyRole,
  type CeremonyTree,
  printedScript,
} from '@polycard/platform/ceremonies';
import { Command, Option } from 'commander';
import { DEFAULT_BLUEPRINT } from '../paths.ts';

interface CeremonyCommandOptions {
  readonly kind: CeremonyKind;
  readonly tree: CeremonyTree;
  readonly id?: string;
  readonly script?: string;
  readonly keystore: string;
  readonly backup?: string;
  readonly transcript: string;
  readonly sharesTo?: string;
  readonly label?: string;
  readonly printScript?: boolean;
  readonly blueprint: string;
  readonly json?: boolean;
}

/** What a script file holds; whatever it leaves out is asked for. */
interface ScriptFile {
  readonly participants?: readonly { readonly who: string; readonly role: CeremonyRole }[];
  readonly answers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function ceremonyCommand(): Command {
  return new Command('ceremony')
    .description(
      'Hold a key ceremony: generate keys and shares, restore, destroy, import components; M of N, each step signed',
    )
    .addOption(
      new Option('--kind <kind>', 'what it is for')
        .choices(['generate', 'restore', 'destroy', 'components'])
        .default('generate'),
    )
    .addOption(
      new Option('--tree <tree>', 'whose keys').choices(['activation', 'management', 'issuer']).makeOptionMandatory(),
    )
    .option('--id <text>', 'number of the ceremony')
    .option(
      '--script <file>',
      'JSON: participants, and answers by person (passphrase, share, component, checkValue); the rest is asked',
    )
    .option('--keystore <file>', 'the keystore of this tree', './custody/keystore.json')
    .option('--backup <file>', 'the backup: written by generate, read by restore')
    .option('--transcript <file>', 'where the transcript is written', './custody/transcript.ndjson')
    .option('--shares-to <directory>', 'write each share into a file of its own instead of showing it to its custodian')
    .option('--label <name>', 'with components: the key')
    .option('--print-script', 'print the script for the file and end')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--json', 'print what was done as one JSON object')
    .addHelpText(
      'after',
      `
A person is asked for their passphrase when the ceremony opens (their signature is made from it), a custodian for a share
or component when it is their turn; nothing of it is kept. The administrator is asked for the keystore's passphrase.

Examples:
  polycard keys ceremony --tree activation --backup custody/backup.json
  polycard keys ceremony --tree activation --script ceremony.json --shares-to /media/shares
  polycard keys ceremony --kind restore --tree activation --backup custody/backup.json --script restore.json --json
  polycard keys ceremony --tree activation --print-script

Script: {"participants":[{"who":"he-min","role":"administrator"},{"who":"zhao-lei","role":"custodian"}, …],
  "answers":{"he-min":{"passphrase":"…","keystorePassphrase":"…"},"zhao-lei":{"passphrase":"…","share":"…"}}}

Exit codes: 0 done, 1 refused (too few shares, a wrong one is named, one person twice), 2 the call was wrong.`,
    )
    .action(run);
}

async function run(options: CeremonyCommandOptions): Promise<void> {
  const script = readScript(options.script);
  const blueprint = readBlueprint(resolve(options.blueprint));
  const participants = script.participants ?? everybody(blueprint.duties, options.tree);
  const id =
    options.id ??
    `${options.kind}-${options.tree}-${new Date().toISOString().slice(0, 10)}-${toHex(randomBytes(2)).toLowerCase()}`;
  if (options.printScript === true) {
    process.stdout.write(printedScript(options.kind, options.tree, id, participants));
    return;
  }
  const answers = new Answers(script);
  const present = [];
  for (const { who, role } of participants)
    present.push({ who, role, passphrase: await answers.of(who, 'passphrase', 'your passphrase for signing') });
  const ceremony = new Ceremony({
    id,
    tree: options.tree,
    blueprint,
    participants: present,
    random: randomBytes,
    now: () => new Date(),
  });
  try {
    const outcome = await hold(ceremony, options, answers, present.find(({ role }) => role === 'administrator')!.who);
    save(options.transcript, ceremony.close());
    const summary = {
      id,
      kind: options.kind,
      tree: options.tree,
      steps: ceremony.trail.head.sequence,
      transcript: options.transcript,
      ...outcome,
    };
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(summary)}\n`
        : `ceremony ${id} is closed: ${summary.steps} signed steps\n  transcript ${options.transcript} (polycard audit verify)\n${Object.entries(
            outcome,
          )
            .map(
              ([name, value]) => `  ${name.padEnd(10)} ${typeof value === 'string' ? value : JSON.stringify(value)}\n`,
            )
            .join('')}`,
    );
  } catch (error) {
    // what was refused is in the transcript as well
    save(options.transcript, ceremony.transcript());
    throw error;
  } finally {
    answers.close();
  }
}

async function hold(
  ceremony: Ceremony,
  options: CeremonyCommandOptions,
  answers: Answers,
  administrator: string,
): Promise<Record<string, unknown>> {
  const keystore = keystoreFile(options.keystore);
  const passphrase = (): Promise<string> =>
    answers.of(administrator, 'keystorePassphrase', 'passphrase of the keystore');
  switch (options.kind) {
    case 'generate': {
      const secret = await passphrase();
      const shares = await ceremony.generate(keystore, secret);
      for (const [who, share] of shares) {
        if (options.sharesTo === undefined) await answers.show(who, share);
        else save(join(options.sharesTo, `${who}.share`), `${share}\n`);
      }
      if (options.backup !== undefined) save(options.backup, ceremony.backup(keystore, secret));
      return { keystore: options.keystore, ...(options.backup === undefined ? {} : { backup: options.backup }) };
    }
    case 'restore': {
      if (options.backup === undefined || !existsSync(options.backup))
        throw needed('--backup', 'the backup to restore');
      for (const who of ceremony.custodians) ceremony.enterShare(who, await answers.of(who, 'share', 'your share'));
      const keys = await ceremony.restore(readFileSync(options.backup, 'utf8'), keystore, await passphrase());
      return {
        keystore: options.keystore,
        keys: keys.map(({ label, version, checkValue }) => ({ label, version, checkValue })),
      };
    }
    case 'components': {
      if (options.label === undefined) throw needed('--label', 'the key');
      const components = new Map<string, { bytes: Uint8Array; checkValue: string }>();
      for (const who of ceremony.custodians) {
        const bytes = fromHex(
          (await answers.of(who, 'component', 'your component, hex')).replace(/\s/g, '').toUpperCase(),
        );
        components.set(who, { bytes, checkValue: await answers.of(who, 'checkValue', 'its check value', true) });
      }
      const key = await ceremony.importComponents(keystore, await passphrase(), options.label, components);
      return { label: key.label, version: key.version, checkValue: key.checkValue };
    }
    case 'destroy': {
      if (!existsSync(options.keystore)) throw needed('--keystore', 'the keystore to destroy');
      const digest = toHex(sha256(readFileSync(options.keystore)));
      writeFileSync(options.keystore, new Uint8Array(statSync(options.keystore).size));
      rmSync(options.keystore);
      ceremony.destroyed(digest);
      return { destroyed: digest };
    }
  }
}

/** Answers from the script, else from the terminal (unseen) or from the lines of standard input, in order. */
class Answers {
  readonly #script: ScriptFile;
  #lines: AsyncIterator<string> | undefined;
  #reader: ReturnType<typeof createInterface> | undefined;

  constructor(script: ScriptFile) {
    this.#script = script;
  }

  async of(who: string, name: string, words: string, isOpen = false): Promise<string> {
    const given = this.#script.answers?.[who]?.[name];
    if (given !== undefined) return given;
    process.stderr.write(`${who}, ${words}: `);
    const line = await this.#line(isOpen);
    if (line === undefined) throw needed(`answers/${who}/${name}`, words);
    return line.trim();
  }

  async show(who: string, share: string): Promise<void> {
    process.stderr.write(`${who} alone at the screen? Press Enter. `);
    await this.#line(true);
    process.stdout.write(`${who}: ${share}\n`);
    if (!process.stdout.isTTY) return;
    process.stderr.write('Written down? Press Enter; the screen is cleared. ');
    await this.#line(true);
    process.stdout.write('\x1b[2J\x1b[3J\x1b[H');
  }

  close(): void {
    this.#reader?.close();
  }

  async #line(isOpen: boolean): Promise<string | undefined> {
    if (this.#reader === undefined) {
      this.#reader = createInterface({ input: process.stdin, terminal: false });
      this.#lines = this.#reader[Symbol.asyncIterator]();
    }
    const hidden = process.stdin.isTTY && !isOpen;
    if (hidden) spawnStty('-echo');
    try {
      const { value, done } = await this.#lines!.next();
      return done === true ? undefined : value;
    } finally {
      if (hidden) {
        spawnStty('echo');
        process.stderr.write('\n');
      }
    }
  }
}

function spawnStty(mode: 'echo' | '-echo'): void {
  spawnSync('stty', [mode], { stdio: ['inherit', 'ignore', 'ignore'] });
}

function everybody(
  duties: ReturnType<typeof readBlueprint>['duties'],
  tree: CeremonyTree,
): { who: string; role: CeremonyRole }[] {
  const roles: Readonly<Record<string, CeremonyRole>> = {
    ...{ administrator: 'administrator', witness: 'witness', auditor: 'auditor' },
    [`${tree}-custodian`]: 'custodian',
  };
  return (duties?.people ?? []).flatMap(({ id, roles: held }) => {
    const role = held.map((name) => roles[name]).find((name) => name !== undefined);
    return role === undefined ? [] : [{ who: id, role }];
  });
}

function readScript(path: string | undefined): ScriptFile {
  if (path === undefined) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ScriptFile;
  } catch (cause) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} is no ceremony script`, {
      where: '--script',
      expected: 'a JSON file with participants and answers (see --help)',
      cause,
    });
  }
}

function save(path: string, text: string): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

const keystoreFile = (path: string) => ({
  load: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  save: (document: string) => save(path, document),
});

const needed = (where: string, words: string): PolycardError =>
  new PolycardError('POLYCARD_CLI_ARGUMENT', `${words} is needed`, { where, expected: words });
