/**
 * What is shared with a terminal maker that takes part in no key agreement of ours: their zone key comes in as a key
 * block, terminal master keys go out as key blocks under it (X9.143, TR-31).
 */
import { PolycardError, toHex } from '@polycard/bytes';
import { constantTimeEqual, encodeKeyBlock, openKeyBlock, type RandomSource } from '@polycard/crypto';
import type { KeyEngine, KeyRecord } from '../engine.ts';
import { keyCheckValue } from '../key-components.ts';
import { keyName } from '../key-model.ts';
import type { KeyRegister } from '../key-register.ts';
import type { TakenZoneKey } from '../vault.ts';

/** Blocks tell no double-length key from a triple one. */
const MASKED_KEY_BYTES = 24;
const ALGORITHM = { T: '3DES', A: 'AES' } as const;
/** Bytes a zone key may have: 3DES of two or three keys, AES. */
const KEY_BYTES = { '3DES': [16, 24], AES: [16, 24, 32] } as const;

export class TerminalMakerKeys {
  readonly #engine: KeyEngine;
  readonly #keys: KeyRegister;
  readonly #random: RandomSource;

  constructor(engine: KeyEngine, keys: KeyRegister, random: RandomSource) {
    this.#engine = engine;
    this.#keys = keys;
    this.#random = random;
  }

  /**
   * Takes a maker's zone key in from a block (usage K0, algorithm T or A) under another zone's key. A key that is here
   * already as a zone key names that zone; one that serves another purpose is refused.
   */
  takeZoneKey(zoneId: string, underZone: KeyRecord, block: string): TakenZoneKey {
    const protection = this.#engine.expose(underZone);
    let opened: ReturnType<typeof openKeyBlock>;
    try {
      opened = openKeyBlock(protection, block);
    } finally {
      protection.fill(0);
    }
    const { header, key: clear } = opened;
    try {
      const algorithm = ALGORITHM[header.algorithm as keyof typeof ALGORITHM];
      if (header.usage !== 'K0' || algorithm === undefined) {
        throw refused('usage', `a ${header.algorithm} key for ${header.usage} is no zone key`, 'K0 of T or A');
      }
      const lengths: readonly number[] = KEY_BYTES[algorithm];
      if (!lengths.includes(clear.length)) {
        throw refused('length', `a zone key of ${clear.length} bytes`, `${lengths.join(', ')} bytes of ${algorithm}`);
      }
      const known = this.#sameZoneKey(algorithm, clear);
      const info =
        known ??
        this.#keys.changeState(
          keyName(
            this.#keys.importClear(
              { label: `zone:${zoneId}`, usage: 'zone', algorithm, owner: zoneId, carries: ['terminals'] },
              clear,
              'key-block',
            ),
          ),
          'active',
        );
      return { zoneId: info.label.slice('zone:'.length), algorithm, checkValue: info.checkValue };
    } finally {
      clear.fill(0);
    }
  }

  /** The master key for a maker's terminal: K0, to unwrap only; version B under 3DES, D under AES. */
  masterKeyBlock(zone: KeyRecord, masterKey: Uint8Array): string {
    const protection = this.#engine.expose(zone);
    const header = {
      ...{ version: zone.algorithm === 'AES' ? ('D' as const) : ('B' as const), usage: 'K0', algorithm: 'T' },
      ...{ modeOfUse: 'D', keyVersion: '00', exportability: 'N', keyContext: '0', optionalBlocks: [] },
    };
    try {
      return encodeKeyBlock(protection, header, masterKey, { random: this.#random, maskedKeyBytes: MASKED_KEY_BYTES });
    } finally {
      protection.fill(0);
    }
  }

  #sameZoneKey(algorithm: '3DES' | 'AES', clear: Uint8Array): KeyRecord | undefined {
    const check = toHex(keyCheckValue(algorithm, clear, 3));
    return this.#engine.records().find((record) => {
      if (record.usage !== 'zone' || record.algorithm !== algorithm || record.checkValue !== check) return false;
      if (record.state !== 'active') return false;
      const held = this.#engine.expose(record);
      const same = held.length === clear.length && constantTimeEqual(held, clear);
      held.fill(0);
      return same;
    });
  }
}

function refused(where: string, what: string, expected: string): PolycardError {
  return new PolycardError('POLYCARD_VAULT_IMPORT', `zone key: ${what}`, { where, expected });
}
