/**
 * One suite for every back end: the vectors V2 to V5 (reference pboc.md §8), the life of a key, refusals by name. What a
 * back end lacks it refuses by name, and the suite holds it to that.
 */
import { fromHex, type PolycardError, toHex } from '@polycard/bytes';
import {
  agreeZoneKey,
  checkValue,
  decryptBlocks,
  disperseAlong,
  importRsaPublic,
  makeZoneKeyPair,
  rsaRecover,
  seededRandom,
} from '@polycard/crypto';
import {
  buildCryptogramInput,
  computeUpdateMac,
  decipherIndustry,
  encodeAppendRecord,
  encodeUpdateCapp,
  industryCommandMac,
} from '@polycard/emv';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  decipherFromZone,
  type KeySpecification,
  type KeyUsage,
  type KeyVault,
  openFromZone,
  SoftwareVault,
} from '../src/index.ts';
import { START, softHsmBackend, softwareBackend, type TestBackend } from './backends.ts';

const PLANT = process.env['POLYCARD_PLANT'];
const K = PLANT === 'vector-changed' ? '0123456789ABCDEFFEDCBA9876543211' : '0123456789ABCDEFFEDCBA9876543210';
const K_40 = '404142434445464748494A4B4C4D4E4F';
const IMK = {
  ac: '9E15204313F7318ACB79B90BD986AD29',
  mac: '4664942FE615FB02E5D57F292AA2B3B6',
  enc: 'CE293B8CC12A977379EF256D76109492',
};
const CARD = { pan: '6214441000010103', psn: '01' };
const V4 = {
  '3DES': {
    card: '9C876B9DBE112FDC39DB704A69381B17CA950C6BD94B3B81F3DF6041A66D3756E956AA8AD9BDAF2B066403E05C333842',
    ...{ arqc01: 'BA137A9509A11F36', tc01: '81D367FCC1A6032F', arqc17: '01A825C4DE070AA3', tc17: '42246E54E482EE56' },
    ...{ arpc: 'D9D7FBD65A75BA25', putDataMac: '97AC3B64', pin: '94749572C5A54DD4F3694E6CFF3273EE' },
  },
  SM4: {
    card: '63BDEF5C54346D75E3D7C59E74AC0B82B314E40F35C2F8FEBA28BD848AFEC1987B3DA18E9E43DFACC16644B2E453410F',
    ...{ arqc01: '30BE05E3FF76E887', tc01: 'C5093BB1E959D19D', arqc17: 'A6C665089D92E219', tc17: 'D88846C416C32B52' },
    ...{ arpc: 'C615C84D49E464E1', putDataMac: '51345A15', pin: undefined },
  },
} as const;
const V2: readonly {
  readonly algorithm: '3DES' | 'SM4';
  readonly key: string;
  readonly check: string;
  readonly path: readonly string[];
  readonly child: string;
}[] = [
  { algorithm: '3DES', key: K, check: '08D7B4', path: ['1122334455667788'], child: '3EB3B72576BBBE831355AB0EE3123AE8' },
  {
    algorithm: '3DES',
    key: K_40,
    check: '8BAF47',
    path: ['1122334455667788'],
    child: 'A0F180047E2A33575DC54F91F21439B5',
  },
  {
    ...{ algorithm: '3DES', key: K, check: '08D7B4', path: ['09981001FFFFFFFF', '2280000100001117'] },
    child: 'E3F285234F81AF64CD4CCCDFAB08A787',
  },
  { algorithm: 'SM4', key: K, check: '2677F4', path: ['1122334455667788'], child: '7904DC533E8BCA0C93D3C36DC8328866' },
  {
    algorithm: 'SM4',
    key: K_40,
    check: '8EB0E2',
    path: ['1122334455667788'],
    child: '53C3863AF9B5C418581CFE4DAE20F29D',
  },
  {
    ...{ algorithm: 'SM4', key: K, check: '2677F4', path: ['09981001FFFFFFFF', '2280000100001117'] },
    child: '6F2F7655E3E05A9046549A0279C66674',
  },
];

