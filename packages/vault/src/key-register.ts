/**
 * The register of keys over a back end: which versions there are, how they are made and live, and which one serves.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import type { KeyEngine, KeyRecord, NewKeyRecord } from './engine.ts';
import { combineComponents, keyCheckValue, requireStrongKey } from './key-components.ts';
import {
  fixedAttributes,
  type KeyInfo,
  type KeySpecification,
  type KeyState,
  keyName,
  type OperationRule,
  parseKeyName,
  refusal,
  requireTransition,
} from './key-model.ts';
import type { KeyComponent, RotationOptions } from './vault.ts';

export class KeyRegister {
  readonly #engine: KeyEngine;
  readonly #now: () => Date;

  constructor(engine: KeyEngine, now: () => Date) {
    this.#engine = engine;
    this.#now = now;
  }

  ensure(specification: KeySpecification): KeyInfo {
    const existing = this.newest(specification.label, 'active') ?? this.newest(specification.label);
    if (existing === undefined) {
      return publicInfo(this.#engine.generate(this.newRecord(specification, 'active', 'generated')));
    }
    // a version in another algorithm is a migration under way, another usage is a mistake
    if (
      existing.usage !== specification.usage ||
      (existing.version === 1 && existing.algorithm !== specification.algorithm)
    ) {
      throw new PolycardError(
        'POLYCARD_VAULT_CONFLICT',
        `key ${specification.label} exists as ${existing.algorithm} for ${existing.usage}`,
        { where: specification.label, expected: `${specification.algorithm} for ${specification.usage}` },
      );
    }
    return publicInfo(existing);
  }

  generate(specification: KeySpecification): KeyInfo {
    return publicInfo(this.#engine.generate(this.newRecord(specification, 'generated', 'generated')));
  }

  importComponents(
    specification: KeySpecification,
    components: readonly KeyComponent[],
    expectedCheckValue?: string,
  ): KeyInfo {
    const { algorithm } = specification;
    if (algorithm === 'RSA' || algorithm === 'SM2') {
      throw new PolycardError('POLYCARD_VAULT_COMPONENT', `a ${algorithm} key is not entered in components`, {
        where: specification.label,
        expected: '3DES, SM4 or AES',
      });
    }
    const clear = combineComponents(algorithm, components, expectedCheckValue);
    try {
      return this.importClear(specification, clear, 'components');
    } finally {
      clear.fill(0);
    }
  }

  /** Takes a clear key in, for the entrances of this package (components, key blocks); never exported from it. */
  importClear(specification: KeySpecification, clear: Uint8Array, origin: KeyRecord['origin']): KeyInfo {
    this.requireNew(specification, clear);
    return publicInfo(this.#engine.import(this.newRecord(specification, 'generated', origin), clear));
  }

  /** Throws `POLYCARD_VAULT_WEAK_KEY`, or `POLYCARD_VAULT_DUPLICATE_KEY` for a key that is here already. */
  requireNew(specification: KeySpecification, clear: Uint8Array): void {
    const { algorithm } = specification;
    requireStrongKey(algorithm, clear, specification.label);
    const check = toHex(keyCheckValue(algorithm, clear, 3));
    const twin = this.#engine
      .records()
      .find((record) => record.algorithm === algorithm && record.checkValue === check && record.state !== 'destroyed');
    if (twin !== undefined) {
      throw new PolycardError(
        'POLYCARD_VAULT_DUPLICATE_KEY',
        `the key for ${specification.label} is the one of ${keyName(twin)}`,
        { where: specification.label, expected: 'a key that serves one purpose only' },
      );
    }
  }

  changeState(name: string, to: KeyState, options: { readonly overlapEndsAt?: string } = {}): KeyInfo {
    const record = this.named(name);
    requireTransition(record, to);
    const { overlapEndsAt: _ended, ...rest } = record;
    const changed: KeyRecord = {
      ...rest,
      state: to,
      stateSince: this.#now().toISOString(),
      ...(to === 'retired' && options.overlapEndsAt !== undefined ? { overlapEndsAt: options.overlapEndsAt } : {}),
    };
    if (to === 'destroyed') this.#engine.destroy(changed);
    else this.#engine.update(changed);
    return publicInfo(changed);
  }

  rotate(label: string, options: RotationOptions): { next: KeyInfo; previous: KeyInfo } {
    const previous = this.newest(parseKeyName(label).label, 'active');
    if (previous === undefined) {
      throw new PolycardError('POLYCARD_VAULT_STATE', `key ${label} has no active version to rotate`, {
        where: label,
        expected: 'an active version',
      });
    }
    if (!(options.overlapEndsAt > this.#now().toISOString())) {
      throw new PolycardError('POLYCARD_VAULT_OVERLAP', `the overlap of ${label} would end before it begins`, {
        where: label,
        expected: 'an instant to come, ISO 8601',
      });
    }
    const { usage, modes, owner, exportability, bits } = previous;
    const next = this.generate({
      ...{ label: previous.label, usage, modes, owner, exportability, bits },
      algorithm: options.algorithm ?? previous.algorithm,
      ...(previous.carries === undefined ? {} : { carries: previous.carries }),
      ...(previous.validUntil === undefined ? {} : { validUntil: previous.validUntil }),
    });
    const active = this.changeState(keyName(next), 'active');
    return { next: active, previous: this.changeState(keyName(previous), 'retired', options) };
  }

  newRecord(specification: KeySpecification, state: KeyState, origin: KeyRecord['origin']): NewKeyRecord {
    const { label, usage, algorithm, owner, bits, carries, validFrom, validUntil } = specification;
    if (!/^[\w.:@/-]{1,120}$/.test(label)) {
      throw new PolycardError('POLYCARD_VAULT_NAME', `${label} is no label for a key`, {
        where: 'label',
        expected: '1 to 120 letters, digits or . : @ / _ -',
      });
    }
    const { modes, exportability } = fixedAttributes(specification);
    const versions = this.#versions(label);
    const foreign = versions.find((record) => record.usage !== usage);
    if (foreign !== undefined) {
      throw new PolycardError('POLYCARD_VAULT_CONFLICT', `key ${label} exists for ${foreign.usage}`, {
        where: label,
        expected: foreign.usage,
      });
    }
    const version = Math.max(0, ...versions.map((record) => record.version)) + 1;
    const time = this.#now().toISOString();
    return {
      ...{ label, version, index: specification.index ?? (version - 1) & 0xff, usage, modes, algorithm, owner },
      ...{ exportability, origin, state, stateSince: time, createdAt: time },
      ...(bits === undefined ? {} : { bits }),
      ...(carries === undefined ? {} : { carries }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
  }

  #versions(label: string): KeyRecord[] {
    return this.#engine.records().filter((record) => record.label === label);
  }

  newest(label: string, state?: KeyState): KeyRecord | undefined {
    let newest: KeyRecord | undefined;
    for (const record of this.#engine.records()) {
      if (record.label !== label || (state !== undefined && record.state !== state)) continue;
      if (newest === undefined || record.version > newest.version) newest = record;
    }
    return newest;
  }

  /** The version a name means. Throws `POLYCARD_VAULT_UNKNOWN_KEY`. */
  named(name: string): KeyRecord {
    const { label, version } = parseKeyName(name);
    const found =
      version === undefined
        ? (this.newest(label, 'active') ?? this.newest(label))
        : this.#versions(label).find((record) => record.version === version);
    if (found === undefined) {
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the vault has no key ${name}`, { where: name });
    }
    return found;
  }

  /** The version a name means, if it may be used so: a use outside what the key was made for is refused. */
  usable(name: string, rule: OperationRule): KeyRecord {
    const key = this.named(name);
    const refused = refusal(key, rule, this.#now().toISOString());
    if (refused !== undefined) throw refused;
    return key;
  }

  /** Every version that may serve, newest first; throws why the newest may not when there is none. */
  candidates(name: string, rule: OperationRule): KeyRecord[] {
    const { label, version } = parseKeyName(name);
    if (version !== undefined) return [this.usable(name, rule)];
    const now = this.#now().toISOString();
    const usable = this.#versions(label)
      .filter((record) => refusal(record, rule, now) === undefined)
      .sort((a, b) => b.version - a.version);
    return usable.length > 0 ? usable : [this.usable(name, rule)];
  }
}

export function publicInfo(record: KeyRecord): KeyInfo {
  const { modulus: _modulus, sm2PublicKey: _publicKey, ...info } = record;
  return info;
}
