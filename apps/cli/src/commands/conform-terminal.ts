/** `polycard conform terminal`: plays host and cards against a terminal, ours or a vendor's. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { PolycardError } from '@polycard/bytes';
import {
  type Asked,
  BROKEN_TERMINALS,
  identityOf,
  prepareOwnTerminal,
  reportOf,
  runVendorTerminal,
  startOwnPlatform,
} from '@polycard/conformance';
import { Command } from 'commander';
import {
  addressOf,
  type ConformOptions,
  finish,
  listBroken,
  needed,
  progressOf,
  runOwn,
  withConformOptions,
} from '../conform-report.ts';
import { PlatformSession } from '../platform-session.ts';
import { readZoneKey } from '../zone-key-file.ts';
import { enrolAt } from './terminal-enrol.ts';

interface TerminalOptions extends ConformOptions {
  readonly listen: string;
  readonly zmk?: string;
  readonly enrolment?: string;
  readonly control?: string;
  readonly vpcd?: string;
}

/** Exit code of a vendor's command for an act that its terminal does not have. */
const NO_SUCH_ACT = 4;
const INSTRUCTIONS = {
  'sign-in': 'Let the terminal sign in · 请让终端签到',
  download: 'Let the terminal download its parameters · 请让终端下载参数',
  tap: 'Hold the card to the terminal: a bus ride of 2.00 · 请刷卡（公交，2.00元）',
  purchase: 'Sell something for 3.50 and hold the card to the terminal · 请做一笔3.50元消费并刷卡',
  upload: 'Let the terminal upload what it has · 请让终端上送交易',
  settle: 'Let the terminal settle its batch · 请让终端结算',
  clock: "Set the terminal's clock ahead · 请将终端时钟调快",
  restart: 'Switch the terminal off and on · 请将终端断电重启',
} as const;

export function conformTerminalCommand(): Command {
  const command = new Command('terminal')
    .description('Play host, cards and faults against a terminal')
    .option('--listen <host:port>', 'where the bench listens as a gateway; port 0 takes a free one', '127.0.0.1:0')
    .option('--zmk <file>', "the vendor's zone key: the terminal's master key goes out under it")
    .option('--enrolment <file>', 'where what the terminal needs is written, as polycard terminal enrol prints it')
    .option('--vpcd <host:port>', "the vendor's reader (vpcd): cards are put into it, torn and forged ones too")
    .option(
      '--control <command>',
      'called with sign-in, download, tap, upload, settle or restart; without it a person is asked',
    );
  return withConformOptions(command, 'terminal')
    .addHelpText(
      'after',
      `
The bench enrols a terminal, writes the enrolment for it and waits for it to connect. --control COMMAND: exit code 0 it
worked, 1 it did not, 4 it has no such act; clock has the hours behind it; for a tap or purchase it prints accepted, refused or torn. Without --vpcd the cards are yours and the card cases
need a person; leave them out with --case.

Examples:
  polycard conform terminal --zmk zmk.hex --enrolment enrolment.json --listen 0.0.0.0:7331 --control ./pos-control.sh --vpcd 127.0.0.1:35963
  polycard conform terminal --zmk zmk.hex --enrolment enrolment.json --case terminal.sign-in --case terminal.upload
  polycard conform terminal --self --json
  polycard conform terminal --self --broken journal-lost-with-power

Exit codes: 0 every case passed or does not apply, 1 a case failed, 2 the call was wrong, 3 something failed here.`,
    )
    .action(conformTerminal);
}

async function conformTerminal(options: TerminalOptions): Promise<void> {
  if (options.listBroken === true) {
    listBroken(BROKEN_TERMINALS, options.json === true);
    return;
  }
  const run = { only: options.case, cases: options.cases };
  if (options.self !== true && options.broken !== undefined) throw needed('--self', '--broken is for our own terminal');
  if (options.self !== true && (options.zmk === undefined || options.enrolment === undefined))
    throw needed('--zmk and --enrolment', 'the zone key and where to write what the terminal needs, or --self');
  const own = await startOwnPlatform(resolve(options.blueprint), options.seed);
  try {
    if (options.self === true) {
      const play = await prepareOwnTerminal(own);
      await runOwn(options, 'terminal', BROKEN_TERMINALS, (broken, onResult) => play({ ...run, onResult }, broken));
      return;
    }
    const zoneKey = readZoneKey(options.zmk!);
    const session = await PlatformSession.open(own.platform.url, 'fleet', own.password);
    const enrolment = await enrolAt(session, zoneKey, { profile: 'bus-validator', maker: 'vendor', route: '101' });
    const startedAt = new Date().toISOString();
    const person = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const cases = await runVendorTerminal(own, {
        ...{ ...run, onResult: progressOf(options), identity: identityOf(enrolment, zoneKey.bytes) },
        listen: addressOf(options.listen, '--listen'),
        vpcd: options.vpcd === undefined ? undefined : addressOf(options.vpcd, '--vpcd'),
        ask:
          options.control === undefined
            ? byPerson((question) => person.question(question))
            : byCommand(options.control),
        onListening: async ({ host, port }) => {
          writeFileSync(resolve(options.enrolment!), `${JSON.stringify({ ...enrolment, host, port })}\n`);
          process.stderr.write(`The bench listens on ${host}:${port}; the enrolment is in ${options.enrolment}.\n`);
          if (options.control === undefined) await person.question('Load it into the terminal, then press Enter. ');
        },
      });
      finish(reportOf({ kind: 'terminal', target: `terminal ${enrolment.terminal}`, startedAt }, cases), options);
    } finally {
      person.close();
    }
  } finally {
    await own.close();
  }
}

function byPerson(question: (text: string) => Promise<string>): Asked {
  return async (act, hours) => {
    const isTap = act === 'tap' || act === 'purchase';
    const answers = isTap ? 'a accepted, r refused, t torn' : 'Enter when done, n if it does not work';
    const instruction = hours === undefined ? INSTRUCTIONS[act] : `${INSTRUCTIONS[act]}: ${hours} h`;
    const said = (await question(`${instruction}  [${answers}, x it cannot do that] `)).trim().toLowerCase();
    if (said.startsWith('x')) return { ok: false, notServed: true, said: `it has no ${act}` };
    if (!isTap) return { ok: said !== 'n', said: said === 'n' ? 'it does not work' : 'done' };
    const result = said.startsWith('t') ? 'torn' : said.startsWith('r') ? 'refused' : 'accepted';
    return { ok: result === 'accepted', result, said: result };
  };
}

function byCommand(control: string): Asked {
  return (act, hours) =>
    new Promise((done, fail) => {
      const child = spawn(`${control} ${act}${hours === undefined ? '' : ` ${hours}`}`, {
        shell: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString('utf8');
      });
      child.once('error', fail);
      child.once('close', (code) => {
        if (code === NO_SUCH_ACT) {
          done({ ok: false, notServed: true, said: `it has no ${act}` });
          return;
        }
        if (code !== 0 && code !== 1) {
          fail(
            new PolycardError('POLYCARD_CONFORM_CONTROL', `${control} ${act} ended with ${code}`, {
              where: '--control',
              expected: 'exit code 0, 1 or 4',
            }),
          );
          return;
        }
        const result = (['accepted', 'refused', 'torn'] as const).find((word) => out.includes(word));
        const said = out.trim().split('\n').at(-1) ?? '';
        done({
          ok: code === 0,
          said,
          ...((act === 'tap' || act === 'purchase') && result !== undefined ? { result } : {}),
        });
      });
    });
}