/** A known key as a ceremony brings it: in two components with their check values. */
async function importKey(vault: KeyVault, specification: KeySpecification, hex: string): Promise<void> {
  const key = fromHex(hex);
  const mask = seededRandom(hex)(key.length);
  const algorithm = specification.algorithm === 'SM4' ? 'SM4' : '3DES';
  const components = [mask, key.map((byte, index) => byte ^ mask[index]!)].map((bytes) => ({
    bytes,
    checkValue: toHex(checkValue(algorithm, bytes)),
  }));
  const info = await vault.importComponents(specification, components, toHex(checkValue(algorithm, key)));
  await vault.changeState(`${info.label}#${info.version}`, 'active');
}

async function openZone(
  vault: KeyVault,
  half: 'activation' | 'management' = 'management',
  id = 'bureau',
): Promise<(enciphered: Uint8Array) => string> {
  const pair = makeZoneKeyPair(seededRandom(id));
  const answer = await vault.openZone(id, pair.publicKey, [half, 'issuer', 'terminals']);
  const zone = agreeZoneKey(pair, answer.publicKey);
  return (enciphered) => toHex(decipherFromZone(zone, enciphered));
}

const input = (cvn: number, cvr: string): Uint8Array =>
  buildCryptogramInput(cvn, {
    amountAuthorised: fromHex('000000000100'),
    amountOther: new Uint8Array(6),
    terminalCountry: fromHex('0156'),
    tvr: new Uint8Array(5),
    currency: fromHex('0156'),
    date: fromHex('250101'),
    transactionType: fromHex('00'),
    unpredictableNumber: fromHex('12345678'),
    aip: fromHex('7C00'),
    atc: 1,
    cvr: fromHex(cvr),
  });

const backends: readonly TestBackend[] = [softwareBackend(), softHsmBackend(27)];

