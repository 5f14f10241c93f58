/** What every conformance case has, whatever it is played against, and what a run says of it. */

export type CaseClass = 'function' | 'performance' | 'security' | 'robustness';
export const CASE_CLASSES: readonly CaseClass[] = ['function', 'performance', 'security', 'robustness'];
export type Kind = 'host' | 'terminal' | 'card';

/**
 * `inconclusive`: what had to be there first was not (a sign-in failed, the line did not open), so the case says nothing.
 */
export type Verdict = 'pass' | 'fail' | 'not-applicable' | 'inconclusive';

export interface CaseHead {
  readonly id: string;
  readonly class: CaseClass;
  readonly title: { readonly en: string; readonly zh: string };
  /** Where what is expected is written. */
  readonly clause: string;
}

/** One thing that was looked at. No secrets, no whole account number. */
export interface Evidence {
  /** Number of the step in the case, from 1. */
  readonly step: number;
  readonly what: string;
  readonly sent?: string;
  readonly received?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly holds: boolean;
}

export interface CaseResult {
  readonly id: string;
  readonly class: CaseClass;
  readonly title: string;
  readonly titleZh: string;
  readonly verdict: Verdict;
  /** In one sentence, unless it passed. */
  readonly reason?: string;
  readonly evidence: readonly Evidence[];
  readonly clause: string;
  readonly tookMs: number;
}

/** A deliberately broken counterpart: what it does wrong and which cases must notice. */
export interface BrokenVariant {
  readonly name: string;
  readonly kind: Kind;
  readonly breaks: { readonly en: string; readonly zh: string };
  /** Cases that must fail; others may. */
  readonly fails: readonly string[];
}

/** Ends a case with a verdict; thrown where it is found. */
export class CaseEnd extends Error {
  readonly verdict: Exclude<Verdict, 'pass'>;

  constructor(verdict: Exclude<Verdict, 'pass'>, reason: string) {
    super(reason);
    this.verdict = verdict;
  }
}

/** Collects what a case looked at; the first thing that does not hold ends it. */
export class Witness {
  readonly evidence: Evidence[] = [];
  step = 0;
  /** While what is needed first is made, a failure says nothing about the case. */
  isPreparing = false;

  note(evidence: Omit<Evidence, 'step' | 'holds'>): void {
    this.evidence.push({ step: this.step, ...evidence, holds: true });
  }

  check(evidence: Omit<Evidence, 'step'>): void {
    this.evidence.push({ step: this.step, ...evidence });
    if (evidence.holds) return;
    const { what, expected, found } = evidence;
    const reason = `${what}: expected ${expected ?? 'otherwise'}, found ${found ?? 'nothing'}`;
    throw new CaseEnd(this.isPreparing ? 'inconclusive' : 'fail', reason);
  }
}

/** Plays one case; whatever it throws becomes its verdict. */
export async function played(
  head: CaseHead,
  play: (witness: Witness) => Promise<void> | void,
  nowMs: () => number,
): Promise<CaseResult> {
  const witness = new Witness();
  const startedMs = nowMs();
  const result = (verdict: Verdict, reason?: string): CaseResult => ({
    ...{ id: head.id, class: head.class, title: head.title.en, titleZh: head.title.zh, verdict },
    ...(reason === undefined ? {} : { reason }),
    ...{ evidence: witness.evidence, clause: head.clause, tookMs: Math.round(nowMs() - startedMs) },
  });
  try {
    await play(witness);
    return result('pass');
  } catch (error) {
    if (error instanceof CaseEnd) return result(error.verdict, error.message);
    const reason = error instanceof Error ? error.message : String(error);
    witness.evidence.push({ step: witness.step, what: 'the step could not be played', found: reason, holds: false });
    return result('inconclusive', reason);
  }
}
