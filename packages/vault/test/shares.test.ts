/** M-of-N shares, and the keystore that shares open: backup, destruction, restore. */
import { fromHex, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineShares, formatShare, parseShare, restoreKeystore, SoftwareVault, splitSecret } from '../src/index.ts';

const SECRET = fromHex('00FF'.repeat(16));
const split = (threshold: number, count: number, seed = 'shares') =>
  splitSecret(SECRET, { threshold, count, random: seededRandom(seed) });

describe('shares', () => {
  it('any M of N give the secret back, in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 0, max: 5 }),
        fc.infiniteStream(fc.nat()),
        (m, more, picks) => {
          const { shares, commitments } = split(m, m + more, `${m}/${more}`);
          const left = [...shares];
          const chosen = Array.from({ length: m }, () => left.splice(picks.next().value! % left.length, 1)[0]!);
          expect(toHex(combineShares(chosen, commitments))).toBe(toHex(SECRET));
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('fewer than M are refused, and M-1 shares fit every secret alike', () => {
    const { shares } = split(3, 5);
    expect(() => combineShares(shares.slice(0, 2))).toThrow(/2 shares do not open it/);
    expect(() => combineShares([])).toThrow(/0 shares/);
    // with a third share at will, two of them give any first byte: nothing is known from two
    const bytes = new Set<number>();
    for (let value = 0; value < 256; value++) {
      const forged = { ...shares[2]!, data: Uint8Array.from(shares[2]!.data, () => value) };
      bytes.add(combineShares([shares[0]!, shares[1]!, forged])[0]!);
    }
    expect(bytes.size).toBe(256);
  });

  it('a printed share reads back; one misread digit is named, anywhere', () => {
    const share = split(3, 5).shares[1]!;
    const text = formatShare(share);
    expect(parseShare(text)).toEqual(share);
    expect(parseShare(text.toLowerCase().replaceAll('-', ' '))).toEqual(share);
    for (let at = 0; at < text.length; at++) {
      if (text[at] === '-') continue;
      const misread = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
      expect(() => parseShare(misread, 2)).toThrow(/share 2 was misread/);
      expect(() => parseShare(text.slice(0, at), 4)).toThrow(/share 4/);
    }
  });

  it('a made-up share, a share of another set and one person twice are named', () => {
    const { shares, commitments } = split(3, 5);
    const forged = { ...shares[3]!, data: shares[3]!.data.map((byte) => byte ^ 1) };
    expect(() => combineShares([shares[0]!, forged, shares[2]!], commitments)).toThrow(/share 4 is wrong/);
    expect(() => combineShares([shares[0]!, split(3, 5, 'other').shares[1]!, shares[2]!])).toThrow(/share 2 is of set/);
    expect(() => combineShares([shares[0]!, shares[1]!, shares[1]!], commitments)).toThrow(/share 2 was entered twice/);
  });
});

class MemoryStorage {
  document: string | undefined;
  load = (): string | undefined => this.document;
  save = (document: string): void => {
    this.document = document;
  };
}
const random = seededRandom('keystore');
const options = (storage: MemoryStorage) => ({ storage, random, now: () => new Date(0) });

describe('keystore under shares', () => {
  it('backup, destruction, restore from three of five; two are not enough, a wrong one is named', async () => {
    const storage = new MemoryStorage();
    const vault = new SoftwareVault({ ...options(storage), passphrase: 'daily' });
    const before = await vault.ensure({ label: 'a', usage: 'activation', algorithm: '3DES', owner: 'x' });
    const { shares } = vault.sealByShares(3, 5);
    const backup = vault.backup();
    vault.close();
    expect(backup).not.toContain('"passphrase"');

    const restored = new MemoryStorage();
    const restore = (chosen: typeof shares) =>
      restoreKeystore({ backup, shares: chosen, passphrase: 'new', storage: restored, random });
    expect(() => restore(shares.slice(0, 2))).toThrow(/2 shares do not open it/);
    const wrong = { ...shares[4]!, data: shares[0]!.data };
    expect(() => restore([shares[0]!, shares[1]!, wrong])).toThrow(/share 5 is wrong/);
    expect(restored.document).toBeUndefined();
    restore([shares[4]!, shares[0]!, shares[2]!]);
    const again = new SoftwareVault({ ...options(restored), passphrase: 'new' });
    expect(await again.show('a')).toEqual(before);
    expect(toHex((await again.disperse('a', [[fromHex('1122334455667788')]]))[0]!)).toHaveLength(6);
    expect(() => new SoftwareVault({ ...options(restored), passphrase: 'daily' })).toThrow(/does not open/);
  });

  it('without a passphrase only shares open it, and newer shares end the older ones', async () => {
    const storage = new MemoryStorage();
    const vault = new SoftwareVault({ ...options(storage), passphrase: 'daily' });
    expect(() => vault.removePassphrase()).toThrow(/nothing would open/);
    expect(() => vault.backup()).toThrow(/opened by shares/);
    const old = vault.sealByShares(2, 3).shares;
    const { shares } = vault.sealByShares(2, 2);
    vault.removePassphrase();
    expect(() => new SoftwareVault({ ...options(storage), passphrase: 'daily' })).toThrow(/does not open/);
    expect(() => new SoftwareVault({ ...options(storage), shares: old.slice(0, 2) })).toThrow(
      /not sealed by shares of set/,
    );
    expect(new SoftwareVault({ ...options(storage), shares }).backend).toBe('software keystore');
  });
});