describe.each(backends)('vault on $name', (backend) => {
  let vault: KeyVault;
  beforeEach(() => {
    backend.clear();
    vault = backend.open();
    return () => vault.close();
  });
  afterAll(() => backend.remove());

  const spec = (label: string, usage: KeyUsage, algorithm: '3DES' | 'SM4' = '3DES'): KeySpecification => ({
    ...{ label, usage, algorithm, owner: `${usage}-custodian` },
  });
  /** Runs where the back end has the algorithm; where it has not, holds that it says so. */
  async function whereSupported(algorithm: '3DES' | 'SM4', work: () => Promise<void>): Promise<void> {
    if (!backend.lacks.has(algorithm as 'SM4')) return work();
    await expect(work()).rejects.toThrow(/SM4/);
    const ability = vault.capabilities().abilities.find(({ name }) => name === algorithm);
    expect(ability?.supported).toBe(false);
  }

  it.each(V2)('V2 $algorithm: check value and dispersion along $path', async (vector) => {
    const { algorithm, key, check, child } = vector;
    const path = vector.path.map((factor) => fromHex(factor));
    await whereSupported(algorithm, async () => {
      await importKey(vault, spec('management', 'management', algorithm), key);
      expect((await vault.show('management')).checkValue).toBe(check);
      const decipher = await openZone(vault);
      const issued = await vault.issuePsamKey('management', 'bureau', path);
      expect(decipher(issued.enciphered)).toBe(child);
      const [dispersed] = await vault.disperse('management', [path]);
      expect(toHex(dispersed!)).toBe(toHex(issued.checkValue));
    });
  });

  it('V3: card key by option A', async () => {
    await importKey(vault, spec('ac', 'application-cryptogram'), IMK.ac);
    await vault.ensure(spec('mac', 'script-mac'));
    await vault.ensure(spec('enc', 'script-encryption'));
    const decipher = await openZone(vault);
    const [keys] = await vault.issueCardKeys({ ac: 'ac', mac: 'mac', enc: 'enc' }, 'bureau', [
      { pan: '5555315497560938', psn: '00' },
    ]);
    expect(decipher(keys!.enciphered).slice(0, 32)).toBe('83DCCD115BCA1D617E857B20DB52BEF8');
  });

  it.each(['3DES', 'SM4'] as const)(
    'V4 %s: card keys, cryptograms, ARPC, script MAC and encipherment',
    async (algorithm) => {
      await whereSupported(algorithm, async () => {
        const expected = V4[algorithm];
        await importKey(vault, spec('ac', 'application-cryptogram', algorithm), IMK.ac);
        await importKey(vault, spec('mac', 'script-mac', algorithm), IMK.mac);
        await importKey(vault, spec('enc', 'script-encryption', algorithm), IMK.enc);
        const decipher = await openZone(vault);
        const [keys] = await vault.issueCardKeys({ ac: 'ac', mac: 'mac', enc: 'enc' }, 'bureau', [CARD]);
        expect(decipher(keys!.enciphered)).toBe(expected.card);
        const check = (cvn: number, cvr: string, cryptogram: string) => ({
          ...{ label: 'ac', card: CARD, atc: 1, input: input(cvn, cvr), cryptogram: fromHex(cryptogram) },
        });
        const verdicts = await vault.verifyCryptograms([
          check(0x01, 'A00000', expected.arqc01),
          check(0x01, '900000', expected.tc01),
          check(0x11, 'A00000', expected.arqc17),
          check(0x11, '900000', expected.tc17),
          check(0x01, '900000', expected.arqc01),
        ]);
        expect(verdicts).toEqual([
          ...Array.from({ length: 4 }, () => ({ verified: true, version: 1 })),
          { verified: false },
        ]);
        const answer = { card: CARD, atc: 1, cryptogram: fromHex(expected.arqc01), arc: fromHex('3030') };
        expect((await vault.answerCryptograms('ac', [answer])).map(toHex)).toEqual([expected.arpc]);
        const command = `04DA9F790A0001${expected.arqc01}000000010000`;
        const macs = await vault.scriptMacs('mac', [{ card: CARD, atc: 1, data: fromHex(command) }]);
        expect(macs.map(toHex)).toEqual([expected.putDataMac]);
        if (expected.pin !== undefined) {
          const block = fromHex('0806123456264250D480000000000000');
          expect((await vault.encipherScriptData('enc', [{ card: CARD, atc: 1, data: block }])).map(toHex)).toEqual([
            expected.pin,
          ]);
        }
      });
    },
  );

  it('V5: the published ARQC and its ARPC under a card key', async () => {
    await importKey(vault, spec('card', 'application-cryptogram'), '0D2E3CB0BC1F9E03AED58F663A2F9679');
    const data = fromHex('0000000012340000000000340156D86004A8000156120516010101010' + '17C00000E03A4B904');
    const check = { label: 'card', atc: 14, input: data, cryptogram: fromHex('F294D7022FA9B058') };
    const verdicts = await vault.verifyCryptograms([check, { ...check, atc: 15 }]);
    expect(verdicts.map(({ verified }) => verified)).toEqual([true, false]);
    const arpc = await vault.answerCryptograms('card', [{ ...check, arc: fromHex('3030') }]);
    expect(arpc.map(toHex)).toEqual(['3846EEB4C8D34271']);
  });

  it('the finished APPEND RECORD is what the formula gives, in the order asked, for cards of several cities', async () => {
    await importKey(vault, spec('opening', 'activation'), K_40);
    await importKey(vault, spec('management', 'management'), K);
    const requests = Array.from({ length: 7 }, (_, index) => {
      const factors = [
        '4400FFFFFFFFFFFF',
        index % 2 === 0 ? '5840FFFFFFFFFFFF' : '5810FFFFFFFFFFFF',
        `000000000000000${index}`,
      ];
      const record = fromHex(index === 3 ? '270100' : `27010D0001020304050607080910${'0B0C'}`);
      const path = factors.map(fromHex);
      return { activationFactors: path, managementFactors: path, atc: index * 300, sfi: 0x15, record };
    });
    const finished = await vault.activate('opening', 'management', requests);
    expect(finished.map(toHex)).toEqual(
      requests.map(({ activationFactors, atc, sfi, record }) =>
        toHex(
          encodeAppendRecord({
            openingKey: disperseAlong('3DES', fromHex(K_40), activationFactors),
            recordKey: disperseAlong('3DES', fromHex(K), activationFactors),
            ...{ atc, sfi, record },
          }),
        ),
      ),
    );
  });

  it('the finished UPDATE CAPP DATA CACHE is what the formula gives; the vector V8 for a key that is not dispersed', async () => {
    await importKey(vault, spec('management', 'management'), K);
    const record = fromHex('27010D101112131415161718191A1B1C');
    const path = ['4400FFFFFFFFFFFF', '0000000000000001'].map(fromHex);
    const [update] = await vault.updateRecords('management', [{ factors: path, atc: 2, sfi: 0x15, record }]);
    const command = (recordKey: Uint8Array): string =>
      toHex(encodeUpdateCapp(0xa8, record, computeUpdateMac({ recordKey, atc: 2, p2: 0xa8, record })));
    expect(toHex(update!)).toBe(command(disperseAlong('3DES', fromHex(K), path)));
    expect(command(fromHex(K))).toBe('84DE00A81427010D101112131415161718191A1B1C5014871C');
    await expect(vault.updateRecords('nowhere', [])).rejects.toThrow(/nowhere/);
  });

  it.each(['3DES', 'SM4'] as const)(
    'the finished ACTIVATE of an industry application brings its keys enciphered under the card opening key: %s',
    async (algorithm) =>
      whereSupported(algorithm, async () => {
        await importKey(vault, spec('opening', 'activation', algorithm), K_40);
        await importKey(vault, spec('management', 'management', algorithm), K);
        await vault.ensure(spec('line', 'secure-messaging', algorithm));
        const path = ['5554494C57415452', '0000000000000001'].map(fromHex);
        const challenge = fromHex('A1B2C3D4E5F60718');
        const keys = [
          { label: 'management', reference: 2, factors: path },
          { label: 'line', reference: 7, factors: path },
        ];
        const request = { openingFactors: path, keys, challenge, session: 'split', hasMore: false } as const;
        const { command, checkValues } = await vault.activateApplication('opening', request);
        const opening = { algorithm, key: disperseAlong(algorithm, fromHex(K_40), path), session: 'split' } as const;
        const data = command.subarray(5, -1);
        const [body, mac] = [data.slice(0, -4), data.slice(-4)];
        expect(toHex(command.subarray(0, 4))).toBe('84440000');
        expect(toHex(industryCommandMac(opening, challenge, command.subarray(0, 4), body))).toBe(toHex(mac));
        const brought = decipherIndustry(opening, challenge, body)!;
        const management = disperseAlong(algorithm, fromHex(K), path);
        expect(toHex(brought.subarray(0, 18))).toBe(`0201${toHex(management)}`);
        expect(toHex(brought.subarray(18, 20))).toBe('0701');
        expect(checkValues.map(toHex)).toEqual([
          toHex(checkValue(algorithm, management)),
          toHex(checkValue(algorithm, brought.subarray(20))),
        ]);
        const refused = (changes: object) => vault.activateApplication('opening', { ...request, ...changes });
        await expect(refused({ challenge: new Uint8Array(7) })).rejects.toThrow(/challenge/);
        await expect(refused({ keys: [] })).rejects.toThrow(/challenge/);
        await expect(refused({ keys: [{ ...keys[0]!, label: 'opening' }] })).rejects.toThrow(/is for activation/);
        await expect(vault.activateApplication('management', request)).rejects.toThrow(/not for activation/);
      }),
  );

  it('opening keys and PSAM keys are what dispersion one by one gives', async () => {
    await importKey(vault, spec('opening', 'activation'), K_40);
    const decipher = await openZone(vault, 'activation');
    const paths = Array.from({ length: 9 }, (_, index) =>
      ['4400FFFFFFFFFFFF', index % 2 === 0 ? '5840FFFFFFFFFFFF' : '5810FFFFFFFFFFFF', `000000000000000${index}`].map(
        fromHex,
      ),
    );
    const keys = await vault.issueOpeningKeys('opening', 'bureau', paths);
    expect(keys.map((key) => decipher(key.enciphered))).toEqual(
      paths.map((path) => toHex(disperseAlong('3DES', fromHex(K_40), path))),
    );
  });

  it("gives a zone's receiver one half only, whatever is asked", async () => {
    await importKey(vault, spec('opening', 'activation'), K_40);
    await vault.ensure(spec('management', 'management'));
    await expect(vault.openZone('both', new Uint8Array(32).fill(9), ['activation', 'management'])).rejects.toThrow(
      /both halves/,
    );
    await expect(vault.openZone('nothing', new Uint8Array(32).fill(9), [])).rejects.toThrow(/states what it carries/);
    const path = [fromHex('1122334455667788')];
    await openZone(vault, 'activation', 'cards');
    await openZone(vault, 'management', 'terminals');
    await vault.issueOpeningKeys('opening', 'cards', [path]);
    await vault.issuePsamKey('management', 'terminals', path);
    await expect(vault.issueOpeningKeys('opening', 'terminals', [path])).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_ZONE',
    });
    await expect(vault.issuePsamKey('management', 'cards', path)).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_ZONE',
    });
    expect((await vault.show('zone:cards')).carries).toEqual(['activation', 'issuer', 'terminals']);
  });

  it("takes a ceremony's keystore in, once, and never in the place of other keys", async () => {
    let document = '';
    const ceremony = new SoftwareVault({
      storage: { load: () => undefined, save: (text) => (document = text) },
      ...{ passphrase: 'of the ceremony', random: seededRandom('a ceremony'), now: () => START },
    });
    await ceremony.ensure(spec('metro-activation', 'activation'));
    await ceremony.ensure(spec('water-activation', 'activation', 'SM4'));
    const held = await ceremony.list();
    ceremony.close();
    await expect(vault.adopt({ document, passphrase: 'another' })).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_PASSPHRASE',
    });
    const { taken, left } = await vault.adopt({ document, passphrase: 'of the ceremony' });
    const lacksSm4 = backend.lacks.has('SM4');
    expect(taken).toEqual(lacksSm4 ? ['metro-activation#1'] : ['metro-activation#1', 'water-activation#1']);
    expect([...left.keys()]).toEqual(lacksSm4 ? ['water-activation'] : []);
    expect((await vault.show('metro-activation')).checkValue).toBe(
      held.find(({ label }) => label === 'metro-activation')!.checkValue,
    );
    expect((await vault.adopt({ document, passphrase: 'of the ceremony' })).taken).toEqual([]);
    backend.clear();
    const other = backend.open();
    await other.ensure(spec('metro-activation', 'activation'));
    await expect(other.adopt({ document, passphrase: 'of the ceremony' })).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_CONFLICT',
    });
    other.close();
  });

  it('lives generated, active, suspended, retired, destroyed, and does nothing outside active', async () => {
    const made = await vault.generate(spec('ac', 'application-cryptogram'));
    expect(made).toMatchObject({
      version: 1,
      state: 'generated',
      exportability: 'dispersed',
      modes: ['disperse', 'verify'],
    });
    const path = [[fromHex('1122334455667788')]];
    const states: string[] = [];
    const attempt = () =>
      vault.disperse('ac#1', path).then(
        () => 'done',
        (error: PolycardError) => error.code,
      );
    states.push(await attempt());
    for (const state of ['active', 'suspended', 'active', 'retired', 'destroyed'] as const) {
      await vault.changeState('ac#1', state);
      states.push(`${state}: ${await attempt()}`);
    }
    expect(states).toEqual([
      'POLYCARD_VAULT_STATE',
      'active: done',
      'suspended: POLYCARD_VAULT_STATE',
      'active: done',
      'retired: POLYCARD_VAULT_STATE',
      'destroyed: POLYCARD_VAULT_KEY_DESTROYED',
    ]);
    await expect(vault.changeState('ac#1', 'active')).rejects.toThrow(/ac#1 is destroyed and cannot become active/);
    const check = { label: 'ac', card: CARD, atc: 1, input: new Uint8Array(37), cryptogram: new Uint8Array(8) };
    expect(await vault.verifyCryptograms([check])).toEqual([{ verified: false, refusal: 'ac#1 was destroyed' }]);
  });

  it('rotation: the new version disperses, the old one verifies until its overlap ends', async () => {
    let now = START;
    vault.close();
    vault = backend.open(() => now);
    await importKey(vault, spec('ac', 'application-cryptogram'), IMK.ac);
    const overlapEndsAt = '2026-02-01T00:00:00.000Z';
    const { next, previous } = await vault.rotate('ac', { overlapEndsAt });
    expect([next.version, next.state, previous.version, previous.state]).toEqual([2, 'active', 1, 'retired']);
    expect(next.checkValue).not.toBe(previous.checkValue);
    const check = {
      ...{ label: 'ac', card: CARD, atc: 1, input: input(0x01, '900000'), cryptogram: fromHex(V4['3DES'].tc01) },
    };
    expect(await vault.verifyCryptograms([check])).toEqual([{ verified: true, version: 1 }]);
    await vault.ensure(spec('mac', 'script-mac'));
    await vault.ensure(spec('enc', 'script-encryption'));
    const decipher = await openZone(vault);
    const issue = (ac: string) => vault.issueCardKeys({ ac, mac: 'mac', enc: 'enc' }, 'bureau', [CARD]);
    expect(decipher((await issue('ac'))[0]!.enciphered).slice(0, 32)).not.toBe(V4['3DES'].card.slice(0, 32));
    await expect(issue('ac#1')).rejects.toThrow(/ac#1 is retired/);
    now = new Date('2026-02-01T00:00:00.000Z');
    expect(await vault.verifyCryptograms([check])).toEqual([{ verified: false }]);
    expect(await vault.verifyCryptograms([{ ...check, label: 'ac#1' }])).toEqual([
      { verified: false, refusal: `ac#1 is retired, its overlap ended ${overlapEndsAt}` },
    ]);
    await expect(vault.rotate('ac', { overlapEndsAt: '2026-01-01' })).rejects.toThrow(/would end before it begins/);
  });

  it('refuses a use outside usage, mode and validity, by name', async () => {
    await vault.ensure(spec('opening', 'activation'));
    await vault.ensure(spec('management', 'management'));
    await vault.ensure({ ...spec('ac', 'application-cryptogram'), modes: ['verify'] });
    await vault.ensure({ ...spec('late', 'activation'), validFrom: '2026-06-01T00:00:00Z' });
    await vault.ensure({ ...spec('over', 'activation'), validUntil: '2025-06-01T00:00:00Z' });
    await openZone(vault);
    const path = [[fromHex('1122334455667788')]];
    await expect(vault.issueOpeningKeys('management', 'bureau', path)).rejects.toThrow(
      'key management is for management, not for activation',
    );
    await expect(vault.issuePsamKey('opening', 'bureau', path[0]!)).rejects.toThrow(
      'key opening is for activation, not for management',
    );
    await expect(vault.activate('management', 'management', [])).rejects.toThrow(/not for activation/);
    await expect(vault.activate('opening', 'opening', [])).rejects.toThrow(/not for management/);
    await expect(vault.scriptMacs('opening', [])).rejects.toThrow(/not for script-mac/);
    await expect(vault.disperse('ac', path)).rejects.toThrow('ac#1 was made to verify only');
    await expect(vault.issueOpeningKeys('late', 'bureau', path)).rejects.toThrow(/late#1 is valid from 2026-06-01/);
    await expect(vault.issueOpeningKeys('over', 'bureau', path)).rejects.toThrow(/over#1 was valid until 2025-06-01/);
    await expect(vault.show('nothing')).rejects.toThrow(/the vault has no key nothing/);
    await expect(vault.ensure(spec('ac', 'management'))).rejects.toThrow(/exists as 3DES for application-cryptogram/);
    await expect(vault.generate({ ...spec('x', 'management'), modes: ['verify'] })).rejects.toThrow(
      /cannot be made to verify/,
    );
    expect(() => vault.certificateSigner('ac')).toThrow(/not for certificate-authority/);
  });

  it('takes components with their check values and refuses wrong, doubled, weak and known ones', async () => {
    const specification = spec('zmk', 'management');
    const part = (hex: string, check: string) => ({ bytes: fromHex(hex), checkValue: check });
    const [a, b] = [part(K, K.endsWith('0') ? '08D7B4' : '000000'), part(K_40, '8BAF47')];
    await expect(vault.importComponents(specification, [a])).rejects.toThrow(/no shared knowledge/);
    await expect(vault.importComponents(specification, [a, { ...b, checkValue: '8BAF48' }])).rejects.toThrow(
      /component 2/,
    );
    await expect(vault.importComponents(specification, [a, a])).rejects.toThrow(/component 2 was entered twice/);
    await expect(vault.importComponents(specification, [a, b], '000000')).rejects.toThrow(/the combined key/);
    await importKey(vault, spec('known', 'management'), IMK.ac);
    await expect(importKey(vault, specification, IMK.ac)).rejects.toThrow(/is the one of known#1/);
    await expect(importKey(vault, specification, '0101010101010101FEFEFEFEFEFEFEFE')).rejects.toThrow(/weak/);
    await expect(importKey(vault, specification, `${K.slice(0, 16)}${K.slice(0, 16)}`)).rejects.toThrow(
      /halves are equal/,
    );
  });

  it('signs certificates with a key made inside', async () => {
    await vault.ensure({ label: 'ca', usage: 'certificate-authority', algorithm: 'RSA', owner: 'region', bits: 1152 });
    const { modulus, exponent } = vault.rsaPublicKey('ca');
    expect([modulus.length, toHex(exponent)]).toEqual([144, '03']);
    const signer = vault.certificateSigner('ca');
    const block = Uint8Array.from({ length: 144 }, (_, index) => (index === 0 ? 0x6a : index === 143 ? 0xbc : index));
    expect(toHex(rsaRecover(importRsaPublic(modulus, exponent), signer.sign(block)))).toBe(toHex(block));
  });

  it('seals data at rest and for a zone, each for its context only, and gives stable tokens', async () => {
    const sealed = vault.seal(fromHex('010203'), 'card:A');
    expect(toHex(vault.open(sealed, 'card:A'))).toBe('010203');
    expect(() => vault.open(sealed, 'card:B')).toThrow(/does not open/);
    sealed[14]! ^= 1;
    expect(() => vault.open(sealed, 'card:A')).toThrow(/does not open/);
    const pair = makeZoneKeyPair(seededRandom('bureau'));
    const { publicKey } = await vault.openZone('bureau', pair.publicKey, ['issuer']);
    const zone = agreeZoneKey(pair, publicKey);
    const large = new Uint8Array(3_000_000).fill(7);
    const opened = openFromZone('bureau', zone, vault.sealForZone('bureau', large));
    expect(Buffer.compare(opened, large)).toBe(0);
    expect(vault.token('6214440000000000017')).toMatch(/^[0-9A-F]{16}$/);
    expect(vault.token('6214440000000000017')).not.toBe(vault.token('6214440000000000025'));
  });

  it('holds everything when it is opened again; a zone agreed again has a new key', async () => {
    await importKey(vault, spec('ac', 'application-cryptogram'), IMK.ac);
    const decipher = await openZone(vault);
    const [listed, token] = [await vault.list(), vault.token('6214440000000000017')];
    const sealed = vault.seal(fromHex('AA'), 'x');
    const master = await vault.issueTerminalMasterKey('bureau');
    vault.close();
    vault = backend.open();
    expect(await vault.list()).toEqual(listed);
    expect([vault.token('6214440000000000017'), toHex(vault.open(sealed, 'x'))]).toEqual([token, 'AA']);
    const working = await vault.issueWorkingKeys(master.sealed);
    const masterKey = fromHex(decipher(master.enciphered));
    const mac = decryptBlocks('des-ede-ecb', masterKey, working.macKey.enciphered);
    const block = vault.terminalSession(working.sealed).encryptMac(new Uint8Array(8));
    expect(toHex(block).slice(0, 8)).toBe(toHex(working.macKey.checkValue));
    expect(mac).toHaveLength(8);
    await openZone(vault);
    expect((await vault.show('zone:bureau')).version).toBe(2);
  });
});
