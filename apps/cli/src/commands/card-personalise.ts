import { resolve } from 'node:path';
import { type AsyncCardChannel, fromHex, PolycardError, parseResponse, swHex, toHex } from '@polycard/bytes';
import { AID_PBOC_DEBIT, testIssuerKeys, VirtualCard } from '@polycard/card';
import { systemRandom } from '@polycard/crypto';
import { activationCommands, applicationsOf } from '@polycard/fleet';
import {
  type ApplicationPersonalisation,
  DEFAULT_PROTOCOL,
  DIVERSIFICATION_DATA_BYTES,
  DIVERSIFICATIONS,
  type Diversification,
  diversifyKeys,
  encodeSelect,
  type PersonalisationReport,
  personaliseCard,
  type ScpNumber,
  type StaticKeys,
  secureCard,
  sendPlainExpectingSuccess,
} from '@polycard/globalplatform';
import { openCard, parseReaderName } from '@polycard/readers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { integerOption } from '../arguments.ts';
import { writeCardSnapshot } from '../card-snapshot-file.ts';
import { withPreparedDemoCard } from '../demo-card.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';
import { readPersonalisationFile } from '../personalisation-file.ts';

interface PersonaliseOptions {
  readonly reader: string;
  readonly wait: number;
  readonly scp?: '02' | '03';
  readonly keys: StaticKeys;
  readonly keyVersion: number;
  readonly diversify: Diversification;
  readonly level?: number;
  readonly through: 'application' | 'domain';
  readonly secure?: boolean;
  readonly product?: string;
  readonly blueprint: string;
  readonly seed: string;
  readonly data?: string;
  readonly variant?: string;
  readonly save?: string;
  readonly json?: boolean;
}

const WAIT_SECONDS = 30;
const KEY_DIGITS: readonly number[] = [32, 48, 64];

export function cardPersonaliseCommand(): Command {
  return new Command('personalise')
    .description('Install and personalise applications through GlobalPlatform, on a virtual card or one in a reader')
    .option('--reader <name>', 'pcsc:NAME, vpcd:PORT (listens on loopback) or virtual', 'virtual')
    .option('--wait <seconds>', 'how long to wait for a card', integerOption(1, 3600), WAIT_SECONDS)
    .addOption(
      new Option(
        '--scp <number>',
        'secure channel protocol (default: what the card speaks; 03 for a virtual card)',
      ).choices(['02', '03']),
    )
    .addOption(
      new Option('--keys <hex>', 'key of the security domain, or ENC,MAC,DEK')
        .argParser(staticKeys)
        .default(testIssuerKeys(3).keys, 'the test key 40..4F'),
    )
    .option('--key-version <number>', "version of the keys; 0 is the card's default set", integerOption(0, 255), 0)
    .addOption(
      new Option('--diversify <method>', "how the card's keys come from --keys")
        .choices([...DIVERSIFICATIONS])
        .default('none'),
    )
    .option('--level <hex>', 'security level, e.g. 01, 03, 13, 33 (default: the highest usual one)', securityLevel)
    .addOption(
      new Option('--through <what>', "the application's own secure channel, or INSTALL [for personalization]")
        .choices(['application', 'domain'])
        .default('application'),
    )
    .option('--secure', 'then make the card INITIALIZED and SECURED')
    .option('--product <id>', 'card product; default the first of the blueprint')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--seed <text>', 'the same seed makes the same keys', '1')
    .option('--data <file>', 'data groupings from this JSON file instead of the blueprint')
    .option('--variant <name>', 'variant of the data groupings in --data')
    .option('--save <file>', 'save the virtual card, for card serve --snapshot')
    .option('--json', 'print it as one JSON object')
    .addHelpText(
      'after',
      `
The file of --data: {"applications": [{"aid": "A000000333010101", "loadFile": "A0000003330101", "module": "...",
"dgis": [{"dgi": "0101", "data": "70..."}]}]}; loadFile and module may be left out. Groupings are in clear; secret ones
(8000, 8010, 8020, 8201 to 8205) are enciphered for the card. The shape {ppse, pse, application, variants} is read too.

Examples:
  polycard card personalise --product ordinary-lingnan --save card.json
  polycard card personalise --scp 02 --data groupings.json --json
  polycard card personalise --reader pcsc:ACS --keys 404142434445464748494A4B4C4D4E4F
  polycard card personalise --reader vpcd:35963 --scp 03 --through domain`,
    )
    .action(personalise);
}

function staticKeys(text: string): StaticKeys {
  const parts = text.split(',').map((part) => part.trim());
  const isKey = (part: string): boolean => /^[0-9a-fA-F]+$/.test(part) && KEY_DIGITS.includes(part.length);
  if (!(parts.length === 1 || parts.length === 3) || !parts.every(isKey)) {
    // the text itself may be a key: it is not repeated
    throw new InvalidArgumentError('expected one key of 16, 24 or 32 bytes in hexadecimal, or three: ENC,MAC,DEK');
  }
  const [enc, mac = enc, dek = enc] = parts.map(fromHex);
  return { enc: enc!, mac: mac!, dek: dek! };
}

function securityLevel(text: string): number {
  if (!/^[0-3][013]$/.test(text)) throw new InvalidArgumentError('expected 00, 01, 03, 11, 13 or 33');
  return Number.parseInt(text, 16);
}

interface OpenedCard {
  readonly channel: AsyncCardChannel;
  readonly virtual: VirtualCard | undefined;
  close(): void;
}

