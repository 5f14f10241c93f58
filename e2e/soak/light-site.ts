/** A site of light terminals and cards at a running platform, and the real taps that theirs are made in the likeness of. */
import { fromHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { decryptBlocks, type RandomSource, seededRandom } from '@polycard/crypto';
import { Bureau, type PlannedCard } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform';
import type { TapData } from '@polycard/terminal';
import { BUS, ENTRY_GATE, EXIT_GATE, GUANGDONG, type JoinedSite } from '../small-site.ts';
import { type LightCard, lightCardOf } from './light-card.ts';
import { LightTerminal, type SoakWorld } from './light-terminal.ts';

const TERMINALS_PER_REQUEST = 500;
const AT = '20180901';
const PRODUCT = 'ordinary-lingnan';
const BASE_FARES_FEN = [100, 200, 250, 300, 450, 600];
/** Real cards that `recordTaps` needs. */
export const RECORDED_CARDS = BASE_FARES_FEN.length + 1;

/** A real tap, as one of these terminals makes it. */
export interface Likeness {
  readonly mode: 'entry' | 'exit' | 'bus';
  readonly tap: TapData;
}

/** Real taps at real terminals of the site: one entry, one exit, and a boarding for each base fare. */
export function recordTaps({ terminals, cards }: JoinedSite): readonly Likeness[] {
  const tap = (
    terminal: number,
    card: VirtualCard,
    request: Parameters<NonNullable<(typeof terminals)[0]['terminal']>['tap']>[1],
  ) => {
    const outcome = terminals[terminal]!.terminal!.tap(card, request);
    if (outcome.result !== 'accepted') throw new Error(`the recorded tap was ${outcome.result}`);
    return outcome.entry;
  };
  const card = (index: number): VirtualCard =>
    VirtualCard.restore(cards[index]!.snapshot, { random: seededRandom(`card:${index}`) });
  const rider = card(0);
  return [
    { mode: 'entry', tap: tap(ENTRY_GATE, rider, { kind: 'entry', at: `${AT}080000` }) },
    { mode: 'exit', tap: tap(EXIT_GATE, rider, { kind: 'exit', at: `${AT}083000` }) },
    ...BASE_FARES_FEN.map((declaredBaseFen, index) => ({
      mode: 'bus' as const,
      tap: tap(BUS, card(index + 1), {
        kind: 'boarding',
        at: `${AT}09${String(index).padStart(2, '0')}00`,
        declaredBaseFen,
      }),
    })),
  ];
}

/** Cards the platform issues, of which their numbers and keys are kept. */
export async function issueLightCards(
  { bureau: office, cardZone }: JoinedSite,
  count: number,
  random: RandomSource,
): Promise<LightCard[]> {
  const planned: PlannedCard[] = Array.from({ length: count }, () => ({
    product: PRODUCT,
    homeCity: '5840',
    classes: {},
  }));
  const bureau = new Bureau(office, cardZone, random, readBlueprint(GUANGDONG).cards.profile.cardRsaBits);
  return (await bureau.prepare(planned)).map((card) => lightCardOf(card, cardZone.key));
}

const DEVICES = [
  { profile: 'metro-gate', operatorId: 'shenzhen-metro', placeCode: '0101' },
  { profile: 'metro-gate', operatorId: 'shenzhen-metro', placeCode: '0115' },
  { profile: 'bus-validator', operatorId: 'shenzhen-bus', route: '101' },
  { profile: 'bus-validator', operatorId: 'shenzhen-bus', route: '101' },
] as const;
const MODES = ['entry', 'exit', 'bus', 'bus'] as const;

/** What the terminal of this index taps. */
export function likenessesOf(index: number, likenesses: readonly Likeness[]): readonly TapData[] {
  const mode = MODES[index % MODES.length]!;
  return likenesses.filter((likeness) => likeness.mode === mode).map(({ tap }) => tap);
}

interface EnrolmentAnswer {
  readonly tpdu: string;
  readonly header: string;
  readonly terminals: readonly { terminalNo: string; merchantNo: string; batchNo: number; masterKey: string }[];
}

export async function enrolLightTerminals(
  { api, zone }: JoinedSite,
  count: number,
  seed: string,
  world: SoakWorld,
): Promise<LightTerminal[]> {
  const terminals: LightTerminal[] = [];
  for (let from = 0; from < count; from += TERMINALS_PER_REQUEST) {
    const devices = Array.from({ length: Math.min(TERMINALS_PER_REQUEST, count - from) }, (_, offset) => ({
      deviceNo: `5${String(from + offset).padStart(8, '0')}`,
      ...DEVICES[(from + offset) % DEVICES.length]!,
    }));
    const answer = await api.post<EnrolmentAnswer>('/api/enrolment/terminals', {
      zoneId: zone.zoneId,
      terminals: devices,
    });
    for (const { terminalNo, merchantNo, batchNo, masterKey } of answer.terminals) {
      const link = {
        ...{ terminalNo, merchantNo, tpdu: fromHex(answer.tpdu), header: fromHex(answer.header) },
        masterKey: decryptBlocks('des-ede-ecb', zone.key, fromHex(masterKey)),
      };
      terminals.push(new LightTerminal(link, batchNo, world, seededRandom(`${seed}:${terminalNo}`)));
    }
  }
  return terminals;
}
