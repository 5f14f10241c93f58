import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadBlueprint, type Mode } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { type CompiledTariff, compileNetwork, compileTariff } from '@polycard/fares';
import { describe, expect, it } from 'vitest';
import { generatePlan, planFromRecords, readShenzhenRecords } from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
const blueprint = loadBlueprint(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') })),
);
const tariffs = new Map<Mode, CompiledTariff>(
  blueprint.tariffs.map((tariff) => [tariff.mode, compileTariff(tariff, compileNetwork(blueprint.networks[0]!))]),
);

const HEADER =
  'card_no,deal_date,deal_type,deal_money,deal_value,equ_no,company_name,station,car_no,conn_mark,close_date';
/** Rows are made up; cards are called X1, X2 … */
const row = (
  card: string,
  time: string,
  type: string,
  money: number | string,
  value: number | string,
  more: Partial<Record<'device' | 'company' | 'station' | 'vehicle', string>> = {},
): string =>
  [
    card,
    `2018-09-01 ${time}`,
    type,
    money,
    value,
    more.device ?? '268001101',
    more.company ?? '地铁一号线',
    more.station ?? '罗湖',
    more.vehicle ?? 'IGT-1',
    0,
    '2018-09-01 00:00:00',
  ].join(',');
const ENTRY = '地铁入站';
const EXIT = '地铁出站';
const BUS = '巴士';
const read = (...rows: string[]) => readShenzhenRecords([HEADER, ...rows].join('\n'));
const plan = (...rows: string[]) => planFromRecords(read(...rows), blueprint, tariffs);

describe('records in the Shenzhen format', () => {
  it('are read whatever the order of columns, line ends or byte order mark', () => {
    const [first] = read(row('X1', '08:00:00', ENTRY, 0, 0)).records;
    const columns = HEADER.split(',');
    const turned = [
      columns.toReversed().join(','),
      row('X1', '08:00:00', ENTRY, 0, 0).split(',').toReversed().join(','),
    ].join('\r\n');
    expect(readShenzhenRecords(`\ufeff${turned}\r\n`).records).toEqual([first]);
    expect(first).toMatchObject({ cardNo: 'X1', at: '20180901080000', kind: 'entry', deviceNo: '268001101' });
  });

  it('that cannot be read are named by line and field, and not dropped', () => {
    const file = read(
      row('X1', '25:00:00', ENTRY, 0, 0),
      row('X1', '08:00:00', '轮渡', 0, 0),
      row('X1', '08:00:00', EXIT, 'free', 200),
      row('', '08:00:00', EXIT, 190, 200),
      row('X1', '08:00:00', EXIT, 190, 200),
    );
    expect(file.unreadable.map(({ line, field }) => [line, field])).toEqual([
      [2, 'deal_date'],
      [3, 'deal_type'],
      [4, 'deal_money'],
      [5, 'card_no'],
    ]);
    expect(file.records).toHaveLength(1);
    expect(planFromRecords(file, blueprint, tariffs)).toMatchObject({
      records: 5,
      unreadable: [{ line: 2 }, { line: 3 }, { line: 4 }, { line: 5 }],
    });
  });

  it('a file without its columns, or that is no CSV, is refused by name', () => {
    expect(() => readShenzhenRecords('card_no,deal_date\nX1,now')).toThrow(/header lacks deal_type, deal_money/);
    expect(() => readShenzhenRecords('"')).toThrow(PolycardError);
  });
});

describe('a plan from records', () => {
  it("an exit without entry gets a supplied one and the record's base fare; a whole journey its fare from the network", () => {
    const supplied = plan(row('X1', '09:00:00', EXIT, 475, 500));
    expect(supplied.supplied.entries).toBe(1);
    expect(supplied.steps.map((step) => [step.kind, step.supplied ?? false, step.declaredBaseFen])).toEqual([
      ['entry', true, undefined],
      ['exit', false, 500],
    ]);
    const whole = plan(
      row('X1', '08:00:00', ENTRY, 0, 0),
      row('X1', '08:20:00', EXIT, 190, 200, { device: '268002101', station: '国贸' }),
    );
    expect(whole.baseFares).toEqual({ computed: 1, matched: 1 });
    expect(whole.steps.map((step) => step.declaredBaseFen)).toEqual([undefined, undefined]);
  });

  it('infers classes from what was charged, and supplies a transfer right that the records do not show', () => {
    const made = plan(
      row('X1', '09:00:00', BUS, 100, 200),
      row('X2', '09:00:00', BUS, 120, 200),
      row('X3', '09:00:00', BUS, 0, 200),
      row('X4', '09:00:00', BUS, 161, 200),
    );
    expect(made.cards.map((card) => card.classes['bus'])).toEqual(['student', 'ordinary', 'senior', 'ordinary']);
    expect(made.inferred).toMatchObject({ transferRights: 1, transferGranted: 1, unexplained: 1 });
    expect(made.steps.filter((step) => step.kind === 'counter')).toMatchObject([
      { card: 1, combinedRide: { mode: 'metro' } },
    ]);
  });

  it('names odd records and performs them all the same', () => {
    const made = plan(
      row('X1', '08:00:00', ENTRY, 0, 0, { station: '?I岭', device: '267022101' }),
      row('X1', '08:00:10', ENTRY, 0, 0, { station: '-', vehicle: '', device: '268001109' }),
      row('X2', '08:00:00', BUS, 160, 200, { company: '', device: '300000001' }),
    );
    expect(made.odd).toEqual({
      'damaged-station-name': 1,
      'missing-vehicle-number': 1,
      'missing-station-name': 1,
      'entry-while-inside': 1,
      'card-in-two-places': 1,
      'missing-company': 1,
    });
    expect(made.steps.filter((step) => step.record !== undefined)).toHaveLength(3);
  });
});

it('a generated plan is the same for the same seed, another for another, and each card is in one place at a time', () => {
  const options = { taps: 500, seed: 'a', from: '20180901063000' };
  const first = generatePlan(blueprint, options);
  expect(generatePlan(blueprint, options)).toEqual(first);
  expect(generatePlan(blueprint, { ...options, seed: 'b' }).steps).not.toEqual(first.steps);
  expect(first.steps).toHaveLength(500);
  const inside = new Set<number>();
  for (const step of first.steps) {
    if (step.kind === 'exit') expect(inside.delete(step.card)).toBe(true);
    else if (step.kind === 'entry') inside.add(step.card);
  }
});
