/**
 * A virtual PSAM: holds management keys dispersed down to where the card comes in, and makes the MAC of record updates.
 * It has no other use. Keys of a city are dispersed once and kept for the cards that follow.
 */
import { PolycardError, Secret, toHex } from '@polycard/bytes';
import { checkValue, disperseAlong } from '@polycard/crypto';
import { computeUpdateMac } from '@polycard/emv';
import type { PsamCard, PsamKey } from './configuration.ts';

const KEPT_KEYS_MAX = 64;

/** What makes the MAC of record updates: keys in software (`Psam`), or a PSAM card behind a channel (`PsamCardClient`). */
export interface UpdateMacSource {
  /** MAC of UPDATE CAPP DATA CACHE under the card's management key of this label, its newest version unless one is named. */
  updateMac(
    label: string,
    card: PsamCard,
    update: { readonly atc: number; readonly p2: number; readonly record: Uint8Array },
    version?: number,
  ): Uint8Array;
  /** Versions held of a key, newest first; one that nobody numbered where this is left out. */
  versions?(label: string): readonly number[];
}

const FIRST_VERSION = 1;

export class Psam implements UpdateMacSource {
  /** By label, newest version first. */
  readonly #keys = new Map<
    string,
    { readonly version: number; readonly definition: PsamKey; readonly secret: Secret }[]
  >();
  readonly #intermediate = new Map<string, Uint8Array>();

  constructor(keys: readonly PsamKey[]) {
    this.load(keys);
  }

  /** Puts keys in; a version it has already is kept. */
  load(keys: readonly PsamKey[]): void {
    for (const definition of keys) {
      const secret = new Secret(definition.key, toHex(checkValue(definition.algorithm, definition.key)));
      const held = this.#keys.get(definition.label) ?? [];
      if (held.some(({ version }) => version === (definition.version ?? FIRST_VERSION))) continue;
      held.push({ version: definition.version ?? FIRST_VERSION, definition, secret });
      this.#keys.set(
        definition.label,
        held.sort((a, b) => b.version - a.version),
      );
    }
  }

  versions(label: string): readonly number[] {
    return (this.#keys.get(label) ?? []).map(({ version }) => version);
  }

  /** PBOC 3.0 Part 14, as publicly described. */
  updateMac(
    label: string,
    card: PsamCard,
    update: { readonly atc: number; readonly p2: number; readonly record: Uint8Array },
    version?: number,
  ): Uint8Array {
    const held = this.#keys.get(label);
    const entry = version === undefined ? held?.[0] : held?.find((candidate) => candidate.version === version);
    if (entry === undefined) {
      const name = version === undefined ? label : `${label}#${version}`;
      throw new PolycardError('POLYCARD_TERMINAL_PSAM_KEY', `the PSAM holds no key ${name}`, {
        where: name,
        expected: 'a PSAM issued for this application',
      });
    }
    const { definition, secret } = entry;
    const factors = definition.cardFactors(card);
    const path = `${label}#${entry.version}|${factors.slice(0, -1).map(toHex).join('|')}`;
    let parent = this.#intermediate.get(path);
    if (parent === undefined) {
      parent = disperseAlong(definition.algorithm, secret.expose(), factors.slice(0, -1));
      if (this.#intermediate.size >= KEPT_KEYS_MAX) this.#intermediate.clear();
      this.#intermediate.set(path, parent);
    }
    const recordKey = disperseAlong(definition.algorithm, parent, factors.slice(-1));
    const algorithm = definition.macAlgorithm ?? definition.algorithm;
    return computeUpdateMac({ recordKey, algorithm, ...update });
  }
}
