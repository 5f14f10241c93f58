/** A terminal maker's zone key comes in as a key block, master keys go out as key blocks (X9.143-2021, TR-31:2018). */
import { concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import {
  agreeZoneKey,
  checkValue,
  encodeKeyBlock,
  makeZoneKeyPair,
  openKeyBlock,
  seededRandom,
} from '@polycard/crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeyVault } from '../src/index.ts';
import { softHsmBackend, softwareBackend } from './backends.ts';

const DOUBLE = fromHex('0123456789ABCDEFFEDCBA9876543210');
const TRIPLE = concat(DOUBLE, fromHex('1122334455667788'));
const AES_128 = fromHex('000102030405060708090A0B0C0D0E0F');
const AES_256 = concat(AES_128, fromHex('101112131415161718191A1B1C1D1E1F'));
const random = seededRandom('maker');

describe.each([softwareBackend(), softHsmBackend(16)])('a terminal maker at a vault on $name', (backend) => {
  let vault: KeyVault;
  beforeEach(() => {
    backend.clear();
    vault = backend.open();
    return () => vault.close();
  });
  afterAll(() => backend.remove());

  /** Agrees on a passage and sends the key through it. */
  async function handOver(
    key: Uint8Array,
    algorithm: 'T' | 'A',
    change: { usage?: string; block?: (text: string) => string } = {},
  ) {
    const pair = makeZoneKeyPair(random);
    const { publicKey } = await vault.openZone('passage', pair.publicKey, ['terminals']);
    const header = {
      ...{ version: 'B' as const, usage: change.usage ?? 'K0', algorithm, modeOfUse: 'B', keyVersion: '00' },
      ...{ exportability: 'N', keyContext: '0', optionalBlocks: [] },
    };
    const block = encodeKeyBlock(agreeZoneKey(pair, publicKey), header, key, { random });
    return vault.takeZoneKey('maker', 'passage', change.block?.(block) ?? block);
  }
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'accepted',
      (error: unknown) => (error instanceof PolycardError ? error.code : String(error)),
    );

  it.each([
    ['B', 'T', DOUBLE],
    ['B', 'T', TRIPLE],
    ['D', 'A', AES_128],
    ['D', 'A', AES_256],
  ] as const)('opens master keys from blocks of version %s under its key of %s', async (version, algorithm, key) => {
    const { zoneId } = await handOver(key, algorithm);
    const issued = await vault.issueTerminalKeyBlock(zoneId);
    expect(issued.keyBlock[0]).toBe(version);
    const { header, key: masterKey } = openKeyBlock(key, issued.keyBlock);
    expect(header).toMatchObject({ usage: 'K0', algorithm: 'T', modeOfUse: 'D', exportability: 'N' });
    expect(toHex(checkValue('3DES', masterKey))).toBe(toHex(issued.checkValue));
    // the sealed copy is the same key: working keys made from it open under what the terminal has
    const working = await vault.issueWorkingKeys(issued.sealed);
    expect(working.macKey.enciphered).toHaveLength(8);
  });

  it('the same key again names the same zone, and the passage ends with its one use', async () => {
    const first = await handOver(DOUBLE, 'T');
    const again = await handOver(DOUBLE, 'T');
    expect(again.zoneId).toBe(first.zoneId);
    expect((await vault.show('zone:passage#1')).state).toBe('destroyed');
  });

  it('refuses a weak key, a key of another usage, a changed block, and a key of the vault itself', async () => {
    expect(await codeOf(handOver(fromHex('11'.repeat(16)), 'T'))).toBe('POLYCARD_VAULT_WEAK_KEY');
    expect(await codeOf(handOver(concat(DOUBLE.subarray(0, 8), DOUBLE.subarray(0, 8)), 'T'))).toBe(
      'POLYCARD_VAULT_WEAK_KEY',
    );
    expect(await codeOf(handOver(DOUBLE, 'T', { usage: 'P0' }))).toBe('POLYCARD_VAULT_IMPORT');
    const changed = (text: string): string => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
    expect(await codeOf(handOver(DOUBLE, 'T', { block: changed }))).toBe('POLYCARD_KEY_BLOCK');
    expect(await codeOf(vault.issueTerminalKeyBlock('nobody'))).toBe('POLYCARD_VAULT_UNKNOWN_KEY');
  });
});
