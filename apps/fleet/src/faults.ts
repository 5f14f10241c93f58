/**
 * Faults planted between terminal and platform, each at a tap that the seed chooses: a changed cryptogram, a tap sent
 * again as another, a number that no tap has, a message changed on its way.
 */
import { type RandomSource, randomInteger } from '@polycard/crypto';
import type { HostLink, Journal, JournalEntry, UploadFaults } from '@polycard/terminal';

export type FaultKind = 'cryptogram' | 'duplicate' | 'gap' | 'mac';

/** Which step of a plan gets which fault. */
export class FaultPlan {
  readonly #kindOfStep = new Map<number, FaultKind>();

  constructor(counts: Partial<Record<FaultKind, number>>, candidates: readonly number[], random: RandomSource) {
    const left = [...candidates];
    for (const kind of ['cryptogram', 'duplicate', 'gap', 'mac'] as const) {
      for (let count = 0; count < (counts[kind] ?? 0) && left.length > 0; count++) {
        const [step] = left.splice(randomInteger(random, left.length), 1);
        this.#kindOfStep.set(step!, kind);
      }
    }
  }

  of(step: number): FaultKind | undefined {
    return this.#kindOfStep.get(step);
  }

  get planned(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const kind of this.#kindOfStep.values()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

/** Disturbs the entries it was told about. */
export class PlantedFaults implements UploadFaults {
  readonly #kinds = new Map<JournalEntry, FaultKind>();

  plant(entry: JournalEntry, kind: FaultKind): void {
    this.#kinds.set(entry, kind);
  }

  disturb(frame: Uint8Array, entry: JournalEntry, link: HostLink): Uint8Array {
    switch (this.#kinds.get(entry)) {
      case 'cryptogram': {
        const clearingData = new Map(entry.clearingData);
        const cryptogram = Uint8Array.from(clearingData.get('9F26')!);
        cryptogram[3]! ^= 0x10;
        clearingData.set('9F26', cryptogram);
        return link.upload({ ...entry, clearingData });
      }
      case 'mac': {
        const changed = Uint8Array.from(frame);
        changed[changed.length - 1]! ^= 0x01;
        return changed;
      }
      default:
        return frame;
    }
  }

  copyOf(entry: JournalEntry, journal: Journal): JournalEntry | undefined {
    if (this.#kinds.get(entry) !== 'duplicate') return undefined;
    return { ...entry, traceNo: journal.nextTrace() };
  }
}
