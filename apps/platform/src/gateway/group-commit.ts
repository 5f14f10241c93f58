/**
 * Group commit: what many connections want to store at the same moment becomes durable in one transaction, one round
 * trip for each statement. Everybody gets the answer only after the commit.
 */
export interface GroupCommitLimits {
  /** How long a group waits for others before it is stored, unless it is full. */
  readonly gatherMs: number;
  readonly itemsMax: number;
}

const LIMITS: GroupCommitLimits = { gatherMs: 20, itemsMax: 500 };

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit<Item, Outcome> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly #limits: GroupCommitLimits;
  #waiting: Waiting<Item, Outcome>[] = [];
  #running: Promise<void> | undefined;

  /** `commit` gives one outcome for each item, in order; when it throws, nothing of the group may be stored. */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Outcome[]>,
    limits: Partial<GroupCommitLimits> = {},
  ) {
    this.#commit = commit;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Resolves when the item is durable. */
  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** What has been added is stored. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < this.#limits.itemsMax)
        await new Promise((resolve) => setTimeout(resolve, this.#limits.gatherMs));
      const group = this.#waiting.splice(0, this.#limits.itemsMax);
      try {
        const outcomes = await this.#commit(group.map(({ item }) => item));
        for (const [index, waiting] of group.entries()) waiting.resolve(outcomes[index]!);
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#running = undefined;
  }
}
