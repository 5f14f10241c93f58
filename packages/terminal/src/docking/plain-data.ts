/** Plain data with bytes and maps in it as JSON and back, for what a terminal keeps. */
import { fromHex, toHex } from '@polycard/bytes';

const BYTES = '$bytes';
const MAP = '$map';

export function encodePlain(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, held: unknown) {
    // what stands there, not what a toJSON of its own (Buffer has one) makes of it
    const standing = this[key];
    if (standing instanceof Uint8Array) return { [BYTES]: toHex(standing) };
    if (standing instanceof Map) return { [MAP]: [...standing] };
    return held;
  });
}

/** Throws `SyntaxError`, or `POLYCARD_BYTES_HEX` for bytes that are none. */
export function decodePlain<T>(text: string): T {
  return JSON.parse(text, (_key, held: unknown) => {
    if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
    const keys = Object.keys(held);
    if (keys.length !== 1) return held;
    const inside = (held as Record<string, unknown>)[keys[0]!];
    if (keys[0] === BYTES && typeof inside === 'string') return fromHex(inside);
    if (keys[0] === MAP && Array.isArray(inside)) return new Map(inside as [unknown, unknown][]);
    return held;
  }) as T;
}
