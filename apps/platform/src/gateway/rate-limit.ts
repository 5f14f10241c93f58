/**
 * Token buckets: each key has one second's messages at hand and gets so many a second. What comes faster is told how long
 * to wait. Keys that are full again are forgotten.
 */
interface Bucket {
  tokens: number;
  atMs: number;
}

const FORGET_ABOVE_KEYS = 20_000;

export class RateLimit {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes a token; milliseconds until it is there, 0 when it was at hand. */
  take(key: string, nowMs: number): number {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      if (this.#buckets.size >= FORGET_ABOVE_KEYS) this.#forget(nowMs);
      bucket = { tokens: this.#perSecond, atMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(this.#perSecond, bucket.tokens + ((nowMs - bucket.atMs) * this.#perSecond) / 1000);
    bucket.atMs = nowMs;
    bucket.tokens--;
    return bucket.tokens >= 0 ? 0 : Math.ceil((-bucket.tokens * 1000) / this.#perSecond);
  }

  #forget(nowMs: number): void {
    for (const [key, { tokens, atMs }] of this.#buckets)
      if (tokens + ((nowMs - atMs) * this.#perSecond) / 1000 >= this.#perSecond) this.#buckets.delete(key);
  }
}
