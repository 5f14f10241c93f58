/** The card a command works on: in a PC/SC reader, dialled in over vpcd, or a virtual one of our own. */
import { resolve } from 'node:path';
import { type ConnectedCard, connectInProcess, openCard, parseReaderName } from '@polycard/readers';
import { type Command, Option } from 'commander';
import { integerOption } from './arguments.ts';
import { issueDemoCard } from './demo-card.ts';
import { DEFAULT_BLUEPRINT } from './paths.ts';
import { servedCard } from './served-card.ts';

export interface ReaderOptions {
  readonly reader: string;
  /** Seconds. */
  readonly wait: number;
  readonly contact?: boolean;
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
    .option('--blueprint <directory>', 'the region of the virtual card', DEFAULT_BLUEPRINT)
    .option('--product <id>', 'of the virtual card; default the first of the blueprint')
    .option('--seed <text>', 'of the virtual card', '1');
}

/** Opens the card, lets `use` work on it and closes it whatever happens. */
export async function withCard<T>(options: ReaderOptions, use: (card: ConnectedCard) => T | Promise<T>): Promise<T> {
  const reader = parseReaderName(options.reader);
  const card =
    reader.kind === 'virtual'
      ? connectInProcess(await virtualCard(options))
      : openCard(reader, {
          waitMs: options.wait * 1000,
          onWaiting: (name) => void process.stderr.write(`Waiting for a card at ${name}.\n`),
        });
  try {
    return await use(card);
  } finally {
    card.close();
  }
}

async function virtualCard(options: ReaderOptions) {
  const { card } = await issueDemoCard({
    ...{ blueprint: resolve(options.blueprint), seed: options.seed },
    ...(options.product === undefined ? {} : { product: options.product }),
  });
  return servedCard(card, options.contact === true ? 'contact' : 'contactless', 't1');
}
