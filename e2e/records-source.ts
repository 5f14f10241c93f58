/**
 * Records in the Shenzhen format for tests: a slice of the real ones where they are at hand (POLYCARD_TAPS, else the
 * shared data beside the checkout), else made by the generator and the fare engine. Real rows never enter the project.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomInteger, seededRandom } from '@polycard/crypto';
import { computeFare } from '@polycard/fares';
import { Region, readBlueprint } from '@polycard/platform';
import { GUANGDONG } from './small-site.ts';

export interface RecordsSource {
  readonly origin: string;
  readonly text: string;
  /** Exits and boardings. */
  readonly rides: number;
  /** The same with this many charged amounts one fen higher. */
  raise(count: number): string;
}

const HEADER =
  'card_no,deal_date,deal_type,deal_money,deal_value,equ_no,company_name,station,car_no,conn_mark,close_date';
const SHARED = fileURLToPath(new URL('../../shared/data/shenzhen-taps/taps.csv', import.meta.url));
const ENTRY = '地铁入站';

export function realRecords(): string | undefined {
  const path = process.env['POLYCARD_TAPS'] ?? SHARED;
  return existsSync(path) ? path : undefined;
}

export function recordsFile(count: number): RecordsSource {
  const path = realRecords();
  const lines =
    path === undefined
      ? generatedRows(count)
      : everyNth(readFileSync(path, 'utf8').trim().split(/\r?\n/).slice(1), count);
  const isRide = (line: string): boolean => line.split(',')[2] !== ENTRY;
  return {
    origin: path === undefined ? 'the generator' : path.replace(/.*\//, '…/'),
    text: `${[HEADER, ...lines].join('\n')}\n`,
    rides: lines.filter(isRide).length,
    raise(wanted) {
      const random = seededRandom('raised');
      const candidates = lines.flatMap((line, index) => (isRide(line) ? [index] : []));
      const raised = new Set<number>();
      while (raised.size < wanted) raised.add(candidates[randomInteger(random, candidates.length)]!);
      const changed = lines.map((line, index) => {
        if (!raised.has(index)) return line;
        const cells = line.split(',');
        cells[3] = String(Number(cells[3]) + 1);
        return cells.join(',');
      });
      return `${[HEADER, ...changed].join('\n')}\n`;
    },
  };
}

/** A slice over the whole file, in which journeys of one card stay together. */
function everyNth(lines: readonly string[], count: number): string[] {
  const byCard = Map.groupBy(lines, (line) => line.split(',')[0]!);
  const cards = [...byCard.values()].sort((a, b) => b.length - a.length);
  const chosen: string[] = [];
  for (const taps of cards.slice(0, 30)) chosen.push(...taps);
  const step = Math.max(1, Math.floor((cards.length - 30) / count));
  for (let index = 30; chosen.length < count && index < cards.length; index += step) chosen.push(...cards[index]!);
  for (let index = 31; chosen.length < count; index += step) chosen.push(...cards[index]!);
  return chosen.slice(0, count);
}

/** Rides charged as the tariff says: three classes, both modes, some transfers. */
function generatedRows(count: number): string[] {
  const region = new Region(readBlueprint(GUANGDONG));
  const random = seededRandom('records');
  const stations = region.blueprint.networks[0]!.stations;
  const classes = ['ordinary', 'ordinary', 'ordinary', 'student', 'senior'];
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(Date.UTC(2018, 8, 1, 6, 0, index * 5)).toISOString().slice(0, 19).replace('T', ' ');
    const cardClass = classes[randomInteger(random, classes.length)]!;
    const isBus = randomInteger(random, 2) === 0;
    const kind = isBus ? 'bus' : 'metro';
    const baseFen = [200, 300, 400, 500, 800][randomInteger(random, 5)]!;
    const isTransfer = cardClass === 'ordinary' && randomInteger(random, 6) === 0;
    const { chargeFen } = computeFare(region.tariff(kind), {
      ...{ cardClass, serviceClass: 'standard', operatorDiscounts: true, declaredBaseFen: baseFen },
      ...(isTransfer ? { transfer: { fromMode: kind, minutesSince: 5 } as const } : {}),
    });
    const station = stations[randomInteger(random, stations.length)]!;
    const card = `G${String(index).padStart(7, '0')}`;
    const close = '2018-09-01 00:00:00';
    return isBus
      ? [
          card,
          at,
          '巴士',
          chargeFen,
          baseFen,
          `2${String(index % 40).padStart(8, '0')}`,
          '巴士集团',
          '101路',
          '粤B1',
          isTransfer ? 1 : 0,
          close,
        ].join(',')
      : [
          card,
          at,
          '地铁出站',
          chargeFen,
          baseFen,
          `268${station.code}${String(index % 90).padStart(2, '0')}`,
          '地铁一号线',
          station.name.zh,
          'OGT-1',
          0,
          close,
        ].join(',');
  });
}
