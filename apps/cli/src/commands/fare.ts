import { resolve } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { computeFare, type SectionRide } from '@polycard/fares';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Region } from '@polycard/platform/region';
import { Command, Option } from 'commander';
import { integerOption } from '../arguments.ts';
import { DEFAULT_BLUEPRINT } from '../paths.ts';

interface FareOptions {
  readonly mode: 'metro' | 'bus';
  readonly from?: string;
  readonly to?: string;
  readonly base?: number;
  readonly route?: string;
  readonly bound?: 'up' | 'down';
  readonly class?: string;
  readonly serviceClass?: string;
  readonly transferAfter?: number;
  readonly discounts: boolean;
  readonly blueprint: string;
  readonly json?: boolean;
}

export function fareCommand(): Command {
  return new Command('fare')
    .addOption(new Option('--mode <mode>', 'means of transport').choices(['metro', 'bus']).default('metro'))
    .option('--from <station>', 'entry station, or boarding stop: identifier, code or name')
    .option('--to <station>', 'exit station, or alighting stop')
    .option('--route <name>', 'route of a bus whose fare is by route')
    .addOption(new Option('--bound <way>', 'direction of a route by section').choices(['up', 'down']))
    .option('--base <fen>', 'base fare stated by the terminal', integerOption(0, 100_000))
    .option('--class <id>', 'card class; default the first of the blueprint')
    .option('--service-class <id>', 'service class, e.g. business-coach')
    .option(
      '--transfer-after <minutes>',
      'minutes since a ride that gives a right to a transfer',
      integerOption(0, 1440),
    )
    .option('--no-discounts', 'an operator that grants none')
    .option('--blueprint <directory>', 'the region', DEFAULT_BLUEPRINT)
    .option('--json', 'print the fare as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  polycard fare --from luohu --to xixiang
  polycard fare --from 罗湖 --to 西乡 --class student --json
  polycard fare --mode bus --base 800 --transfer-after 20
  polycard fare --blueprint blueprints/hunan --mode bus --route 601 --from 8003 --to 跳马
  polycard fare --blueprint blueprints/hunan --from 五一广场 --to 光达 --class soldier`,
    )
    .action(fare);
}

function fare(options: FareOptions): void {
  const region = new Region(readBlueprint(resolve(options.blueprint)));
  const tariff = region.tariff(options.mode);
  const { classes } = region.blueprint.cards;
  const cardClass = options.class ?? classes[0]!.id;
  if (!classes.some(({ id }) => id === cardClass)) {
    const known = classes.map(({ id }) => id).join(', ');
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no card class ${cardClass}`, {
      where: '--class',
      expected: known,
    });
  }
  const station = (text: string | undefined, option: string): string | undefined => {
    if (text === undefined) return undefined;
    const wanted = text.toLowerCase();
    const found = region.blueprint.networks
      .flatMap((network) => network.stations)
      .find((candidate) =>
        [candidate.id, candidate.code, candidate.name.zh, candidate.name.en.toLowerCase()].includes(wanted),
      );
    if (found === undefined)
      throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no station ${text}`, {
        where: option,
        expected: 'a station of the network',
      });
    return found.id;
  };
  const section = options.mode === 'bus' ? sectionRide(region, options) : undefined;
  const entryStation = section === undefined ? station(options.from, '--from') : undefined;
  const exitStation = section === undefined ? station(options.to, '--to') : undefined;
  const fromMode = tariff.tariff.transfer?.fromModes[0];
  const result = computeFare(tariff, {
    cardClass,
    serviceClass: options.serviceClass ?? tariff.tariff.serviceClasses[0]!.id,
    operatorDiscounts: options.discounts,
    ...(entryStation === undefined ? {} : { entryStation }),
    ...(exitStation === undefined ? {} : { exitStation }),
    ...(options.base === undefined ? {} : { declaredBaseFen: options.base }),
    ...(options.route === undefined ? {} : { route: options.route }),
    ...(section === undefined ? {} : { section }),
    ...(options.transferAfter === undefined ||
    fromMode === undefined ||
    options.transferAfter > (tariff.tariff.transfer?.windowMinutes ?? 0)
      ? {}
      : { transfer: { fromMode, minutesSince: options.transferAfter } }),
  });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;
  for (const step of result.steps)
    process.stdout.write(`  ${yuan(step.afterFen).padStart(9)}  ${step.en} · ${step.zh}\n`);
  process.stdout.write(
    `  ${yuan(result.chargeFen).padStart(9)}  charged (tariff ${result.tariff} of ${result.version})\n`,
  );
}

/** Both stops of a ride on a route by section; its direction follows where only one goes that way. */
function sectionRide(region: Region, { route: id, from, to, bound }: FareOptions): SectionRide | undefined {
  const route = id === undefined ? undefined : region.tariff('bus').routes.get(id);
  if (route?.rule.kind !== 'section' || from === undefined || to === undefined) return undefined;
  const stops = [...route.stopsOf.values()].flat();
  const code = (text: string, option: string): string => {
    const wanted = text.toLowerCase();
    const found = stops.find((stop) => [stop.id, stop.code, stop.name.zh, stop.name.en.toLowerCase()].includes(wanted));
    if (found !== undefined) return found.code;
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `route ${route.id} has no stop ${text}`, {
      where: option,
      expected: [...new Set(stops.map((stop) => `${stop.code} ${stop.name.en}`))].join(', '),
    });
  };
  const [boardingStop, alightingStop] = [code(from, '--from'), code(to, '--to')];
  const ways = [...route.stopsOf].filter(([, way]) => {
    const at = (stop: string): number => way.findIndex((candidate) => candidate.code === stop);
    return at(boardingStop) >= 0 && at(alightingStop) >= at(boardingStop);
  });
  const direction = bound ?? ways[0]?.[0];
  if (direction !== undefined) return { direction, boardingStop, alightingStop };
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `no direction of route ${route.id} goes from ${from} to ${to}`, {
    where: '--bound',
    expected: 'up or down, for a ride against the order of the stops',
  });
}
