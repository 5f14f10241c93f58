/** Guangdong with a bus route charged by section, as a terminal gets it: four sections, the down direction skips a stop. */
import type { BusNetwork, SectionFare } from '@polycard/blueprint';
import { compileTariff } from '@polycard/fares';
import type { TerminalConfiguration, TerminalParameters } from '../src/index.ts';
import { BUS, parameters } from './region.ts';

const NAMES = ['Depot', 'Market', 'Bridge', 'Park', 'Hospital', 'School', 'Harbour'];
const stop = (index: number): string => `stop-${index + 1}`;
/** Stop codes 8001 to 8007, in the up direction. */
export const STOPS = NAMES.map((_, index) => `800${index + 1}`);

export const NETWORK: BusNetwork = {
  network: 'test-bus',
  source: 'for tests',
  stops: NAMES.map((name, index) => ({ id: stop(index), code: STOPS[index]!, name: { en: name, zh: `${name}站` } })),
  routes: ['S1', 'S2'].map((id) => ({
    id,
    name: { en: 'Section route', zh: '分段线路' },
    operator: 'shenzhen-bus',
    directions: [
      { id: 'up', stops: [1, 1, 2, 2, 3, 3, 4].map((section, index) => ({ stop: stop(index), section })) },
      {
        id: 'down',
        stops: [1, 2, 2, 3, 4].map((section, index) => ({ stop: stop([6, 4, 3, 2, 0][index]!), section })),
      },
    ],
  })),
};

export const RULE: SectionFare = {
  ...{ kind: 'section', id: 'sections', name: { en: 'By section', zh: '分段计价' }, network: 'test-bus' },
  routes: ['S1', 'S2'],
  sectionFaresFen: [200, 300, 500, 600],
  ...{ tapOff: 'route', reversedOrder: 'maximum', maxRideMinutes: 180, graceSeconds: 20 },
  missingTapOff: { settle: 'next-tap', withinMinutes: 1440, fare: 'full' },
};

/** With other switches of the rule. */
export function sectionParameters(change: Partial<SectionFare> = {}): TerminalParameters {
  const bus = parameters.tariffs.bus!.tariff;
  const transfer = { ...bus.transfer!, fromModes: ['metro' as const, 'bus' as const] };
  const flat = { kind: 'flat' as const, id: 'flat', name: { en: 'Flat', zh: '一票制' }, routes: ['F1'], fareFen: 250 };
  const tariff = { ...bus, transfer, routeFares: [{ ...RULE, ...change }, flat] };
  return { ...parameters, tariffs: { ...parameters.tariffs, bus: compileTariff(tariff, undefined, [NETWORK]) } };
}

export const SECTION_BUS: TerminalConfiguration = { ...BUS, terminalNo: '10000021', route: 'S1' };
export const OTHER_BUS: TerminalConfiguration = { ...BUS, terminalNo: '10000022', route: 'S2' };
