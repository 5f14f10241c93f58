/** How old a list may be before a terminal changes what it does. */

/** `warn`: goes on and says so; `refuse-above-floor`: takes no sale above a floor; `refuse-all`: takes no card. */
export type StaleState = 'warn' | 'refuse-above-floor' | 'refuse-all';

export interface FreshnessStep {
  /** Since the host last said that the list is the current one. */
  readonly afterMinutes: number;
  readonly state: StaleState;
  /** Of `refuse-above-floor`. */
  readonly floorFen?: number;
}

export interface Freshness {
  readonly state: 'fresh' | StaleState;
  /** Undefined while the terminal never had a list. */
  readonly ageSeconds: number | undefined;
  /** Of `refuse-above-floor`. */
  readonly floorFen?: number;
}

/**
 * The state of the last step that the age has reached. A terminal that never heard of a list is in the state of the last
 * step: it cannot know how old nothing is.
 */
export function freshnessOf(
  confirmedAtSeconds: number | undefined,
  nowSeconds: number,
  steps: readonly FreshnessStep[],
): Freshness {
  const ageSeconds = confirmedAtSeconds === undefined ? undefined : Math.max(0, nowSeconds - confirmedAtSeconds);
  let reached: FreshnessStep | undefined;
  for (const step of steps) {
    const isReached = ageSeconds === undefined || ageSeconds >= step.afterMinutes * 60;
    if (isReached && (reached === undefined || step.afterMinutes >= reached.afterMinutes)) reached = step;
  }
  if (reached === undefined) return { state: 'fresh', ageSeconds };
  const { state, floorFen } = reached;
  return { state, ageSeconds, ...(state === 'refuse-above-floor' ? { floorFen: floorFen ?? 0 } : {}) };
}
