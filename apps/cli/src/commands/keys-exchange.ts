/** `polycard keys exchange`: zone keys from components, keys handed over and taken in, receipts. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { Command, Option } from 'commander';
import { integerOption } from '../arguments.ts';
import { type AccessOptions, atKeys, withAccess } from '../keys-access.ts';
import { ask } from '../password.ts';
import { type Approval, approvalLines, print } from './keys.ts';

const TREES = ['activation', 'management', 'issuer'] as const;
type Tree = (typeof TREES)[number];

interface Zone {
  readonly zoneId: string;
  readonly counterpart: string;
  readonly tree: string;
  readonly algorithm: string;
  readonly state: string;
  readonly components: { readonly needed: number; readonly enteredBy: readonly string[] };
  readonly checkValue?: string;
}
interface Exchange {
  readonly id: string;
  readonly direction: 'out' | 'in';
  readonly zoneId: string;
  readonly counterpart: string;
  readonly state: string;
  readonly at: string;
  readonly digest: { readonly sm3: string };
  readonly keys: readonly {
    readonly label: string;
    readonly checkValue: string;
    readonly form: string;
    readonly accepted?: boolean;
    readonly refusal?: string;
  }[];
}

export function exchangeCommand(): Command {
  const exchange = new Command('exchange')
    .description('Keys handed over to and taken in from banks, cities, terminal makers, neighbouring provinces')
    .addHelpText(
      'after',
      `
A hand-over, step by step (each by who may, see polycard keys duties check):
  polycard keys exchange zone hunan-m --counterpart Hunan --tree management --components 3 --as zheng-yi
  polycard keys exchange component hunan-m --check-value A1B2C3 --as zheng-yi          (also wang-bo, feng-xue)
  polycard keys exchange export bus-management/5840FFFFFFFFFFFF --zone hunan-m --receiver Hunan --why 'shared lines' --as zheng-yi
  polycard keys approve ID --as wang-bo                                               (and feng-xue)
  polycard keys exchange document ID --out package.json --as zheng-yi
  polycard keys exchange receipt ID receipt.json --as zheng-yi

Exit codes: 0 done, 1 refused by name (weak, duplicate, wrong usage, wrong check value, changed), 2 the call was wrong.`,
    );
  exchange.addCommand(
    withAccess(new Command('zone'))
      .description('Open a zone whose transport key several people enter in components')
      .argument('<name>', 'its name: letters, digits, -')
      .requiredOption('--counterpart <name>', 'who has the same key on the other side')
      .addOption(new Option('--tree <tree>', 'whose keys travel under it').choices(TREES).makeOptionMandatory())
      .addOption(
        new Option('--algorithm <name>', '3DES: X9.143 B and ECB; AES: X9.143 D')
          .choices(['3DES', 'AES'])
          .default('3DES'),
      )
      .option('--components <number>', 'how many people enter one each', integerOption(2, 9), 3)
      .option('--check-value <hex>', 'of the whole key, if the other side told it')
      .action(openZone),
  );
  exchange.addCommand(
    withAccess(new Command('component'))
      .description('Enter one component of a zone key; it is asked for unseen, or read from a file')
      .argument('<zone>', 'name of the zone')
      .requiredOption('--check-value <hex>', 'of the component, as its form says')
      .option('--component-file <file>', 'hex, instead of asking')
      .action(enterComponent),
  );
  exchange.addCommand(
    withAccess(new Command('export'))
      .description('Ask to hand keys over; others approve it, then the package is there')
      .argument('<keys...>', 'NAME, or NAME/FACTOR.FACTOR for a key below it (8 bytes each, hex)')
      .option('--zone <name>', 'the zone; not with SM2')
      .addOption(
        new Option('--form <form>', 'how the keys travel')
          .choices(['X9.143-B', 'X9.143-D', 'ECB', 'SM2'])
          .default('X9.143-B'),
      )
      .requiredOption('--receiver <name>', 'who gets them')
      .option('--sm2-public-key <hex>', "with SM2: the receiver's public key, 64 bytes")
      .requiredOption('--why <text>', 'the reason')
      .action(requestExport),
  );
  exchange.addCommand(
    withAccess(new Command('import'))
      .description('Ask to take a package in; every key is judged now, and taken once others approve')
      .argument('<file>', 'the package')
      .requiredOption(
        '--order <key...>',
        'what was ordered: LABEL:USAGE:ALGORITHM (bus-management:management:3DES); other keys are refused',
      )
      .option('--zone <name>', 'the zone, if our name for it differs from the package’s')
      .requiredOption('--why <text>', 'the reason')
      .action(requestImport),
  );
  exchange.addCommand(
    withAccess(new Command('document'))
      .description('The package we hand over, or the receipt we give')
      .argument('<id>', 'number of the request')
      .option('--out <file>', 'write it here')
      .action(document),
  );
  exchange.addCommand(
    withAccess(new Command('receipt'))
      .description("Check the other side's receipt for a package")
      .argument('<id>', 'number of the request')
      .argument('<file>', 'the receipt')
      .action(receipt),
  );
  exchange.addCommand(
    withAccess(new Command('envelope-key'))
      .description('Our SM2 public key: others envelope keys for us under it')
      .action(envelopeKey),
  );
  exchange.addCommand(withAccess(new Command('list')).description('Zones and exchanges').action(list));
  return exchange;
}

async function openZone(
  zoneId: string,
  options: AccessOptions & {
    counterpart: string;
    tree: Tree;
    algorithm: string;
    components: number;
    checkValue?: string;
  },
): Promise<void> {
  const { counterpart, tree, algorithm, components, checkValue } = options;
  const zone = await atKeys(options, (session) =>
    session.json<Zone>('POST', '/api/exchanges/zones', {
      ...{ zoneId, counterpart, tree, algorithm, components },
      ...(checkValue === undefined ? {} : { checkValue: checkValue.toUpperCase() }),
    }),
  );
  print(options, zone, zoneLines(zone));
}

async function enterComponent(
  zoneId: string,
  options: AccessOptions & { checkValue: string; componentFile?: string },
): Promise<void> {
  const component = (await componentFrom(options)).replace(/\s/g, '').toUpperCase();
  const zone = await atKeys(options, (session) =>
    session.json<Zone>('POST', `/api/exchanges/zones/${encodeURIComponent(zoneId)}/components`, {
      component,
      checkValue: options.checkValue.replace(/\s/g, '').toUpperCase(),
    }),
  );
  print(options, zone, zoneLines(zone));
}

async function componentFrom({ componentFile, as }: { componentFile?: string; as: string }): Promise<string> {
  if (componentFile !== undefined) return read(componentFile, '--component-file');
  if (process.stdin.isTTY) return ask(`${as}, your component (hex)`);
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', 'the component is needed', {
    where: '--component-file',
    expected: 'a file with the component in hex, or a terminal to ask at',
  });
}

async function requestExport(
  keys: readonly string[],
  options: AccessOptions & { zone?: string; form: string; receiver: string; sm2PublicKey?: string; why: string },
): Promise<void> {
  const { zone, form, receiver, sm2PublicKey, why } = options;
  const approval = await atKeys(options, async (session) => {
    const name = keys[0]!.split('/')[0]!;
    const { key } = await session.json<{ key: { tree: string } }>('GET', `/api/keys/${encodeURIComponent(name)}`);
    return session.json<Approval>('POST', '/api/approvals', {
      ...{ id: randomUUID(), act: `keys.${key.tree}.export`, subject: keys.join(','), why },
      parameters: {
        ...{ form, receiver },
        ...(zone === undefined ? {} : { zone }),
        ...(sm2PublicKey === undefined ? {} : { sm2PublicKey: sm2PublicKey.toUpperCase() }),
      },
    });
  });
  print(options, approval, approvalLines(approval));
}

async function requestImport(
  file: string,
  options: AccessOptions & { order: readonly string[]; zone?: string; why: string },
): Promise<void> {
  const { order, zone, why } = options;
  const text = read(file, 'FILE');
  const orders = order.map((entry) => entry.split(':'));
  const tree = treeOf(orders[0]?.at(-2) ?? '');
  const approval = await atKeys(options, (session) =>
    session.json<Approval>('POST', '/api/approvals', {
      ...{ id: randomUUID(), act: `keys.${tree}.import`, why },
      // a label may hold colons itself
      subject: orders.map((parts) => [parts.slice(0, -2).join(':'), parts.at(-2), parts.at(-1)].join(' ')).join(','),
      parameters: { package: text, ...(zone === undefined ? {} : { zone }) },
    }),
  );
  print(options, approval, approvalLines(approval));
}

function treeOf(usage: string): Tree {
  if (usage === 'activation') return 'activation';
  return ['application-cryptogram', 'script-mac', 'script-encryption'].includes(usage) ? 'issuer' : 'management';
}

async function document(id: string, options: AccessOptions & { out?: string }): Promise<void> {
  const { text } = await atKeys(options, (session) =>
    session.json<{ text: string }>('GET', `/api/exchanges/${encodeURIComponent(id)}/document`),
  );
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  writeFileSync(options.out, text, { mode: 0o600 });
  print(options, { written: options.out }, [`written to ${options.out}`]);
}

async function receipt(id: string, file: string, options: AccessOptions): Promise<void> {
  const exchange = await atKeys(options, (session) =>
    session.json<Exchange>('POST', `/api/exchanges/${encodeURIComponent(id)}/receipt`, {
      receipt: read(file, 'FILE'),
    }),
  );
  print(options, exchange, exchangeLines(exchange));
  if (exchange.keys.some(({ accepted }) => accepted === false)) process.exitCode = 1;
}

async function envelopeKey(options: AccessOptions): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{ publicKey: string }>('GET', '/api/exchanges/envelope-key'),
  );
  print(options, answer, [answer.publicKey]);
}

async function list(options: AccessOptions): Promise<void> {
  const answer = await atKeys(options, (session) =>
    session.json<{ zones: Zone[]; exchanges: Exchange[] }>('GET', '/api/exchanges'),
  );
  print(options, answer, [
    ...answer.zones.flatMap(zoneLines),
    ...answer.exchanges.flatMap(exchangeLines),
    ...(answer.zones.length + answer.exchanges.length === 0 ? ['nothing was exchanged yet'] : []),
  ]);
}

const zoneLines = ({ zoneId, counterpart, tree, algorithm, state, components, checkValue }: Zone): string[] => [
  `zone ${zoneId} with ${counterpart}: ${tree} keys, ${algorithm}, ${state}${checkValue === undefined ? '' : `, check value ${checkValue}`}`,
  `  components: ${components.enteredBy.length} of ${components.needed}${components.enteredBy.length === 0 ? '' : ` (${components.enteredBy.join(', ')})`}`,
];

const exchangeLines = ({ id, direction, counterpart, zoneId, state, keys, digest }: Exchange): string[] => [
  `${direction === 'out' ? 'handed over to' : 'taken from'} ${counterpart} under ${zoneId}: ${state} (${id})`,
  ...keys.map(
    ({ label, checkValue, form, accepted, refusal }) =>
      `  ${label.padEnd(36)} ${form.padEnd(9)} ${checkValue} ${accepted === undefined ? '' : accepted ? 'accepted' : `refused: ${refusal}`}`,
  ),
  `  SM3 ${digest.sm3}`,
];

function read(path: string, where: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no file ${path}`, { where, expected: 'a file' });
}
