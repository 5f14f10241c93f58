/** A tariff as the form edits it; the platform holds it against the blueprint's schema when it is checked. */
export interface Named {
  readonly en: string;
  readonly zh: string;
}

export type PromotionRule =
  | { readonly kind: 'percent'; readonly percentOff: number }
  | { readonly kind: 'deduct'; readonly deductFen: number }
  | { readonly kind: 'price'; readonly priceFen: number };

export interface PromotionValue {
  readonly id: string;
  readonly name: Named;
  readonly priority: number;
  readonly stacking: 'add' | 'instead' | 'last';
  readonly when: {
    readonly cardClasses?: string[];
    readonly from?: string;
    readonly until?: string;
    readonly hours?: readonly { readonly from: string; readonly until: string }[];
    readonly [other: string]: unknown;
  };
  readonly rule: PromotionRule;
  readonly budgetFen?: number;
  readonly endMarginFen?: number;
  readonly [other: string]: unknown;
}

export interface DiscountValue {
  readonly id: string;
  readonly name: Named;
  readonly cardClasses: string[];
  readonly rule:
    | { readonly kind: 'percent'; readonly percentOff: number }
    | { readonly kind: 'tiers'; readonly tiers: readonly { readonly uptoFen?: number; readonly percentOff: number }[] };
}

export interface Band {
  readonly uptoMetres?: number;
  readonly stepMetres: number;
  readonly stepFen: number;
}

export interface FlatFareValue {
  readonly kind: 'flat';
  readonly id: string;
  readonly name: Named;
  readonly routes: string[];
  readonly fareFen: number;
}

export interface SectionFareValue {
  readonly kind: 'section';
  readonly id: string;
  readonly name: Named;
  readonly network: string;
  readonly routes: string[];
  readonly sectionFaresFen: number[];
  readonly tapOff: 'route' | 'validator';
  readonly reversedOrder: 'maximum' | 'sections';
  readonly maxRideMinutes: number;
  readonly graceSeconds: number;
  readonly minimumBalanceFen?: number;
  readonly missingTapOff: {
    readonly settle: 'next-tap' | 'unpaid-list';
    readonly withinMinutes: number;
    readonly fare: 'full' | 'discounted';
  };
}

export type RouteFareValue = FlatFareValue | SectionFareValue;

export interface TariffValue {
  readonly tariff: string;
  readonly name: Named;
  readonly baseFare:
    | {
        readonly kind: 'distance';
        readonly startMetres: number;
        readonly startFen: number;
        readonly sameStationFen: number;
        readonly bands: readonly Band[];
      }
    | { readonly kind: 'declared'; readonly defaultFen: number; readonly maximumFen: number };
  readonly discounts: readonly DiscountValue[];
  readonly transfer?: { readonly windowMinutes: number; readonly deductFen: number; readonly [other: string]: unknown };
  readonly promotions?: readonly PromotionValue[];
  readonly routeFares?: readonly RouteFareValue[];
  readonly [other: string]: unknown;
}

export interface Content {
  readonly tariffs: Record<string, TariffValue>;
  readonly cardClasses: unknown[];
  readonly terminals: Record<string, unknown>;
}

/** A list with the item at an index replaced. */
export const replaced = <T>(list: readonly T[], index: number, item: T): T[] =>
  list.map((known, position) => (position === index ? item : known));
