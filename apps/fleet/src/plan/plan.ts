/**
 * A plan: what a simulated region does, step by step, before anything is performed. It is plain data made from records
 * (or a generator) and a blueprint; performing it needs cards, terminals and a platform.
 */
export interface PlannedOperator {
  readonly name: string;
  readonly mode: 'metro' | 'bus';
  readonly discounts: 'tariff' | 'none';
}

export interface PlannedTerminal {
  readonly deviceNo: string;
  readonly profile: string;
  readonly operator: string;
  /** Station of the blueprint's network, or a place to enrol; absent for a bus. */
  readonly place?: { readonly code?: string; readonly name: string };
  readonly route?: string;
  readonly vehicle?: string;
}

export interface PlannedCard {
  readonly product: string;
  readonly homeCity: string;
  /** Card class by application where it is not the product's. */
  readonly classes: Readonly<Record<string, string>>;
}

/** What the combined-ride record of a card is set to by a supplied counter visit. */
export type CombinedRideState = { readonly mode: 'metro' | 'bus'; readonly at: string } | 'none';

export interface Step {
  readonly card: number;
  readonly terminal: number;
  readonly at: string;
  readonly kind: 'entry' | 'exit' | 'boarding' | 'counter';
  /** Index of the record this step performs; absent for a supplied step. */
  readonly record?: number;
  /** Base fare stated to the terminal: every bus ride, and a metro exit whose entry or distance is not known. */
  readonly declaredBaseFen?: number;
  readonly serviceClass?: string;
  /** Bus with fares by section: where it is, and which way it goes. */
  readonly stop?: string;
  readonly bound?: 'up' | 'down';
  /** Counter: the combined-ride state to write. */
  readonly combinedRide?: CombinedRideState;
  /** Entry: supplied, at a station nobody recorded. */
  readonly supplied?: boolean;
}

/** What the record said was charged, for the reconciliation after the fact. */
export interface ExpectedCharge {
  /** Line of the source file. */
  readonly line: number;
  readonly chargedFen: number;
  readonly isRide: boolean;
}

export interface Inferred {
  /** Cards by class, each mode counted. */
  readonly classes: Readonly<Record<string, number>>;
  readonly transferRights: number;
  readonly transferGranted: number;
  readonly transferWithdrawn: number;
  readonly operatorsWithoutDiscount: number;
  readonly coachRides: number;
  readonly unexplained: number;
}

export interface Plan {
  readonly operators: readonly PlannedOperator[];
  readonly terminals: readonly PlannedTerminal[];
  readonly cards: readonly PlannedCard[];
  readonly steps: readonly Step[];
  readonly expected: readonly ExpectedCharge[];
  /** How many records the source had, unreadable ones included. */
  readonly records: number;
  readonly unreadable: readonly { readonly line: number; readonly reason: string }[];
  readonly inferred: Inferred;
  readonly baseFares: { readonly computed: number; readonly matched: number };
  readonly supplied: { readonly entries: number; readonly combinedRides: number };
  readonly enrolled: { readonly operators: number; readonly terminals: number; readonly places: number };
  /** Odd records by name: performed as an operator would, and counted. */
  readonly odd: Readonly<Record<string, number>>;
}
