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
import { type RecordedGrouping, Recording, type Scenario } from './recording.ts';
import transcripts from './vectors/pboc-transcripts.json' with { type: 'json' };

export type { RecordedCheck, Scenario, Step } from './recording.ts';

export const PERSONALISATION_KEY = fromHex('404142434445464748494A4B4C4D4E4F');
export const recording = new Recording(transcripts);
export const scenarios: readonly Scenario[] = recording.scenarios;
export const recordedKeys = transcripts.card.keys;
export const recordedCapk = transcripts.card.capk.k1024;
export const recordedPan = recording.pan;

export function groupingsOf(variant: string, changes: readonly RecordedGrouping[] = []): DataGrouping[] {
  return recording.groupingsOf(variant, changes);
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
  personalise(card, AID_PPSE, recording.ppse);
  personalise(card, AID_PSE, recording.pse);
  personalise(card, AID_PBOC_DEBIT, groupingsOf(options.variant ?? 'base', options.changes), PERSONALISATION_KEY);
  card.reset(options.interface ?? 'contactless');
  return card;
}
