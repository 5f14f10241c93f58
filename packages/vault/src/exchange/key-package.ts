/**
 * What is handed over to a counterpart and what comes back: a package of keys under one zone key, and the receipt for it.
 * Both are documents of plain JSON, authenticated by HMAC-SHA-256 under a key made from the zone key (a package in SM2
 * envelopes has none, its receiver checks the check values on another way); a package is named by the SM3 and SHA-256 of
 * its text, so that both sides can read it out to each other.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import { constantTimeEqual, hmacSha256, sha256, sm3 } from '@polycard/crypto';
import type { ExchangedKey, KeyPackage, KeyReceipt } from '../vault.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The fields in their order: what is authenticated and named. */
function canonical(document: Omit<KeyPackage, 'mac'> | Omit<KeyReceipt, 'mac'>): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
  };
  return JSON.stringify(sorted(document));
}

function macOf(document: Omit<KeyPackage, 'mac'> | Omit<KeyReceipt, 'mac'>, zoneKey: Uint8Array): string {
  const key = hmacSha256(zoneKey, utf8('polycard key hand-over'));
  const mac = toHex(hmacSha256(key, utf8(canonical(document))));
  key.fill(0);
  return mac;
}

/** What both sides name a package by. */
export function packageDigest(keys: KeyPackage): { readonly sm3: string; readonly sha256: string } {
  const { mac: _mac, ...document } = keys;
  const text = utf8(canonical(document));
  return { sm3: toHex(sm3(text)), sha256: toHex(sha256(text)) };
}

export function sealPackage(document: Omit<KeyPackage, 'mac'>, zoneKey: Uint8Array | undefined): KeyPackage {
  return zoneKey === undefined ? document : { ...document, mac: macOf(document, zoneKey) };
}

export function sealReceipt(document: Omit<KeyReceipt, 'mac'>, zoneKey: Uint8Array | undefined): KeyReceipt {
  return zoneKey === undefined ? document : { ...document, mac: macOf(document, zoneKey) };
}

/** Throws `POLYCARD_VAULT_PACKAGE` when a package or receipt was changed on its way. */
export function requireAuthentic(document: KeyPackage | KeyReceipt, zoneKey: Uint8Array | undefined): void {
  if (zoneKey === undefined) return;
  const { mac, ...rest } = document;
  const what = document.format === 'polycard-key-package-1' ? 'package' : 'receipt';
  if (mac === undefined || !constantTimeEqual(utf8(mac.toUpperCase()), utf8(macOf(rest, zoneKey)))) {
    throw new PolycardError(
      'POLYCARD_VAULT_PACKAGE',
      `the ${what} was changed on its way, or is for another zone key`,
      {
        where: 'mac',
        expected: `the ${what} as it was made`,
      },
    );
  }
}

/** Reads a package's text. Throws `POLYCARD_VAULT_PACKAGE` by field. */
export function parsePackage(text: string): KeyPackage {
  const fail = (where: string, expected: string): PolycardError =>
    new PolycardError('POLYCARD_VAULT_PACKAGE', `the package does not hold ${expected} in ${where}`, {
      where,
      expected,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('its text', 'JSON');
  }
  const document = (value ?? {}) as Record<string, unknown>;
  if (document['format'] !== 'polycard-key-package-1') throw fail('format', 'polycard-key-package-1');
  for (const name of ['zone', 'sender', 'receiver', 'createdAt']) {
    if (typeof document[name] !== 'string') throw fail(name, 'a text');
  }
  if (document['mac'] !== undefined && typeof document['mac'] !== 'string') throw fail('mac', 'hex digits');
  const keys = document['keys'];
  if (!Array.isArray(keys) || keys.length === 0) throw fail('keys', 'one key or more');
  for (const [index, key] of (keys as Record<string, unknown>[]).entries()) {
    for (const name of [
      'label',
      'usage',
      'algorithm',
      'checkValue',
      'form',
      'enciphered',
    ] satisfies (keyof ExchangedKey)[]) {
      if (typeof key?.[name] !== 'string') throw fail(`keys/${index}/${name}`, 'a text');
    }
    if (!Number.isInteger(key['version'])) throw fail(`keys/${index}/version`, 'a number');
    if (!['X9.143-B', 'X9.143-D', 'ECB', 'SM2'].includes(key['form'] as string)) {
      throw fail(`keys/${index}/form`, 'X9.143-B, X9.143-D, ECB or SM2');
    }
  }
  return value as KeyPackage;
}
