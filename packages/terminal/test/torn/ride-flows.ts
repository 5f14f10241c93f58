/** The rides that are torn: where, what came before, and what must be true of the card and the money afterwards. */
import type { TapRequest, TerminalConfiguration, TerminalParameters } from '../../src/index.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, parameters } from '../region.ts';
import { OTHER_BUS, SECTION_BUS, STOPS, sectionParameters } from '../section-region.ts';

export type RideFlow = 'entry' | 'exit' | 'bus' | 'bus-on' | 'bus-off' | 'bus-on-owing';
export const RIDE_FLOWS: readonly RideFlow[] = ['entry', 'exit', 'bus', 'bus-on', 'bus-off', 'bus-on-owing'];

export const FARE_FEN = 300;
const DAY = '20180901';

export interface RideFlowPlan {
  readonly kind: 'entry' | 'exit' | 'boarding' | 'alighting';
  readonly parameters: TerminalParameters;
  /** Where it is torn, and the other terminal the card may be held to. */
  readonly gates: readonly [TerminalConfiguration, TerminalConfiguration];
  readonly request: (at: string) => TapRequest;
  /** What another card does in between. */
  readonly stranger?: (at: string) => TapRequest;
  /** Rides before it: the platform knows what the card had. */
  readonly before: readonly (readonly [TerminalConfiguration, TapRequest])[];
  /** The ride goes on and ends, at the terminal that took the card. */
  readonly after?: (at: string) => TapRequest;
  /** What the whole costs the rider, more than the undisturbed tap did. */
  readonly afterFen?: number;
  readonly isFree: boolean;
  /** Status of the record that was written. */
  readonly status?: readonly ['metro' | 'bus', string];
}

const held = (number: number) => (at: string) =>
  ({ kind: 'boarding', at, stop: STOPS[number - 1]!, bound: 'up' }) as const;
const BEFORE = [BUS, { kind: 'boarding', at: `${DAY}050000`, declaredBaseFen: FARE_FEN }] as const;
const BY_SECTION = sectionParameters();

export const FLOW_PLANS: Readonly<Record<RideFlow, RideFlowPlan>> = {
  entry: {
    ...{ kind: 'entry', parameters, isFree: true, before: [BEFORE], status: ['metro', '01'] },
    gates: [ENTRY_GATE, { ...ENTRY_GATE, terminalNo: '10000011' }],
    request: (at) => ({ kind: 'entry', at }),
  },
  exit: {
    ...{ kind: 'exit', parameters, isFree: false, status: ['metro', '02'] },
    gates: [EXIT_GATE, { ...EXIT_GATE, terminalNo: '10000012' }],
    request: (at) => ({ kind: 'exit', at }),
    stranger: (at) => ({ kind: 'entry', at }),
    before: [BEFORE, [ENTRY_GATE, { kind: 'entry', at: `${DAY}080000` }]],
  },
  bus: {
    ...{ kind: 'boarding', parameters, isFree: false, before: [BEFORE] },
    gates: [BUS, { ...BUS, terminalNo: '10000013', route: '102' }],
    request: (at) => ({ kind: 'boarding', at, declaredBaseFen: FARE_FEN }),
  },
  // torn at one bus, the card may be taken by another: what that charges for the first ride goes back
  'bus-on': {
    ...{ kind: 'boarding', parameters: BY_SECTION, isFree: true, before: [BEFORE] },
    gates: [SECTION_BUS, OTHER_BUS],
    request: held(2),
    after: held(5),
    afterFen: 390, // three sections, 5.00 less the tiers of the class
    status: ['bus', '02'],
  },
  'bus-off': {
    ...{ kind: 'alighting', parameters: BY_SECTION, isFree: false, status: ['bus', '02'] },
    gates: [SECTION_BUS, { ...SECTION_BUS, terminalNo: '10000031' }],
    request: held(5),
    before: [BEFORE, [SECTION_BUS, held(2)(`${DAY}080000`)]],
  },
  // the boarding also charges an earlier ride without tap-off
  'bus-on-owing': {
    ...{ kind: 'boarding', parameters: BY_SECTION, isFree: false },
    gates: [OTHER_BUS, { ...OTHER_BUS, terminalNo: '10000032' }],
    request: held(2),
    before: [BEFORE, [SECTION_BUS, held(3)(`${DAY}070000`)]],
    after: held(5),
    afterFen: 390,
    status: ['bus', '02'],
  },
};
