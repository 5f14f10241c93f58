/** A run as one object: what was played against what, each case's verdict, the sum. */
import type { CaseResult, Kind, Verdict } from '../case.ts';

export interface Report {
  readonly kind: Kind;
  /** What was tested, in words: an address, a reader, our own. */
  readonly target: string;
  /** The deliberately broken variant that was played against. */
  readonly broken?: string;
  readonly startedAt: string;
  readonly cases: readonly CaseResult[];
  readonly summary: {
    readonly total: number;
    readonly pass: number;
    readonly fail: number;
    readonly notApplicable: number;
    readonly inconclusive: number;
    /** Identifiers of the cases that failed. */
    readonly failed: readonly string[];
  };
  /** `pass` when no case failed and none was inconclusive. */
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
}

export function reportOf(
  head: Pick<Report, 'kind' | 'target' | 'startedAt'> & { readonly broken?: string | undefined },
  cases: readonly CaseResult[],
): Report {
  const count = (verdict: Verdict): number => cases.filter((result) => result.verdict === verdict).length;
  const summary = {
    ...{ total: cases.length, pass: count('pass'), fail: count('fail'), notApplicable: count('not-applicable') },
    ...{ inconclusive: count('inconclusive') },
    failed: cases.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id),
  };
  const { broken, ...rest } = head;
  return {
    ...rest,
    ...(broken === undefined ? {} : { broken }),
    ...{ cases, summary },
    verdict: summary.fail > 0 ? 'fail' : summary.inconclusive > 0 ? 'inconclusive' : 'pass',
  };
}
