import { fileURLToPath } from 'node:url';
import type { Blueprint } from '@polycard/blueprint';
import { readBlueprint } from '@polycard/platform';
import { describe, expect, it } from 'vitest';
import { generatePlan, type Plan } from '../src/index.ts';

const read = (name: string): Blueprint =>
  readBlueprint(fileURLToPath(new URL(`../../../blueprints/${name}`, import.meta.url)));
const hunan = read('hunan');
const guangdong = read('guangdong');
const plan = (blueprint: Blueprint): Plan => generatePlan(blueprint, { taps: 400, seed: '7', from: '20180901063000' });
const kinds = ({ steps }: Plan): Set<string> => new Set(steps.map(({ kind }) => kind));

describe('generated taps', () => {
  it.each([hunan, guangdong].map((blueprint) => [blueprint.manifest.blueprint, blueprint] as const))(
    'of %s name only what its blueprint has',
    (_, blueprint) => {
      const { terminals, cards, operators, steps } = plan(blueprint);
      const parties = new Set(blueprint.parties.map(({ id }) => id));
      const profiles = new Set(blueprint.terminals.profiles.map(({ id }) => id));
      const products = new Set(blueprint.cards.products.map(({ id }) => id));
      const cities = new Set(blueprint.manifest.cities.map(({ code }) => code));
      expect(operators.every(({ name }) => parties.has(name))).toBe(true);
      expect(terminals.every(({ operator, profile }) => parties.has(operator) && profiles.has(profile))).toBe(true);
      expect(cards.every(({ product, homeCity }) => products.has(product) && cities.has(homeCity))).toBe(true);
      expect(new Set(terminals.map(({ deviceNo }) => deviceNo)).size).toBe(terminals.length);
      const bus = blueprint.tariffs.find(({ mode }) => mode === 'bus')!.baseFare as { maximumFen: number };
      for (const { kind, declaredBaseFen, stop } of steps)
        if (kind === 'boarding' && stop === undefined) expect(declaredBaseFen).toBeLessThanOrEqual(bus.maximumFen);
    },
  );

  it('of Hunan are made by cards of every class that is issued, most of them of the first', () => {
    const classOf = new Map(hunan.cards.products.map(({ id, cardClass }) => [id, cardClass]));
    const { cards } = generatePlan(hunan, { taps: 3000, seed: '7', from: '20180901063000' });
    const counts = Map.groupBy(cards, ({ product }) => classOf.get(product));
    expect(new Set(counts.keys())).toEqual(new Set(classOf.values()));
    expect(counts.size).toBe(4);
    expect(counts.get('ordinary')!.length / cards.length).toBeCloseTo(0.8, 1);
  });

  it('use the terminals a blueprint has, and make up the others', () => {
    const known = new Set(hunan.terminals.terminals.map(({ deviceNo }) => deviceNo));
    const used = plan(hunan).terminals.filter(({ deviceNo }) => known.has(deviceNo));
    expect(used).toHaveLength(hunan.terminals.terminals.length - 1); // all but the service counter
    const other = hunan.terminals.terminals.map((terminal, index) => ({
      ...terminal,
      deviceNo: `5500000${index + 10}`,
    }));
    const renumbered = plan({ ...hunan, terminals: { ...hunan.terminals, terminals: other } });
    expect(renumbered.terminals.filter(({ deviceNo }) => deviceNo.startsWith('55'))).toHaveLength(used.length);
  });

  it('of a region without metro are bus rides, without buses metro rides', () => {
    const without = (mode: 'metro' | 'bus'): Blueprint => ({
      ...hunan,
      parties: hunan.parties.filter((party) => party.mode !== mode),
    });
    expect(kinds(plan(without('metro')))).toEqual(new Set(['boarding']));
    expect(kinds(plan(without('bus')))).toEqual(new Set(['entry', 'exit']));
    const neither = { ...hunan, parties: hunan.parties.filter(({ kind }) => kind !== 'operator') };
    expect(() => plan(neither)).toThrow(expect.objectContaining({ code: 'POLYCARD_FLEET_GENERATE' }));
  });

  it('of a metro with one fare state it at the exit', () => {
    const flat: Blueprint = {
      ...hunan,
      tariffs: hunan.tariffs.map((tariff) =>
        tariff.mode === 'metro'
          ? { ...tariff, baseFare: { kind: 'declared', defaultFen: 300, maximumFen: 900 } }
          : tariff,
      ),
    };
    const { steps, baseFares } = plan(flat);
    const exits = steps.filter(({ kind }) => kind === 'exit');
    expect(exits.every(({ declaredBaseFen }) => declaredBaseFen === 300)).toBe(true);
    expect(baseFares).toEqual({ computed: 0, matched: 0 });
  });

  it('stay within one part of a network whose lines do not meet', () => {
    const [network] = hunan.networks;
    const [first, second] = network!.lines;
    const apart = { ...second!, stations: second!.stations.filter((station) => !first!.stations.includes(station)) };
    const parted = plan({ ...hunan, networks: [{ ...network!, lines: [first!, apart] }] });
    const ofFirst = new Set(first!.stations.map((id) => network!.stations.find((station) => station.id === id)!.code));
    const partOf = (terminal: number): boolean => ofFirst.has(parted.terminals[terminal]!.place!.code!);
    const inside = new Map<number, boolean>();
    for (const { card, kind, terminal } of parted.steps) {
      if (kind === 'entry') inside.set(card, partOf(terminal));
      if (kind === 'exit') expect(partOf(terminal)).toBe(inside.get(card));
    }
  });
});
