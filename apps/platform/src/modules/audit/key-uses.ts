/**
 * The custody of the platform's vault: every use and refusal of a key becomes an entry before its result is used. Uses
 * at the same moment share one transaction; uses inside a transaction are written with it. Counted ones (a column
 * sealed, a token made) happen inside a span whose opening is an entry before the first of them; every few seconds their
 * sums are written with the entry that closes the span and opens the next. While entries cannot be written, no key is
 * used; a span that was never closed tells that the platform ended without saying how often.
 */
import type { AuditAct } from '@polycard/audit';
import { PolycardError } from '@polycard/bytes';
import type { Custody, KeyRight, KeyUse } from '@polycard/vault';
import type { Transaction } from 'kysely';
import type { Database } from '../../store/database.ts';
import type { Tables } from '../../store/tables.ts';
import { actAs, acting } from './acting.ts';
import { audit } from './service.ts';

const COUNTED_EVERY_MS = 5000;
/** In words of the custody rules. */
const COUNTED_USES = 'seal, open, token, open-mac-key, sign-certificates';

interface Waiting {
  readonly acts: readonly UseAct[];
  readonly done: () => void;
  readonly failed: (cause: unknown) => void;
}

export class KeyUses implements Custody {
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #waiting: Waiting[] = [];
  #counted = new Map<string, { who: string; use: KeyUse; count: number }>();
  #writing: Promise<void> | undefined;
  #failure: unknown;
  /** Number of the span that is open; none is before `open`. */
  #span = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
    this.#timer = setInterval(() => void this.#flush().catch(() => undefined), COUNTED_EVERY_MS);
    this.#timer.unref();
  }

  /** Opens the first span of counted uses. */
  async open(): Promise<void> {
    await this.#database
      .transaction()
      .execute((transaction) => audit(transaction, this.#now(), spanEntry({ opened: this.#span + 1 })));
    this.#span += 1;
  }

  rights(): ReadonlySet<KeyRight> | undefined {
    return acting().rights;
  }

  record(uses: readonly KeyUse[], refused?: string): Promise<void> {
    const { uses: inTransaction } = acting();
    if (inTransaction !== undefined) {
      inTransaction.push(...uses.map((use) => ({ use, refused })));
      return Promise.resolve();
    }
    return this.#write(uses.map((use) => actOf(use, refused)));
  }

  count(uses: readonly KeyUse[]): void {
    if (this.#span === 0 || this.#failure !== undefined) throw unavailable(this.#failure);
    const { who } = acting();
    for (const use of uses) {
      const key = `${who}\n${use.label}\n${use.use}`;
      const counted = this.#counted.get(key);
      if (counted === undefined) this.#counted.set(key, { who, use, count: use.count });
      else counted.count += use.count;
    }
  }

  /** Work of the platform inside a person's act, e.g. opening the account number a key is dispersed by. */
  asPlatform<T>(work: () => T): T {
    return actAs({ ...acting(), rights: undefined }, work);
  }

  /** A transaction whose key uses are entries of it; a refusal is kept even though the rest is rolled back. */
  async transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
    const current = { ...acting(), uses: [] as NonNullable<ReturnType<typeof acting>['uses']> };
    try {
      return await actAs(current, () =>
        this.#database.transaction().execute(async (transaction) => {
          const result = await work(transaction);
          await audit(transaction, this.#now(), ...current.uses.map(({ use, refused }) => actOf(use, refused)));
          return result;
        }),
      );
    } catch (error) {
      const refusals = current.uses.filter(({ refused }) => refused !== undefined);
      await this.#write(refusals.map(({ use, refused }) => actOf(use, refused)));
      throw error;
    }
  }

  /** Writes what was counted so far and stops. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.#flush();
    if (this.#span === 0 || this.#failure !== undefined) return;
    const closed = this.#span;
    this.#span = 0;
    await this.#database.transaction().execute((transaction) => audit(transaction, this.#now(), spanEntry({ closed })));
  }

  #write(acts: readonly UseAct[]): Promise<void> {
    if (acts.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      this.#waiting.push({ acts, done, failed });
      void this.#flush().catch(() => undefined);
    });
  }

  async #flush(): Promise<void> {
    if (this.#writing !== undefined) return this.#writing;
    this.#writing = actAs({ who: 'platform' }, () => this.#drain()).finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0) void this.#flush();
    });
    return this.#writing;
  }

  async #drain(): Promise<void> {
    do {
      const batch = this.#waiting.splice(0);
      const counted = this.#counted;
      this.#counted = new Map();
      const summed = [...counted.values()].map(({ who, use, count }) => ({ ...actOf({ ...use, count }), who }));
      const acts: AuditAct[] = merged([...batch.flatMap(({ acts: entries }) => entries), ...summed]);
      if (acts.length === 0) return;
      if (summed.length > 0) acts.push(spanEntry({ closed: this.#span, opened: this.#span + 1 }));
      try {
        await this.#database.transaction().execute((transaction) => audit(transaction, this.#now(), ...acts));
        this.#failure = undefined;
        if (summed.length > 0) this.#span += 1;
        for (const { done } of batch) done();
      } catch (cause) {
        this.#failure = cause;
        for (const [key, { who, use, count }] of counted) {
          const since = this.#counted.get(key)?.count ?? 0;
          this.#counted.set(key, { who, use, count: count + since });
        }
        for (const { failed } of batch) failed(unavailable(cause));
        return;
      }
    } while (this.#waiting.length > 0);
  }
}

/** Counted uses happen between the entry that opens a span and the one that closes it. */
const spanEntry = (span: { readonly closed?: number; readonly opened?: number }): AuditAct => ({
  ...{ who: 'platform', what: 'key.counted-span', subject: 'platform', detail: { ...span, uses: COUNTED_USES } },
});

interface UseDetail {
  readonly use: string;
  readonly count: number;
  readonly failed?: number | undefined;
  readonly code?: string | undefined;
}
type UseAct = AuditAct & { readonly detail: UseDetail & Record<string, unknown> };

/** The same use by the same person at the same moment is one entry with its count. */
function merged(acts: readonly UseAct[]): UseAct[] {
  const sums = new Map<string, UseAct>();
  for (const act of acts) {
    const { use, code, count, failed } = act.detail;
    const key = JSON.stringify([act.who, act.subject, use, code, act.why, act.approvedBy]);
    const sum = sums.get(key);
    const detail = { ...act.detail, count: count + (sum?.detail.count ?? 0) };
    if (failed !== undefined) detail.failed = failed + (sum?.detail.failed ?? 0);
    sums.set(key, { ...act, detail });
  }
  return [...sums.values()];
}

function actOf(use: KeyUse, refused?: string): UseAct {
  const { who, why, approvedBy } = acting();
  return {
    who,
    what: refused === undefined ? 'key.used' : 'key.refused',
    subject: use.label,
    why,
    approvedBy,
    detail: { use: use.use, count: use.count, failed: use.failed, code: refused },
  };
}

const unavailable = (cause: unknown): PolycardError =>
  new PolycardError('POLYCARD_AUDIT_UNAVAILABLE', 'the audit entry could not be written, so the key was not used', {
    expected: 'a store that can be written',
    cause,
  });
