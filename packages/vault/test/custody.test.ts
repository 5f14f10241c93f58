import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { type Custody, type KeyRight, type KeyUse, SoftwareVault, underCustody } from '../src/index.ts';

const FACTORS = [Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])];
const REQUEST = {
  activationFactors: FACTORS,
  managementFactors: FACTORS,
  atc: 0,
  sfi: 0x15,
  record: Uint8Array.from([0x01, 0x02, 0x02, 0xaa, 0xbb]),
};

/** A vault with both trees; `act` sets whose rights the next calls have. */
async function vaultOfTwoTrees() {
  let text: string | undefined;
  const entries: (KeyUse & { refused?: string | undefined })[] = [];
  let rights: ReadonlySet<KeyRight> | undefined;
  let broken = false;
  const custody: Custody = {
    rights: () => rights,
    record: async (uses, refused) => {
      if (broken) throw new Error('the store is away');
      entries.push(...uses.map((use) => ({ ...use, refused })));
    },
    count: (uses) => {
      entries.push(...uses);
    },
  };
  const software = new SoftwareVault({
    storage: { load: () => text, save: (document) => (text = document) },
    passphrase: 'custody',
    random: seededRandom('custody'),
    now: () => new Date('2026-09-01T00:00:00Z'),
  });
  const vault = underCustody(software, custody);
  await vault.ensure({ label: 'bus-activation', usage: 'activation', algorithm: '3DES', owner: 'a' });
  await vault.ensure({ label: 'bus-management', usage: 'management', algorithm: '3DES', owner: 'm' });
  await vault.openZone('shop', new Uint8Array(32).fill(9), ['management', 'terminals']);
  entries.length = 0;
  return {
    vault,
    entries,
    act: (...held: KeyRight[]) => {
      rights = new Set(held);
    },
    breakRecords: () => {
      broken = true;
    },
  };
}

describe('a record is updated with the right to management keys alone', () => {
  it('and each use is an entry', async () => {
    const { vault, entries, act } = await vaultOfTwoTrees();
    const request = { factors: FACTORS, atc: 1, sfi: 0x15, record: REQUEST.record };
    act('activation', 'issuer', 'terminals', 'zones', 'data');
    await expect(vault.updateRecords('bus-management', [request])).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_RIGHT',
    });
    act('management');
    const [command] = await vault.updateRecords('bus-management', [request]);
    expect(Buffer.from(command!).toString('hex')).toMatch(/^84de00a809010202aabb[0-9a-f]{8}$/);
    await expect(vault.updateRecords('bus-activation', [request])).rejects.toThrow(/not for management/);
    expect(entries.map(({ use, label }) => [use, label])).toContainEqual(['update-record', 'bus-management']);
  });
});

