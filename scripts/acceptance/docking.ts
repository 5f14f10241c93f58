/** Acceptance of POS docking. */
import { messageLayer } from './docking-1.ts';
import { soak } from './docking-2.ts';
import { ROLL_OUT_PLANTS, rollOut } from './docking-3.ts';
import { DENY_LIST_PLANTS, denyLists } from './docking-4.ts';
import { FARE_PLANTS, fares } from './docking-5.ts';
import { TORN_PLANTS, tornTaps } from './docking-6.ts';
import { CONFORMANCE_PLANTS, conformance } from './docking-8.ts';
import { type AcceptanceItem, tests } from './item.ts';

export const DOCKING: Readonly<Record<string, AcceptanceItem>> = {
  'docking.1': {
    title: 'frames, MACs, truncation and a million mutated frames',
    plants: ['frame-changed', 'length-unchecked'],
    run: messageLayer,
  },
  'docking.2': {
    title: 'soak: 2,000 connected terminals, 200,000 taps, kill -9 on PostgreSQL; counts and sums agree',
    plants: ['answer-before-commit', 'duplicate-counted', 'posting-dropped'],
    run: soak,
  },
  'docking.3': {
    title: 'a tariff change on 1,000 terminals at one instant, canary first; a faulty one stops there; roll-back',
    plants: ROLL_OUT_PLANTS,
    run: rollOut,
  },
  'docking.4': {
    title:
      'a million-card deny list: bytes beside the information bound, look-up, five versions missed, no wrong refusal',
    plants: DENY_LIST_PLANTS,
    run: denyLists,
  },
  'docking.5': {
    title:
      'fares: a million generated journeys the same at the gate and in clearing, a real day, the engine’s properties',
    plants: FARE_PLANTS,
    run: fares,
  },
  'docking.6': {
    title: 'torn taps: every exchange and every write of nine flows cut, the card held to a terminal again in six ways',
    plants: TORN_PLANTS,
    run: tornTaps,
  },
  'docking.7': {
    title:
      'console in headless Chromium: parameter versions, deny lists, operating modes, campaigns, a terminal’s page',
    plants: ['console-missing'],
    run: (plant) =>
      tests(
        plant === undefined
          ? ['console-parameters', 'console-deny-lists', 'console-modes', 'campaigns', 'console'].map(
              (name) => `e2e/${name}.test.ts`,
            )
          : ['e2e/console.test.ts'],
        { POLYCARD_SCREENSHOTS: 'screenshots', ...(plant === undefined ? {} : { POLYCARD_PLANT: plant }) },
      ),
  },
  'docking.8': {
    title:
      'the conformance kit passes on ours; each deliberately broken host, terminal and card fails in the cases it names',
    plants: CONFORMANCE_PLANTS,
    run: conformance,
  },
};
