/** The recorded card of test/vectors/pboc-transcripts.json, personalised again on a virtual card. */
import { fromHex } from '@polycard/bytes';
import { type RandomSource, seededRandom } from '@polycard/crypto';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_PSE,
  type CardInterface,
  type DataGrouping,
  type PbocSwitches,
  personalise,
  VirtualCard,
} from '../src/index.ts';
import transcripts from './vectors/pboc-transcripts.json' with { type: 'json' };

export interface Step {
  readonly c?: string;
  readonly r?: string;
  readonly event?: string;
  readonly note?: string;
}

/** One thing separate software recomputed of a step; `observation` instead of `what` notes a defect of the card. */
export interface RecordedCheck {
  readonly step: number;
  readonly what?: string;
  readonly observation?: string;
  readonly expected?: unknown;
  readonly mac?: string;
  readonly plaintext?: string;
  readonly accepted?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly interface: CardInterface;
  readonly variant: string;
  readonly steps: readonly Step[];
  readonly checks: readonly RecordedCheck[];
}

interface RecordedGrouping {
  readonly dgi: string;
  readonly data: string;
}

const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');

function expand(text: string): string {
  return text.startsWith('#') ? transcripts.strings[Number(text.slice(1))]! : text;
}

export const scenarios: readonly Scenario[] = transcripts.scenarios.map((scenario) => ({
  name: scenario.name,
  interface: scenario.interface as CardInterface,
  variant: scenario.variant,
  checks: scenario.checks as readonly RecordedCheck[],
  steps: (scenario.steps as Step[]).map((step) => ({
    ...step,
    ...(step.c === undefined ? {} : { c: expand(step.c) }),
    ...(step.r === undefined ? {} : { r: expand(step.r) }),
  })),
}));

interface KeySet {
  readonly rid: string;
  readonly index: string;
  readonly modulus: string;
  readonly exponent: string;
}

/** What of a recording its checks need. */
export interface Transcripts {
  readonly card: {
    readonly pan: string;
    readonly keys: {
      readonly card: { readonly ac: string; readonly mac: string; readonly enc: string };
      readonly openingKeys: Readonly<Record<string, string>>;
      /** By `sfi15`, `sfi1E` …; one key for all records of a file. */
      readonly recordManagementKeys: Readonly<Record<string, string>>;
    };
    readonly capk: Readonly<Record<string, KeySet>>;
    readonly keySetOfVariant: Readonly<Record<string, string>>;
  };
}

export const recording: Transcripts = transcripts;
export const recordedKeys = transcripts.card.keys;
export const recordedCapk = transcripts.card.capk.k1024;
export const recordedPan = transcripts.card.pan;

/** Groupings of the base card with those of a variant in their place. */
export function groupingsOf(variant: string, changes: readonly RecordedGrouping[] = []): DataGrouping[] {
  const variants = transcripts.card.personalisation.variants as Record<
    string,
    { differsFromBase: RecordedGrouping[] } | undefined
  >;
  const differing = [...(variants[variant]?.differsFromBase ?? []), ...changes];
  const base: RecordedGrouping[] = transcripts.card.personalisation.application.dgis;
  const inPlace = base.map(({ dgi, data }) => ({
    dgi,
    data: differing.findLast((other) => other.dgi === dgi)?.data ?? data,
  }));
  const added = differing.filter(({ dgi }) => !base.some((grouping) => grouping.dgi === dgi));
  return [...inPlace, ...added].map(({ dgi, data }) => ({ dgi, data: fromHex(data) }));
}

export interface CardOptions {
  readonly variant?: string;
  readonly interface?: CardInterface;
  readonly random?: RandomSource;
  readonly switches?: Partial<PbocSwitches>;
  readonly changes?: readonly RecordedGrouping[];
}

export function blankCard(options: CardOptions = {}): VirtualCard {
  return new VirtualCard({
    random: options.random ?? seededRandom('card'),
    personalisationKey: PERSONALISATION_KEY,
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });
}

export function personalisedCard(options: CardOptions = {}): VirtualCard {
  const card = blankCard(options);
  const list = (dgis: readonly RecordedGrouping[]) => dgis.map(({ dgi, data }) => ({ dgi, data: fromHex(data) }));
  personalise(card, AID_PPSE, list(transcripts.card.personalisation.ppse.dgis));
  personalise(card, AID_PSE, list(transcripts.card.personalisation.pse.dgis));
  personalise(card, AID_PBOC_DEBIT, groupingsOf(options.variant ?? 'base', options.changes), PERSONALISATION_KEY);
  card.reset(options.interface ?? 'contactless');
  return card;
}

export { PERSONALISATION_KEY };