describe('activation and management are different rights', () => {
  it('refuses activation with the rights of a management custodian, and notes the refusal', async () => {
    const { vault, entries, act } = await vaultOfTwoTrees();
    act('management', 'issuer', 'terminals', 'zones', 'data');
    const refusals = [
      () => vault.activate('bus-activation', 'bus-management', [REQUEST]),
      () => vault.replaceManagementKeys('bus-activation', 'bus-management', [{ ...REQUEST, recordId: 1 }]),
      () => vault.issueOpeningKeys('bus-activation', 'shop', [FACTORS]),
      () => vault.rotate('bus-activation', { overlapEndsAt: '2027-01-01T00:00:00Z' }),
      () => vault.changeState('bus-activation', 'suspended'),
      () => vault.disperse('bus-activation', [FACTORS]),
      () => vault.generate({ label: 'bus-activation', usage: 'activation', algorithm: '3DES', owner: 'a' }),
    ];
    for (const refusal of refusals) await expect(refusal()).rejects.toMatchObject({ code: 'POLYCARD_VAULT_RIGHT' });
    expect(new Set(entries.map(({ refused }) => refused))).toEqual(new Set(['POLYCARD_VAULT_RIGHT']));
    expect(entries.filter(({ label }) => label === 'bus-activation').length).toBe(refusals.length);
  });

  it('refuses every use of a management key with the rights of an activation custodian', async () => {
    const { vault, act } = await vaultOfTwoTrees();
    act('activation', 'issuer', 'terminals', 'zones', 'data');
    for (const refusal of [
      () => vault.issuePsamKey('bus-management', 'shop', FACTORS),
      () => vault.rotate('bus-management', { overlapEndsAt: '2027-01-01T00:00:00Z' }),
      () => vault.changeState('bus-management', 'retired'),
      () => vault.disperse('bus-management', [FACTORS]),
    ])
      await expect(refusal()).rejects.toMatchObject({ code: 'POLYCARD_VAULT_RIGHT' });
  });

  it('gives with each right what is its own: a finished command, a PSAM key', async () => {
    const { vault, entries, act } = await vaultOfTwoTrees();
    act('activation');
    const [command] = await vault.activate('bus-activation', 'bus-management', [REQUEST]);
    expect(command?.[1]).toBe(0xe2);
    act('management');
    expect((await vault.issuePsamKey('bus-management', 'shop', FACTORS)).enciphered).toHaveLength(16);
    expect(entries.map(({ label, use, refused }) => [label, use, refused])).toEqual([
      ['bus-activation', 'activate', undefined],
      ['bus-management', 'wrap-under-opening-key', undefined],
      ['bus-management', 'issue-psam-key', undefined],
    ]);
  });

  it('refuses a key of the other tree in the place of the first, whatever the rights', async () => {
    const { vault, entries } = await vaultOfTwoTrees();
    await expect(vault.activate('bus-management', 'bus-activation', [REQUEST])).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_USAGE',
    });
    await expect(vault.issuePsamKey('bus-activation', 'shop', FACTORS)).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_USAGE',
    });
    expect(entries.map(({ refused }) => refused)).toEqual(Array(3).fill('POLYCARD_VAULT_USAGE'));
  });
});

describe('entries', () => {
  it('come before results: when an entry cannot be written, nothing leaves the vault', async () => {
    const { vault, breakRecords } = await vaultOfTwoTrees();
    breakRecords();
    await expect(vault.issuePsamKey('bus-management', 'shop', FACTORS)).rejects.toThrow('the store is away');
    await expect(vault.activate('bus-activation', 'bus-management', [REQUEST])).rejects.toThrow('the store is away');
  });

  it('come before acts that change keys: when an entry cannot be written, the key stays as it was', async () => {
    const { vault, breakRecords } = await vaultOfTwoTrees();
    const before = await vault.list();
    breakRecords();
    const specification = { label: 'new', usage: 'management', algorithm: '3DES', owner: 'm' } as const;
    for (const act of [
      () => vault.changeState('bus-management', 'suspended'),
      () => vault.rotate('bus-management', { overlapEndsAt: '2027-01-01T00:00:00Z' }),
      () => vault.generate(specification),
      () => vault.ensure(specification),
      () => vault.ensureAll([specification]),
      () => vault.openZone('other', new Uint8Array(32).fill(9), ['management']),
    ])
      await expect(act()).rejects.toThrow('the store is away');
    expect(await vault.list()).toEqual(before);
  });

  it('count a batch and how many of it failed', async () => {
    const { vault, entries } = await vaultOfTwoTrees();
    await vault.ensure({ label: 'bank:imk-ac', usage: 'application-cryptogram', algorithm: '3DES', owner: 'bank' });
    await vault.verifyCryptograms(
      [1, 2, 3].map((atc) => ({
        label: 'bank:imk-ac',
        card: { pan: '6214440000000018', psn: '01' },
        atc,
        input: new Uint8Array(29),
        cryptogram: new Uint8Array(8),
      })),
    );
    vault.token('6214440000000018');
    expect(entries.slice(1)).toMatchObject([
      { label: 'bank:imk-ac', use: 'verify-cryptogram', count: 3, failed: 3 },
      { label: 'platform:card-token', use: 'token', count: 1 },
    ]);
    expect(JSON.stringify(entries)).not.toContain('6214440000000018');
  });
});
