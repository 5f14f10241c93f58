/**
 * Rehearsal: the recorded rides of the platform priced under the version in force and under a new one. Runs beside other
 * work, keeps its result with the version, and is begun again by hand when the platform was stopped meanwhile.
 */
import { PolycardError } from '@polycard/bytes';
import type { Fare } from '@polycard/fares';
import { splitByWeights } from '@polycard/ledger';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Region } from '../../region.ts';
import { recomputeFare } from '../clearing/fare-check.ts';
import { revenueShares } from '../clearing/postings.ts';
import { loadNames } from '../names.ts';
import type { SignedIn } from '../session/service.ts';
import type { Rehearsal } from './api.ts';
import { regionUnder } from './content.ts';
import { type RecordedRide, type RidesAsked, recordedRides, rideFactsOf } from './recorded-rides.ts';
import { RehearsalTally } from './rehearsal-tally.ts';
import { changeVersion, parsedContent, readVersion } from './store.ts';
import { inForce } from './versions.ts';

/** Rehearsals of this process, by version. */
const running = new WeakMap<PlatformContext, Map<string, { read: number; done: Promise<void> }>>();

function runningIn(context: PlatformContext): Map<string, { read: number; done: Promise<void> }> {
  let mine = running.get(context);
  if (mine === undefined) {
    mine = new Map();
    running.set(context, mine);
  }
  return mine;
}

/** Begins a rehearsal of a checked version; what came of it is in the version. */
export async function beginRehearsal(
  context: PlatformContext,
  version: string,
  asked: RidesAsked,
  account: SignedIn,
): Promise<void> {
  const mine = runningIn(context);
  if (mine.has(version)) return;
  const row = await readVersion(context, version);
  const base = await inForce(context);
  const before = context.parameters.regionOf(base.version)!;
  const after = regionUnder(context.region, parsedContent(row), version);
  const begun: Rehearsal = {
    ...{ state: 'running', digest: row.digest, against: base.version, read: 0 },
    startedAt: context.now().toISOString(),
  };
  const act = { version, who: account.name, what: 'parameters.rehearsal-begun', from: ['checked'] as const };
  await changeVersion(context, act, () => ({ rehearsal: JSON.stringify(begun) }));
  const progress = { read: 0, done: Promise.resolve() };
  mine.set(version, progress);
  const keep = (rehearsal: Rehearsal): Promise<void> =>
    changeVersion(
      context,
      { version, who: 'platform', what: `parameters.rehearsal-${rehearsal.state}`, detail: { rides: rehearsal.read } },
      // it was edited meanwhile: this result is of another content
      (now) => (now.digest === row.digest ? { rehearsal: JSON.stringify(rehearsal) } : {}),
    );
  progress.done = rehearse(context, { before, after }, asked, progress)
    .then((result) =>
      keep({ ...begun, state: 'done', read: progress.read, endedAt: context.now().toISOString(), result }),
    )
    .catch(async (error: unknown) => {
      context.log.error({ err: error, version }, 'rehearsal failed');
      const reason = error instanceof PolycardError ? error.message : 'see the log';
      await keep({ ...begun, state: 'failed', read: progress.read, problem: reason }).catch(() => undefined);
    })
    .finally(() => mine.delete(version));
}

/** Before the store closes: what runs ends first. */
export async function endRehearsals(context: PlatformContext): Promise<void> {
  await Promise.all([...runningIn(context).values()].map(({ done }) => done));
}

/** As stored, with how far it is; one that nobody runs any more was interrupted. */
export function rehearsalNow(context: PlatformContext, version: string, kept: Rehearsal | null): Rehearsal | undefined {
  if (kept === null) return undefined;
  if (kept.state !== 'running') return kept;
  const progress = runningIn(context).get(version);
  return progress === undefined ? { ...kept, state: 'interrupted' } : { ...kept, read: progress.read };
}

/** A proposal needs the rehearsal of exactly its content. */
export function requireRehearsed(rehearsal: Rehearsal | undefined, digest: string): void {
  if (rehearsal?.state === 'done' && rehearsal.digest === digest) return;
  const state = rehearsal === undefined ? 'was not rehearsed' : `its rehearsal is ${rehearsal.state}`;
  throw problem('POLYCARD_PARAMETERS_STATE', `${state}: rehearse it before it is proposed`, 'rehearsal');
}

