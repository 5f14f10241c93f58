import { describe, expect, it } from 'vitest';
import type { Blueprint } from '../src/blueprint.ts';
import { checkBusNetwork, checkRouteFares } from '../src/bus-network-checks.ts';
import { type BlueprintFinding, FileFindings } from '../src/findings.ts';
import type { BusNetwork, RouteFare, SectionFare } from '../src/schema/bus-network.ts';
import type { Tariff } from '../src/schema/tariff.ts';

const name = { en: 'N', zh: '名' };
const NETWORK: BusNetwork = {
  ...{ network: 'buses', source: 'made up' },
  stops: ['a', 'b', 'c'].map((id, index) => ({ id, code: `800${index + 1}`, name })),
  routes: [
    {
      ...{ id: '601', name, operator: 'bus' },
      directions: [
        { id: 'up', stops: ['a', 'b', 'c'].map((stop, index) => ({ stop, section: [1, 2, 2][index]! })) },
        { id: 'down', stops: ['c', 'a'].map((stop, index) => ({ stop, section: index + 1 })) },
      ],
    },
  ],
};
const RULE: SectionFare = {
  ...{ kind: 'section', id: 'sections', name, network: 'buses', routes: ['601'], sectionFaresFen: [200, 300] },
  ...{ tapOff: 'route', reversedOrder: 'maximum', maxRideMinutes: 180, graceSeconds: 20 },
  missingTapOff: { settle: 'next-tap', withinMinutes: 1440, fare: 'full' },
};
const FLAT: RouteFare = { kind: 'flat', id: 'flat', name, routes: ['101'], fareFen: 200 };

function blueprintWith(network: BusNetwork, without: readonly string[] = []): Blueprint {
  const lengths = { status: 1, route: 6, direction: 1, stop: 2, markedFare: 2, boardingTime: 7, lastTime: 7 };
  const fields = Object.entries(lengths)
    .filter(([field]) => !without.includes(field))
    .map(([field, length]) => ({ name: field, length }));
  return {
    networks: [{ stations: [{ code: '0101' }] }],
    busNetworks: [network],
    parties: [
      { kind: 'operator', mode: 'bus', id: 'bus' },
      { kind: 'operator', mode: 'metro', id: 'metro' },
    ],
    applications: [{ kind: 'capp', files: [{ records: [{ name: 'bus', fields }] }] }],
  } as unknown as Blueprint;
}

function network(change: (network: { -readonly [K in keyof BusNetwork]: BusNetwork[K] }) => void): string[] {
  const changed = structuredClone(NETWORK);
  change(changed);
  const found: BlueprintFinding[] = [];
  checkBusNetwork(changed, blueprintWith(changed), new FileFindings('bus-networks/buses.yaml', found));
  return found.map(({ code, path }) => `${code} ${path}`);
}

function fares(routeFares: RouteFare[], mode: Tariff['mode'] = 'bus', without: readonly string[] = []): string[] {
  const found: BlueprintFinding[] = [];
  const tariff = { mode, routeFares } as unknown as Tariff;
  checkRouteFares(tariff, blueprintWith(NETWORK, without), new FileFindings('tariffs/bus.yaml', found));
  return found.map(({ code, path }) => `${code} ${path}`);
}

describe('routes of buses', () => {
  it('have nothing wrong when their stops exist and their sections follow each other', () => {
    expect(network(() => undefined)).toEqual([]);
  });

  it.each<[string, (network: BusNetwork) => void, string[]]>([
    [
      'a stop nobody knows',
      ({ routes }) => (routes[0]!.directions[0]!.stops[1]!.stop = 'x'),
      ['stop-unserved /stops/1/id', 'stop-unknown /routes/0/directions/0/stops/1/stop'],
    ],
    [
      'a section that falls',
      ({ routes }) => (routes[0]!.directions[0]!.stops[2]!.section = 1),
      ['section-order /routes/0/directions/0/stops/2/section'],
    ],
    [
      'a section left out',
      ({ routes }) => (routes[0]!.directions[1]!.stops[1]!.section = 3),
      ['section-order /routes/0/directions/1/stops/1/section'],
    ],
    [
      'a first stop beyond section 1',
      ({ routes }) => {
        for (const stop of routes[0]!.directions[1]!.stops) stop.section = 2;
      },
      ['section-order /routes/0/directions/1/stops/0/section'],
    ],
    ['the code of a station', ({ stops }) => (stops[0]!.code = '0101'), ['network-collision /stops/0/code']],
    [
      'a route of the metro company',
      ({ routes }) => (routes[0]!.operator = 'metro'),
      ['route-operator /routes/0/operator'],
    ],
    [
      'two directions of one name',
      ({ routes }) => (routes[0]!.directions[1]!.id = 'up'),
      ['network-collision /routes/0/directions/0/id', 'network-collision /routes/0/directions/1/id'],
    ],
  ])('are named for %s', (_what, change, expected) => {
    expect(network(change)).toEqual(expected);
  });
});

describe('fares by route', () => {
  it('have nothing wrong when every ride finds one fare', () => {
    expect(fares([RULE, FLAT])).toEqual([]);
  });

  it.each<[string, RouteFare[], string[]]>([
    [
      'more sections that cost less',
      [{ ...RULE, sectionFaresFen: [300, 200] }],
      ['fare-non-monotone /routeFares/0/sectionFaresFen/1'],
    ],
    [
      'a fare of more sections than any route has',
      [{ ...RULE, sectionFaresFen: [200, 300, 400] }],
      ['fare-rule-unreachable /routeFares/0/sectionFaresFen/2'],
    ],
    [
      'a route in two rules',
      [RULE, { ...FLAT, routes: ['601'] }],
      ['fare-rules-overlap /routeFares/0/routes/0', 'fare-rules-overlap /routeFares/1/routes/0'],
    ],
    ['a route the network lacks', [{ ...RULE, routes: ['602'] }], ['route-unknown /routeFares/0/routes/0']],
    ['a network nobody knows', [{ ...RULE, network: 'x' }], ['tariff-network-unknown /routeFares/0/network']],
    [
      'a name longer than the record holds',
      [{ ...FLAT, routes: ['route 101'] }],
      ['section-record /routeFares/0/routes/0'],
    ],
    [
      'more than the record can mark',
      [{ ...RULE, sectionFaresFen: [200, 65_536] }],
      ['section-record /routeFares/0/sectionFaresFen/1'],
    ],
    [
      'a charge that is over before the ride is',
      [{ ...RULE, missingTapOff: { ...RULE.missingTapOff, withinMinutes: 180 } }],
      ['fare-rule-unreachable /routeFares/0/missingTapOff/withinMinutes'],
    ],
  ])('are named for %s', (_what, routeFares, expected) => {
    expect(fares(routeFares)).toEqual(expected);
  });

  it('are of a bus, with a record that keeps an open ride', () => {
    expect(fares([FLAT], 'metro')).toEqual(['fare-rule-unreachable /routeFares']);
    expect(fares([RULE], 'bus', ['stop'])).toEqual(['section-record /routeFares/0']);
    expect(fares([FLAT], 'bus', ['stop'])).toEqual([]);
  });
});
