/** The card a command works on: in a PC/SC reader, dialled in over vpcd, or a virtual one of our own. */
import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import type { VirtualCard } from '@polycard/card';
import { systemRandom } from '@polycard/crypto';
import { type ConnectedCard, connectInProcess, openCard, parseReaderName } from '@polycard/readers';
import { type Command, Option } from 'commander';
import { integerOption } from './arguments.ts';
import { readCardSnapshot, writeCardSnapshot } from './card-snapshot-file.ts';
import { issueDemoCard } from './demo-card.ts';
import { DEFAULT_BLUEPRINT } from './paths.ts';
import { servedCard } from './served-card.ts';

export interface ReaderOptions {
  readonly reader: string;
  /** Seconds. */
  readonly wait: number;
  readonly contact?: boolean;
  /** File that keeps the virtual card. */
  readonly snapshot?: string;
  readonly blueprint: string;
  readonly product?: string;
  readonly seed: string;
}

const WAIT_SECONDS = 30;

/** Options every command has that works on a card in a reader. */
export function withReaderOptions(command: Command, isRequired = true): Command {
  return command
    .addOption(
      new Option(
        '--reader <name>',
        'pcsc:NAME (a part of it is enough), vpcd:PORT (listens on loopback), or virtual',
      ).makeOptionMandatory(isRequired),
    )
    .option('--wait <seconds>', 'how long to wait for a card', integerOption(1, 3600), WAIT_SECONDS)
    .addOption(new Option('--contact', 'the virtual card on its contact interface'))
    .option('--snapshot <file>', 'the virtual card of this file (polycard card issue), saved back')
    .option('--blueprint <directory>', 'the region of the virtual card', DEFAULT_BLUEPRINT)
    .option('--product <id>', 'of the virtual card; default the first of the blueprint')
    .option('--seed <text>', 'of the virtual card', '1');
}

/** Opens the card, lets `use` work on it and closes it whatever happens. */
export async function withCard<T>(options: ReaderOptions, use: (card: ConnectedCard) => T | Promise<T>): Promise<T> {
  const reader = parseReaderName(options.reader);
  if (reader.kind === 'virtual') return withVirtualCard(options, use);
  requireVirtual(options.snapshot);
  const card = openCard(reader, {
    waitMs: options.wait * 1000,
    onWaiting: (name) => void process.stderr.write(`Waiting for a card at ${name}.\n`),
  });
  try {
    return await use(card);
  } finally {
    card.close();
  }
}

/** A card of a file is saved whatever happened to it: what it wrote stays written. */
async function withVirtualCard<T>(options: ReaderOptions, use: (card: ConnectedCard) => T | Promise<T>): Promise<T> {
  const path = options.snapshot === undefined ? undefined : resolve(options.snapshot);
  const card = path === undefined ? await demoCard(options) : keptCard(path);
  const connected = connectInProcess(servedCard(card, options.contact === true ? 'contact' : 'contactless', 't1'));
  try {
    return await use(connected);
  } finally {
    connected.close();
    if (path !== undefined) writeCardSnapshot(path, card);
  }
}

function requireVirtual(snapshot: string | undefined): void {
  if (snapshot === undefined) return;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'only a virtual card comes from a file', {
    where: '--snapshot',
    expected: '--reader virtual',
  });
}

function keptCard(path: string): VirtualCard {
  const card = readCardSnapshot(path, systemRandom);
  if (card !== undefined) return card;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no file ${path}`, {
    where: '--snapshot',
    expected: 'a file written by card issue, card personalise or card serve',
  });
}

async function demoCard(options: ReaderOptions): Promise<VirtualCard> {
  const { card } = await issueDemoCard({
    ...{ blueprint: resolve(options.blueprint), seed: options.seed },
    ...(options.product === undefined ? {} : { product: options.product }),
  });
  return card;
}
