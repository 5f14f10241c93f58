/**
 * Handing keys over to a bank, city, terminal maker or neighbouring province, and taking theirs in. Every key of a
 * package is judged by itself; the receipt says of each what was done with it.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import type { KeyEngine, KeyRecord } from '../engine.ts';
import { keyCheckValue } from '../key-components.ts';
import type { KeyInfo, KeySpecification, KeyUsage } from '../key-model.ts';
import { keyName, requireCarriesUsage, rightTo } from '../key-model.ts';
import type { KeyRegister } from '../key-register.ts';
import type { ExportOptions, ImportedPackage, ImportOptions, KeyPackage, KeyReceipt } from '../vault.ts';
import { type FormKeys, readForm, writeForm } from './key-form.ts';
import { packageDigest, requireAuthentic, sealPackage, sealReceipt } from './key-package.ts';

export class KeyExchange {
  readonly #engine: KeyEngine;
  readonly #keys: KeyRegister;
  readonly #random: RandomSource;
  readonly #now: () => Date;

  constructor(engine: KeyEngine, keys: KeyRegister, random: RandomSource, now: () => Date) {
    this.#engine = engine;
    this.#keys = keys;
    this.#random = random;
    this.#now = now;
  }

  /** Throws `POLYCARD_VAULT_EXPORT` for a key that was not made to leave. */
  export(
    keys: readonly { readonly key: KeyRecord; readonly factors: readonly Uint8Array[] }[],
    zone: KeyRecord | undefined,
    options: ExportOptions,
  ): KeyPackage {
    for (const { key, factors } of keys) {
      const leaves = factors.length > 0 ? key.exportability !== 'none' : key.exportability === 'key-block';
      if (!leaves) {
        throw new PolycardError(
          'POLYCARD_VAULT_EXPORT',
          `${keyName(key)} was made to stay: exportability ${key.exportability}`,
          {
            where: keyName(key),
            expected:
              factors.length > 0 ? 'exportability dispersed' : 'exportability key-block, or factors of a key below it',
          },
        );
      }
    }
    return this.#withZone(zone, (zoneKeys) => {
      const forms: FormKeys = {
        ...zoneKeys,
        ...(options.sm2PublicKey === undefined ? {} : { sm2PublicKey: options.sm2PublicKey }),
      };
      const exchanged = keys.map(({ key, factors }) => {
        const clear = factors.length === 0 ? this.#engine.expose(key) : this.#engine.disperse(key, [factors])[0]!;
        try {
          return writeForm(options.form, below(key, factors, clear), clear, forms, this.#random);
        } finally {
          clear.fill(0);
        }
      });
      const { sender, receiver } = options;
      const document = {
        ...{ format: 'polycard-key-package-1' as const, zone: options.zoneId, sender, receiver },
        ...{ createdAt: this.#now().toISOString(), keys: exchanged },
      };
      return sealPackage(document, zoneKeys.zoneKey);
    });
  }

  import(
    keyPackage: KeyPackage,
    zone: KeyRecord | undefined,
    envelopeKey: KeyRecord | undefined,
    options: ImportOptions,
  ): ImportedPackage {
    const sm2PrivateKey = envelopeKey === undefined ? undefined : this.#engine.expose(envelopeKey);
    try {
      return this.#withZone(zone, (zoneKeys) =>
        this.#judge(
          keyPackage,
          zone,
          { ...zoneKeys, ...(sm2PrivateKey === undefined ? {} : { sm2PrivateKey }) },
          options,
        ),
      );
    } finally {
      sm2PrivateKey?.fill(0);
    }
  }

  #judge(
    keyPackage: KeyPackage,
    zone: KeyRecord | undefined,
    forms: FormKeys,
    options: ImportOptions,
  ): ImportedPackage {
    requireAuthentic(keyPackage, forms.zoneKey);
    const imported: KeyInfo[] = [];
    const keys = keyPackage.keys.map((key): KeyReceipt['keys'][number] => {
      const { label, version, checkValue } = key;
      const outcome = { label, version, checkValue };
      const specification = options.expected.find((expected) => expected.label === label);
      try {
        if (specification === undefined) throw notOrdered(label, options.expected);
        const clear = readForm(specification, key, forms);
        try {
          if (zone !== undefined) requireCarriesUsage(zone, specification.usage);
          if (options.onlyJudged === true) this.#keys.requireNew(specification, clear);
          else imported.push(this.#keys.importClear(specification, clear, 'key-block'));
        } finally {
          clear.fill(0);
        }
        return { ...outcome, accepted: true };
      } catch (error) {
        if (!(error instanceof PolycardError)) throw error;
        return { ...outcome, accepted: false, refusal: error.message, code: error.code };
      }
    });
    const receipt = {
      ...{ format: 'polycard-key-receipt-1' as const, package: packageDigest(keyPackage), zone: options.zoneId },
      ...{ receiver: options.receiver, receivedAt: this.#now().toISOString(), keys },
    };
    return { imported, receipt: sealReceipt(receipt, forms.zoneKey) };
  }

  /** Throws `POLYCARD_VAULT_PACKAGE` when the receipt was changed or is for another package. */
  checkReceipt(keyPackage: KeyPackage, receipt: KeyReceipt, zone: KeyRecord | undefined): void {
    this.#withZone(zone, ({ zoneKey }) => {
      requireAuthentic(receipt, zoneKey);
      const digest = packageDigest(keyPackage);
      if (digest.sm3 !== receipt.package.sm3 || digest.sha256 !== receipt.package.sha256) {
        throw new PolycardError('POLYCARD_VAULT_PACKAGE', 'the receipt is for another package', {
          where: 'package',
          expected: `SM3 ${digest.sm3}`,
        });
      }
    });
  }

  #withZone<T>(zone: KeyRecord | undefined, work: (keys: FormKeys) => T): T {
    if (zone === undefined) return work({});
    const zoneKey = this.#engine.expose(zone);
    try {
      return work({ zoneKey, zoneAlgorithm: zone.algorithm });
    } finally {
      zoneKey.fill(0);
    }
  }
}

/** What is said of the key handed over: its own label, or that of the one above it with the factors in between. */
function below(key: KeyRecord, factors: readonly Uint8Array[], clear: Uint8Array): KeyRecord {
  if (factors.length === 0) return key;
  const checkValue = toHex(keyCheckValue(key.algorithm, clear, 3));
  return { ...key, label: [key.label, ...factors.map(toHex)].join(':'), checkValue };
}

/** What one package holds goes to one receiver: what its zone carries, and never both halves. */
export function requireOneReceiver(
  keys: readonly { usage: KeyUsage }[],
  zone: KeyRecord | undefined,
  zoneId: string,
): void {
  const trees = new Set(keys.map(({ usage }) => rightTo(usage)));
  if (zone !== undefined) for (const { usage } of keys) requireCarriesUsage(zone, usage);
  if (trees.has('activation') && trees.has('management')) {
    throw new PolycardError('POLYCARD_VAULT_ZONE', 'activation and management keys do not go in one package', {
      where: `zone:${zoneId}`,
      expected: 'keys of one half',
    });
  }
}

function notOrdered(label: string, expected: readonly KeySpecification[]): PolycardError {
  return new PolycardError('POLYCARD_VAULT_IMPORT', `key ${label} was not ordered`, {
    where: label,
    expected: expected.map((specification) => specification.label).join(', '),
  });
}
