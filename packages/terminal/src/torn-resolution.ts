/**
 * How the platform learns what became of a torn tap that its terminal gave up (unresolved): from a later upload that
 * proves it, from what a later visit of the card states, or from the card's own later taps, whose balances and records
 * follow from it. Pure: the taps of one card in, a verdict out.
 */
import type { ClosedRide, TapKind, TornOutcome, TornResolution } from './industry-data.ts';
import { resolveFreeAlighting, resolveTornBoarding } from './torn-boarding.ts';

/** What clearing knows of one tap of the card. */
export interface TapEvidence {
  readonly atc: number;
  /** Hexadecimal. */
  readonly cryptogram: string;
  readonly kind: TapKind;
  readonly terminalNo: string;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly placeCode: string;
  readonly chargedFen: number;
  /** 9F5D after the tap, where the card said it. */
  readonly availableFen?: number;
  readonly entryPlaceCode?: string;
  readonly entryTime?: string;
  readonly tornOutcome: TornOutcome;
  /** Of a boarding by section. */
  readonly markedFen?: number;
  /** A ride by section before it that this tap settled. */
  readonly closedRide?: Pick<ClosedRide, 'at' | 'boardingStop' | 'settlement' | 'fareFen'>;
  readonly resolves?: readonly Pick<TornResolution, 'atc' | 'outcome'>[];
}

/** A load of the card, by the counter of its transaction. */
export interface LoadEvidence {
  readonly atc: number;
  readonly amountFen: number;
  /** Whether the card has told that it took it. */
  readonly isCertain: boolean;
}

export type TornVerdict =
  /** It paid. `twin`: the same transaction was uploaded again with its proof, and that upload is the tap. */
  | { readonly outcome: 'committed'; readonly by: 'twin' | 'proof' | 'balance' | 'record' }
  | { readonly outcome: 'not-committed'; readonly by: 'proof' | 'balance' | 'record' }
  /** Free of charge, and the card began anew afterwards: written or not, it counts for nothing. */
  | { readonly outcome: 'superseded'; readonly by: 'record' }
  /** It paid for a ride that never began: the card boarded elsewhere right after. The fare goes back. */
  | { readonly outcome: 'refund-due'; readonly by: 'balance' | 'proof' }
  /** Nobody was let on by it, and another tap charged it as a ride without tap-off: that much goes back. */
  | { readonly outcome: 'refund-due'; readonly by: 'record'; readonly refundFen: number };

/** A boarding elsewhere within this time says that the rider was not let in by the torn one. */
export const BOARDED_ELSEWHERE_SECONDS = 600;

/** Undefined while nothing tells. */
export function resolveTornTap(
  torn: TapEvidence,
  taps: readonly TapEvidence[],
  loads: readonly LoadEvidence[] = [],
): TornVerdict | undefined {
  const known = taps.filter((tap) => tap.tornOutcome !== 'unresolved');
  const twin = known.find(({ atc, cryptogram }) => atc === torn.atc && cryptogram === torn.cryptogram);
  if (twin !== undefined) return { outcome: 'committed', by: 'twin' };
  const stated = statements(torn, known).find(({ atc }) => atc === torn.atc);
  const later = known.filter(({ atc }) => atc > torn.atc).toSorted((a, b) => a.atc - b.atc);
  const next = later[0];
  if (torn.markedFen !== undefined) return resolveTornBoarding(torn, later, stated?.outcome, BOARDED_ELSEWHERE_SECONDS);
  if (stated !== undefined)
    return stated.outcome === 'committed' ? paid(torn, next, 'proof') : { outcome: 'not-committed', by: 'proof' };
  if (next === undefined) return undefined;
  if (torn.kind === 'alighting' && torn.chargedFen === 0) return resolveFreeAlighting(torn, later);
  return torn.chargedFen === 0 ? fromRecord(torn, next) : fromBalance(torn, taps, next, loads);
}

/** A plain purchase leaves no proof, so only its own shop, which knows the balance, can say that it did not happen. */
function statements(torn: TapEvidence, known: readonly TapEvidence[]) {
  return known.flatMap(({ terminalNo, resolves = [] }) =>
    torn.kind === 'purchase' && terminalNo !== torn.terminalNo ? [] : resolves,
  );
}

function paid(torn: TapEvidence, next: TapEvidence | undefined, by: 'balance' | 'proof'): TornVerdict {
  const isElsewhere =
    torn.kind === 'boarding' &&
    next?.kind === 'boarding' &&
    next.terminalNo !== torn.terminalNo &&
    secondsBetween(torn.at, next.at) <= BOARDED_ELSEWHERE_SECONDS;
  return isElsewhere ? { outcome: 'refund-due', by } : { outcome: 'committed', by };
}

/** Without money in it: an exit says which entry it belongs to; any other next tap began anew. */
function fromRecord(torn: TapEvidence, next: TapEvidence): TornVerdict {
  const isItsExit = next.kind === 'exit' && next.entryTime === torn.at && next.entryPlaceCode === torn.placeCode;
  return isItsExit ? { outcome: 'committed', by: 'record' } : { outcome: 'superseded', by: 'record' };
}

/**
 * What the card had before its next tap is what it had after the tap before, with what was loaded in between, less the
 * torn fare if that was paid.
 */
function fromBalance(
  torn: TapEvidence,
  taps: readonly TapEvidence[],
  next: TapEvidence,
  loads: readonly LoadEvidence[],
): TornVerdict | undefined {
  const before = taps.filter(({ atc }) => atc < torn.atc).toSorted((a, b) => b.atc - a.atc)[0];
  const isAlone = !taps.some(
    (tap) =>
      tap.tornOutcome === 'unresolved' && tap.atc !== torn.atc && tap.atc < next.atc && tap.atc > (before?.atc ?? 0),
  );
  if (before?.availableFen === undefined || next.availableFen === undefined || !isAlone) return undefined;
  const between = loads.filter(({ atc }) => atc > before.atc && atc < next.atc);
  if (between.some(({ isCertain }) => !isCertain)) return undefined;
  const loadedFen = between.reduce((sum, { amountFen }) => sum + amountFen, 0);
  const gone = before.availableFen + loadedFen - (next.availableFen + next.chargedFen);
  if (gone === torn.chargedFen) return paid(torn, next, 'balance');
  return gone === 0 ? { outcome: 'not-committed', by: 'balance' } : undefined;
}

function secondsBetween(from: string, to: string): number {
  const seconds = (at: string): number =>
    Date.UTC(
      Number(at.slice(0, 4)),
      Number(at.slice(4, 6)) - 1,
      Number(at.slice(6, 8)),
      Number(at.slice(8, 10)),
      Number(at.slice(10, 12)),
      Number(at.slice(12, 14)),
    ) / 1000;
  return seconds(to) - seconds(from);
}