function open(options: PersonaliseOptions): OpenedCard {
  const reader = parseReaderName(options.reader);
  if (reader.kind !== 'virtual') {
    if (options.save !== undefined) {
      throw new PolycardError('POLYCARD_CLI_DATA_FILE', 'only a virtual card can be saved', {
        where: '--save',
        expected: '--reader virtual',
      });
    }
    const card = openCard(reader, {
      waitMs: options.wait * 1000,
      onWaiting: (name) => void process.stderr.write(`Waiting for a card at ${name}.\n`),
    });
    return { channel: card, virtual: undefined, close: () => card.close() };
  }
  const scp: ScpNumber = options.scp === '02' ? 2 : 3;
  const chipId = systemRandom(DIVERSIFICATION_DATA_BYTES);
  const version = options.keyVersion === 0 ? testIssuerKeys(scp).version : options.keyVersion;
  const virtual = new VirtualCard({
    ...{ random: systemRandom, blank: true, protocol: DEFAULT_PROTOCOL[scp], chipId },
    issuerKeys: { version, keys: diversifyKeys(options.diversify, options.keys, chipId) },
  });
  return { channel: virtual, virtual, close: () => undefined };
}

interface Prepared {
  readonly applications: readonly ApplicationPersonalisation[];
  /** APPEND RECORD commands that open the industry records afterwards. */
  readonly activations: readonly Uint8Array[];
  /** Brings the keys of industry applications. */
  readonly open: (channel: AsyncCardChannel) => Promise<void>;
  readonly facts: { readonly product?: string; readonly panMasked?: string };
}

/** From the file given, or from a platform that lives while the card is written. */
async function withPrepared(options: PersonaliseOptions, use: (prepared: Prepared) => Promise<void>): Promise<void> {
  if (options.data !== undefined) {
    const applications = readPersonalisationFile(resolve(options.data), options.variant);
    return use({ applications, activations: [], open: () => Promise.resolve(), facts: {} });
  }
  const demo = {
    ...{ blueprint: resolve(options.blueprint), seed: options.seed },
    ...(options.product === undefined ? {} : { product: options.product }),
  };
  return withPreparedDemoCard(demo, ({ card, zoneKey, open: openApplications }) =>
    use({
      applications: applicationsOf(card, zoneKey),
      activations: activationCommands(card),
      open: openApplications,
      facts: { product: card.product, panMasked: card.panMasked },
    }),
  );
}

async function activate(channel: AsyncCardChannel, commands: readonly Uint8Array[]): Promise<void> {
  if (commands.length === 0) return;
  await sendPlainExpectingSuccess(channel, encodeSelect(AID_PBOC_DEBIT));
  for (const [index, command] of commands.entries()) {
    const { sw } = parseResponse(await channel.transmit(command));
    if (sw === 0x9000) continue;
    throw new PolycardError('POLYCARD_GP_CARD_ANSWER', `the card answered ${swHex(sw)} to APPEND RECORD ${index}`, {
      where: `APPEND RECORD ${index}`,
      expected: '9000',
    });
  }
}

async function personalise(options: PersonaliseOptions): Promise<void> {
  await withPrepared(options, (prepared) => writeCard(options, prepared));
}

async function writeCard(options: PersonaliseOptions, prepared: Prepared): Promise<void> {
  const opened = open(options);
  try {
    let exchanges = 0;
    const channel: AsyncCardChannel = {
      transmit: (command) => {
        exchanges++;
        return opened.channel.transmit(command);
      },
    };
    const host = {
      ...{ random: systemRandom, keyVersion: options.keyVersion, through: options.through },
      keys: ({ diversificationData }: { diversificationData: Uint8Array }) =>
        diversifyKeys(options.diversify, options.keys, diversificationData),
      ...(options.level === undefined ? {} : { level: options.level }),
      ...(options.scp === undefined ? {} : { scp: options.scp === '02' ? (2 as const) : (3 as const) }),
    };
    const report = await personaliseCard(channel, prepared.applications, host);
    await activate(channel, prepared.activations);
    await prepared.open(channel);
    if (options.secure === true) await secureCard(channel, host);
    if (options.save !== undefined && opened.virtual !== undefined) {
      opened.virtual.reset();
      writeCardSnapshot(resolve(options.save), opened.virtual);
    }
    print(options, report, { ...prepared.facts, activations: prepared.activations.length, exchanges });
  } finally {
    opened.close();
  }
}

function print(
  options: PersonaliseOptions,
  report: PersonalisationReport,
  facts: Prepared['facts'] & { readonly activations: number; readonly exchanges: number },
): void {
  const { applications, scp, keyVersion, securityLevel: level } = report;
  if (options.json === true) {
    const saved = options.save === undefined ? {} : { saved: resolve(options.save) };
    const key = toHex(Uint8Array.of(keyVersion));
    const result = {
      reader: options.reader,
      ...facts,
      scp,
      keyVersion: key,
      securityLevel: level,
      applications,
      ...saved,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (facts.product !== undefined) say(`${facts.product} ${facts.panMasked}`);
  say(`SCP${scp}, key version ${toHex(Uint8Array.of(keyVersion))}, security level ${level}`);
  for (const { aid, installedFrom, groupings, commands } of applications) {
    const installed = installedFrom === undefined ? 'was there' : `installed from ${installedFrom}`;
    say(`  ${aid}  ${installed}; ${groupings} data groupings in ${commands} commands`);
  }
  if (facts.activations > 0) say(`  ${facts.activations} industry records opened`);
  say(`${facts.exchanges} exchanges`);
  if (options.save !== undefined) say(`saved in ${options.save}`);
}
