/**
 * The chain: each entry states the hashes of the one before it, by SHA-256 and by SM3 (GB/T 32905-2016), so that one
 * algorithm may fall without the trail. At the end of each day the head is noted once more in an anchor; anchors are
 * chained among themselves and small enough to be printed or sent away, which is what shows a rewritten trail.
 */
import { toHex } from '@polycard/bytes';
import { sha256, sm3 } from '@polycard/crypto';
import { canonicalText } from './canonical.ts';

export interface ChainHash {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sm3: string;
}

/** Where every chain begins. */
export const CHAIN_START: ChainHash = { sha256: '0'.repeat(64), sm3: '0'.repeat(64) };

/** What was done. Facts never hold a key or a full PAN. */
export interface AuditAct {
  readonly who: string;
  /** In the catalogue's words: `terminals.enrolled`, `day.closed`, `key.used`. */
  readonly what: string;
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly why?: string | undefined;
  /** People who approved it; empty where none is asked for. */
  readonly approvedBy?: readonly string[] | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** One link: the exact text and its two hashes. */
export interface ChainedText extends ChainHash {
  readonly text: string;
}

export interface ChainHead extends ChainHash {
  /** Number of the last entry; 0 before the first. */
  readonly sequence: number;
  /** ISO 8601 in UTC with milliseconds; empty before the first. */
  readonly at: string;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, at: '', ...CHAIN_START };

export interface Anchor {
  /** `YYYY-MM-DD` in UTC. */
  readonly day: string;
  readonly first: number;
  readonly last: number;
  /** Hashes of the day's last entry. */
  readonly head: ChainHash;
}

export function hashText(text: string): ChainedText {
  const bytes = new TextEncoder().encode(text);
  return { text, sha256: toHex(sha256(bytes)).toLowerCase(), sm3: toHex(sm3(bytes)).toLowerCase() };
}

/**
 * The next entry after `head`. Its time is `at` or, should the clock have gone back, that of the entry before: an
 * entry never claims to be older than one that precedes it.
 */
export function chainEntry(head: ChainHead, at: Date, act: AuditAct): ChainedText & ChainHead {
  const [time] = [at.toISOString(), head.at].sort().slice(-1) as [string];
  const sequence = head.sequence + 1;
  const text = canonicalText({
    sequence,
    at: time,
    who: act.who,
    what: act.what,
    subject: act.subject,
    before: act.before ?? null,
    after: act.after ?? null,
    why: act.why ?? null,
    approvedBy: act.approvedBy ?? [],
    detail: act.detail ?? {},
    previous: { sha256: head.sha256, sm3: head.sm3 },
  });
  return { ...hashText(text), sequence, at: time };
}

/** The anchor of a finished day; `previous` are the hashes of the anchor before it. */
export function chainAnchor(previous: ChainHash, anchor: Anchor): ChainedText {
  return hashText(canonicalText({ ...anchor, previous: { sha256: previous.sha256, sm3: previous.sm3 } }));
}

export const dayOf = (at: string): string => at.slice(0, 10);
