/** `polycard conform card`: plays a terminal against a card, ours or anybody's. */
import { resolve } from 'node:path';
import {
  BROKEN_CARDS,
  cappRecordOf,
  prepareOwnCard,
  reportOf,
  runCardCases,
  startOwnPlatform,
} from '@polycard/conformance';
import { systemRandom } from '@polycard/crypto';
import { openCard, parseReaderName } from '@polycard/readers';
import { Command } from 'commander';
import { integerOption } from '../arguments.ts';
import { readCaKeys } from '../ca-key-file.ts';
import {
  type ConformOptions,
  finish,
  listBroken,
  needed,
  progressOf,
  runOwn,
  withConformOptions,
} from '../conform-report.ts';
import { localTime } from '../local-time.ts';

interface CardOptions extends ConformOptions {
  readonly reader?: string;
  readonly capk?: string;
  readonly wait: number;
}

export function conformCardCommand(): Command {
  const command = new Command('card')
    .description('Play a terminal against a card: selection, transactions, extended files, torn taps, noise')
    .option('--reader <name>', 'pcsc:NAME (a part of it is enough) or vpcd:PORT (listens on loopback)')
    .option(
      '--capk <file>',
      'certification authority keys, JSON [{rid,index,modulus,exponent}]; without it no signature is checked',
    )
    .option('--wait <seconds>', 'how long to wait for a card', integerOption(1, 3600), 30);
  return withConformOptions(command, 'card')
    .addHelpText(
      'after',
      `
The card pays some purchases of a few yuan at most; take one whose money does not matter. PIN commands and issuer scripts are never sent.

Examples:
  polycard conform card --reader pcsc:ACR122 --capk capk.json --html report.html
  polycard conform card --reader vpcd:35963 --json
  polycard conform card --self
  polycard conform card --self --broken counter-stuck

Exit codes: 0 every case passed or does not apply, 1 a case failed, 2 the call was wrong, 3 the reader failed.`,
    )
    .action(conformCard);
}

async function conformCard(options: CardOptions): Promise<void> {
  if (options.listBroken === true) {
    listBroken(BROKEN_CARDS, options.json === true);
    return;
  }
  const run = { localTime: () => localTime(new Date()), only: options.case, cases: options.cases };
  const blueprint = resolve(options.blueprint);
  if (options.self === true) {
    const own = await startOwnPlatform(blueprint, options.seed);
    try {
      const play = await prepareOwnCard(own);
      await runOwn(options, 'card', BROKEN_CARDS, (broken, onResult) => play({ ...run, onResult }, broken));
    } finally {
      await own.close();
    }
    return;
  }
  if (options.broken !== undefined) throw needed('--self', '--broken is for our own card');
  if (options.reader === undefined) throw needed('--reader', 'pcsc:NAME or vpcd:PORT, or --self');
  const reader = parseReaderName(options.reader);
  if (reader.kind === 'virtual') throw needed('--self', '--self plays against our own card');
  const caKeys = options.capk === undefined ? new Map() : readCaKeys(resolve(options.capk));
  const card = openCard(reader, {
    waitMs: options.wait * 1000,
    onWaiting: (name) => void process.stderr.write(`Waiting for a card at ${name}.\n`),
  });
  try {
    const startedAt = new Date().toISOString();
    const context = { card, caKeys, random: systemRandom, capp: cappRecordOf(blueprint) };
    const cases = await runCardCases({ ...run, ...context, onResult: progressOf(options) });
    finish(reportOf({ kind: 'card', target: card.reader, startedAt }, cases), options);
  } finally {
    card.close();
  }
}
