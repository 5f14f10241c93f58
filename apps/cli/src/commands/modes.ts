import { PolycardError } from '@polycard/bytes';
import { Command } from 'commander';
import { type AccessOptions, atPlatform, withAccess } from '../keys-access.ts';

interface OrderOptions extends AccessOptions {
  readonly station: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly why: string;
  readonly id?: string;
}

interface Order {
  readonly id: string;
  readonly place: string;
  readonly placeName: { readonly en: string };
  readonly modes: readonly string[];
  readonly state: string;
  readonly from: string;
  readonly to?: string;
  readonly reason: string;
  readonly orderedBy: string;
  readonly held: { readonly terminals: number; readonly of: number };
}

interface Detail {
  readonly order: Order;
  readonly headline: { readonly en: string };
  readonly terminals: readonly { readonly terminalNo: string; readonly isHeld: boolean; readonly askedAt?: string }[];
  readonly network: { readonly terminals: number; readonly of: number };
  readonly follows: {
    readonly taps: number;
    readonly freeExits: number;
    readonly waivedFen: number;
    readonly graceUntil?: string;
  };
}

const TIME = 'local time of the region: 2018-09-01T08:00, seconds if you like';

export function modesCommand(): Command {
  const modes = new Command('modes');
  modes.addCommand(
    withAccess(new Command('order'))
      .description('Order operating modes for stations; terminals have them with their next contact')
      .argument('<mode...>', 'train-failure, order-waived, time-waived, date-waived, fare-waived, emergency, closed')
      .requiredOption('--station <code...>', 'code of four digits; one order for each')
      .option('--from <time>', `${TIME}; now unless given`)
      .option('--until <time>', 'the same; until somebody ends it unless given')
      .requiredOption('--why <text>', 'the reason, for the audit trail')
      .option('--id <key>', 'sent twice under one key it is ordered once')
      .addHelpText(
        'after',
        `
Examples:
  polycard modes order emergency --station 0115 --why 'smoke in the hall'
  polycard modes order time-waived date-waived --station 0101 0115 --until 2018-09-01T23:00 --why 'delays' --json

Exit codes: 0 ordered, 1 refused (no such station, modes that cannot stand together, no permission).`,
      )
      .action(order),
  );
  modes.addCommand(
    withAccess(new Command('list'))
      .description('Orders, the newest first: where, which modes, who has them')
      .option('--in-force', 'only those in force now')
      .addHelpText('after', '\nExamples:\n  polycard modes list --in-force\n  polycard modes list --json')
      .action(list),
  );
  modes.addCommand(
    withAccess(new Command('show'))
      .description('One order: which terminals have it, what follows from it')
      .argument('<id>', 'as `polycard modes list` shows it')
      .addHelpText('after', '\nExamples:\n  polycard modes show M0123456789AB')
      .action(show),
  );
  modes.addCommand(
    withAccess(new Command('end'))
      .description('End an order')
      .argument('<id>', 'as `polycard modes list` shows it')
      .option('--at <time>', `${TIME}; now unless given`)
      .addHelpText(
        'after',
        `
Examples:
  polycard modes end M0123456789AB
  polycard modes end M0123456789AB --at 2018-09-01T23:00 --json

Exit codes: 0 ended, 1 it had ended before, or there is no such order.`,
      )
      .action(end),
  );
  return modes;
}

async function order(modes: string[], options: OrderOptions): Promise<void> {
  const { station, from, until, why, id } = options;
  const answer = await atPlatform(options, (session) =>
    session.json<{ ids: string[] }>('POST', '/api/mode-orders', {
      ...{ places: station, modes, reason: why },
      ...(id === undefined ? {} : { id }),
      ...(from === undefined ? {} : { from: localTime(from, '--from') }),
      ...(until === undefined ? {} : { to: localTime(until, '--until') }),
    }),
  );
  print(
    options,
    answer,
    answer.ids.map((ordered, index) => `${ordered}: ${modes.join(', ')} for station ${station[index]}`),
  );
}

async function list(options: AccessOptions & { readonly inForce?: boolean }): Promise<void> {
  const all = await atPlatform(options, (session) => session.json<Order[]>('GET', '/api/mode-orders'));
  const orders = options.inForce === true ? all.filter(({ state }) => state === 'in-force') : all;
  print(options, orders, orders.length === 0 ? ['no orders'] : orders.map(lineOf));
}

async function show(id: string, options: AccessOptions): Promise<void> {
  const detail = await atPlatform(options, (session) =>
    session.json<Detail>('GET', `/api/mode-orders/${encodeURIComponent(id)}`),
  );
  const { taps, freeExits, waivedFen, graceUntil } = detail.follows;
  print(options, detail, [
    detail.headline.en,
    lineOf(detail.order),
    ...detail.terminals.map(
      ({ terminalNo, isHeld, askedAt }) =>
        `  ${terminalNo} ${isHeld ? 'has it' : 'has it not'}, last asked ${askedAt ?? 'never'}`,
    ),
    `  ${detail.network.terminals} of ${detail.network.of} terminals of the network have it`,
    `  ${taps} taps under it, ${freeExits} exits without a fare, ${(waivedFen / 100).toFixed(2)} waived`,
    ...(graceUntil === undefined ? [] : [`  cards caught inside are let in anywhere until ${graceUntil}`]),
  ]);
}

async function end(id: string, options: AccessOptions & { readonly at?: string }): Promise<void> {
  const { at } = options;
  const answer = await atPlatform(options, (session) =>
    session.json<{ ended: boolean }>(
      'POST',
      `/api/mode-orders/${encodeURIComponent(id)}/end`,
      at === undefined ? {} : { to: localTime(at, '--at') },
    ),
  );
  print(options, answer, [answer.ended ? `${id} ends` : `${id} had ended before`]);
  if (!answer.ended) process.exitCode = 1;
}

function lineOf({ id, place, placeName, modes, state, from, to, held, reason, orderedBy }: Order): string {
  const span = `${from} to ${to ?? 'open'}`;
  return `${id}  ${state.padEnd(8)} ${place} ${placeName.en}: ${modes.join(', ')}, ${span}, ${held.terminals}/${held.of} terminals (${reason}, ${orderedBy})`;
}

function localTime(text: string, where: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/.exec(text);
  if (parts === null)
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${text} is no local time`, { where, expected: TIME });
  return `${parts[1]}T${parts[2]}${parts[3] ?? ':00'}`;
}

function print(options: { readonly json?: boolean }, value: unknown, lines: readonly string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
}
