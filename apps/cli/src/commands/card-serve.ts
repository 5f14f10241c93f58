import { resolve } from 'node:path';
import { PolycardError, toHex } from '@polycard/bytes';
import { type CardInterface, testIssuerKeys, VirtualCard } from '@polycard/card';
import { systemRandom } from '@polycard/crypto';
import { describeCommand, maskedResponseHex } from '@polycard/emv';
import { DEFAULT_PROTOCOL, DIVERSIFICATION_DATA_BYTES } from '@polycard/globalplatform';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { type CardEndEvent, type ReaderAddress, serveOverVpcd } from '@polycard/readers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { readCardSnapshot, writeCardSnapshot } from '../card-snapshot-file.ts';
import { issueDemoCard } from '../demo-card.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';
import { type ContactProtocol, servedCard } from '../served-card.ts';

interface ServeOptions {
  readonly profile?: string;
  readonly vpcd: ReaderAddress;
  readonly contact?: boolean;
  readonly contactless?: boolean;
  readonly protocol: ContactProtocol;
  readonly blank?: boolean;
  readonly scp: '02' | '03';
  readonly snapshot?: string;
  readonly blueprint: string;
  readonly seed: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

const DEFAULT_CLASS = 'ordinary';

export function cardServeCommand(): Command {
  return new Command('serve')
    .description('Put a card into a PC/SC reader through vpcd: any PC/SC program can use it')
    .requiredOption('--vpcd <host:port>', 'address of the virtual reader, e.g. 127.0.0.1:35963', readerAddress)
    .option('--profile <name>', 'card product of the blueprint, or a card class (default: an ordinary card)')
    .addOption(new Option('--contact', 'on the contact interface').conflicts('contactless'))
    .addOption(new Option('--contactless', 'on the contactless interface (default)').conflicts('contact'))
    .addOption(new Option('--protocol <name>', 'of the contact interface').choices(['t0', 't1']).default('t1'))
    .addOption(new Option('--blank', 'a card nobody personalised yet; its keys are 40..4F').conflicts('profile'))
    .addOption(
      new Option('--scp <number>', 'secure channel protocol of a blank card').choices(['02', '03']).default('02'),
    )
    .option('--snapshot <file>', 'serve the card of this file and save it back; made at the first use')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--seed <text>', 'the same seed makes the same keys', '1')
    .option('--trace', 'print every command and answer in words')
    .option('--json', 'print what happens as JSON, an object a line')
    .addHelpText(
      'after',
      `
Examples:
  polycard card serve --vpcd 127.0.0.1:35963                     an ordinary card, contactless
  polycard card serve --profile senior-lingnan --vpcd 127.0.0.1:35963 --contact
  polycard card serve --blank --scp 03 --vpcd 127.0.0.1:35963    to be personalised by GlobalPlatform tools
  polycard card serve --snapshot card.json --vpcd 127.0.0.1:35963  the same card again tomorrow

Debian: apt-get install pcscd vsmartcard-vpcd. vpcd listens on all addresses of this machine; let a firewall or a
network namespace keep it to loopback. The card waits while the reader is away; Ctrl-C takes it out.`,
    )
    .action(serve);
}

function readerAddress(text: string): ReaderAddress {
  const parts = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('expected HOST:PORT, e.g. 127.0.0.1:35963');
  }
  return { host: (parts[1] ?? parts[2])!, port };
}

async function serve(options: ServeOptions): Promise<void> {
  const cardInterface: CardInterface = options.contact === true ? 'contact' : 'contactless';
  const { card, name } = await cardToServe(options);
  const save = (): void => {
    if (options.snapshot !== undefined) writeCardSnapshot(resolve(options.snapshot), card);
  };
  save();
  const served = servedCard(card, cardInterface, options.protocol);
  const address = `${options.vpcd.host}:${options.vpcd.port}`;
  const say: Say = (facts, text) =>
    void process.stdout.write(options.json === true ? `${JSON.stringify(facts)}\n` : `${text}\n`);
  say(
    { event: 'card', card: name, interface: cardInterface, atr: toHex(served.atr), reader: address },
    `${name}, ${cardInterface}, ATR ${toHex(served.atr)}\nDialling the reader at ${address}; Ctrl-C takes the card out.`,
  );
  const end = serveOverVpcd(served, options.vpcd, (event) => {
    report(event, say, options.trace === true);
    if (event.event === 'reset' || event.event === 'waiting') save();
  });
  const stop = (): void => end.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await end.stopped;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    save();
  }
  say({ event: 'stopped' }, 'The card was taken out.');
}

type Say = (facts: Record<string, unknown>, text: string) => void;

function report(event: CardEndEvent, say: Say, isTraced: boolean): void {
  if (event.event === 'connected') say(event, 'The card is in the reader.');
  else if (event.event === 'waiting') say(event, `Waiting for the reader (${event.reason}).`);
  else if (isTraced) reportExchange(event, say);
}

function reportExchange(event: Extract<CardEndEvent, { event: 'reset' | 'exchange' }>, say: Say): void {
  if (event.event === 'reset') {
    say(event, '-- reset');
    return;
  }
  const { en, status } = describeCommand(event.command, event.response);
  const [command, response] = [toHex(event.command), maskedResponseHex(event.response)];
  const words = status === undefined ? en : `${en}: ${status.en}`;
  say({ event: 'exchange', command, response, words }, `> ${command}\n< ${response}  ${words}`);
}

async function cardToServe(options: ServeOptions): Promise<{ card: VirtualCard; name: string }> {
  const kept = options.snapshot === undefined ? undefined : readCardSnapshot(resolve(options.snapshot), systemRandom);
  if (kept !== undefined) return { card: kept, name: `card of ${options.snapshot}` };
  if (options.blank === true) {
    return { card: blankCard(options.scp), name: `blank card with SCP${options.scp}` };
  }
  const blueprint = resolve(options.blueprint);
  const product = productNamed(blueprint, options.profile);
  const { card, facts } = await issueDemoCard({ blueprint, product, seed: options.seed });
  return { card, name: `${facts.productName.en} · ${facts.productName.zh} ${facts.panMasked}` };
}

/** Nobody's yet: its issuer domain takes the keys 40..4F, and the applications wait to be installed. */
function blankCard(scp: '02' | '03'): VirtualCard {
  const number = scp === '02' ? 2 : 3;
  return new VirtualCard({
    ...{ random: systemRandom, blank: true, protocol: DEFAULT_PROTOCOL[number], issuerKeys: testIssuerKeys(number) },
    chipId: systemRandom(DIVERSIFICATION_DATA_BYTES),
  });
}

/** A product by its id, or the first one of a card class. */
function productNamed(directory: string, wanted = DEFAULT_CLASS): string {
  const { products } = readBlueprint(directory).cards;
  const found = products.find(({ id }) => id === wanted) ?? products.find(({ cardClass }) => cardClass === wanted);
  if (found !== undefined) return found.id;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `the blueprint has no card product or class ${wanted}`, {
    where: '--profile',
    expected: products.map(({ id }) => id).join(', '),
  });
}
