/** Retry counters of keys and PIN: a try is counted before the comparison, so a card torn in between has counted it. */
import { SW_6983_AUTHENTICATION_BLOCKED } from '@polycard/bytes';
import type { PersistentMemory } from '../../os/memory.ts';
import type { IndustryContext } from './context.ts';

/** Counts, compares, and gives the full counter back when it was right. */
function counted(
  memory: PersistentMemory,
  counter: { readonly offset: number; readonly full: number },
  isRight: () => boolean,
): { readonly right: boolean; readonly left: number } | undefined {
  const left = memory.u8(counter.offset);
  if (left === 0) return undefined;
  memory.commit([{ offset: counter.offset, bytes: Uint8Array.of(left - 1) }]);
  if (!isRight()) return { right: false, left: left - 1 };
  memory.commit([{ offset: counter.offset, bytes: Uint8Array.of(counter.full) }]);
  return { right: true, left: counter.full };
}

/** A use of a key: undefined when it was right, else `wrong` or 6983 once its tries are used up. */
export function tryKey(
  { memory, image }: IndustryContext,
  reference: number,
  isRight: () => boolean,
  wrong: (left: number) => number,
): number | undefined {
  const slot = image.keys.find((key) => key.reference === reference);
  if (slot === undefined) return wrong(0);
  const result = counted(memory, { offset: slot.offset + 1, full: slot.triesMax }, isRight);
  if (result === undefined) return SW_6983_AUTHENTICATION_BLOCKED;
  return result.right ? undefined : wrong(result.left);
}

/** A try of the PIN: undefined when it was right, else 63Cx or 6983. */
export function tryPin({ memory, image }: IndustryContext, offset: number, isRight: () => boolean): number | undefined {
  const result = counted(memory, { offset, full: image.pin.triesMax }, isRight);
  if (result === undefined || (!result.right && result.left === 0)) return SW_6983_AUTHENTICATION_BLOCKED;
  return result.right ? undefined : 0x63c0 | result.left;
}