async function rehearse(
  context: PlatformContext,
  { before, after }: { readonly before: Region; readonly after: Region },
  asked: RidesAsked,
  progress: { read: number },
) {
  const names = await loadNames(context);
  const tally = new RehearsalTally({ cardClass: (id) => names.cardClass(id), operator: (id) => names.party(id).name });
  const totals = new NewTotals();
  for await (const rides of recordedRides(context, asked)) {
    for (const ride of rides) tally.add(rehearsedRide(context.region, ride, before, after, totals));
    progress.read += rides.length;
    // terminals and people are served between two pages
    await new Promise((resolve) => setImmediate(resolve));
  }
  return tally.result();
}

function rehearsedRide(
  region: Region,
  ride: RecordedRide,
  before: Region,
  after: Region,
  totals: NewTotals,
): Parameters<RehearsalTally['add']>[0] {
  const facts = rideFactsOf(ride);
  let reason: string | undefined;
  const priced = (under: Region, shift: { readonly dayFen: number; readonly monthFen: number }): Fare | undefined => {
    try {
      return recomputeFare(under, facts, shift);
    } catch (error) {
      if (!(error instanceof PolycardError)) throw error;
      reason = error.message;
      return undefined;
    }
  };
  const fareBefore = priced(before, NO_SHIFT);
  const fareAfter = priced(after, totals.shiftFor(ride));
  if (fareAfter !== undefined) totals.add(ride, fareAfter.chargeFen - ride.charged_fen);
  return {
    ...{ tapId: ride.id, at: ride.at, cardToken: ride.card_token, cardClass: ride.card_class },
    ...{ operatorId: ride.operator_id, chargedFen: ride.charged_fen, before: fareBefore, after: fareAfter },
    isCapped: fareAfter?.steps.some(({ rule }) => rule === capOf(after, ride)) ?? false,
    line:
      ride.kind !== 'exit' ? (ride.industry_data.route ?? '–') : ((fareAfter ?? fareBefore)?.legs?.[0]?.line ?? '–'),
    ...(reason === undefined ? {} : { problem: reason }),
    revenueBefore: revenueOf(region, ride, fareBefore),
    revenueAfter: revenueOf(region, ride, fareAfter),
  };
}

const modeOf = (kind: RecordedRide['kind']): 'metro' | 'bus' => (kind === 'exit' ? 'metro' : 'bus');

const capOf = (region: Region, { kind }: RecordedRide): string | undefined =>
  region.tariffs.get(modeOf(kind))?.tariff.caps?.id;

function revenueOf(region: Region, ride: RecordedRide, fare: Fare | undefined): Map<string, number> {
  if (fare === undefined) return new Map();
  const shares = revenueShares(region, ride, fare);
  const parts = splitByWeights(
    fare.chargeFen,
    shares.map(({ weight }) => weight),
  );
  return new Map(shares.map(({ operatorId }, index) => [operatorId, parts[index]!]));
}

const NO_SHIFT = { dayFen: 0, monthFen: 0 };

/** Under new fares a card's totals of the day and month would be others: what a cap or a cumulation sees is shifted. */
class NewTotals {
  readonly #sums = new Map<string, number>();

  shiftFor(ride: RecordedRide): { readonly dayFen: number; readonly monthFen: number } {
    const [day, month] = keysOf(ride);
    return { dayFen: this.#sums.get(day) ?? 0, monthFen: this.#sums.get(month) ?? 0 };
  }

  add(ride: RecordedRide, differenceFen: number): void {
    if (differenceFen === 0) return;
    for (const key of keysOf(ride)) this.#sums.set(key, (this.#sums.get(key) ?? 0) + differenceFen);
  }
}

const keysOf = ({ card_token, kind, at }: RecordedRide): [day: string, month: string] => [
  `${card_token}|${modeOf(kind)}|${at.slice(0, 10)}`,
  `${card_token}|${modeOf(kind)}|${at.slice(0, 7)}`,
];
