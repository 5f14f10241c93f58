/** Keys dispersed and cryptograms verified in batches, on both back ends, beside bulk ECB calls over as many bytes. */
import { disperseMany, openEncryptor, seededRandom } from '@polycard/crypto';
import { deriveCardKeys } from '@polycard/emv';
import { type KeyVault, Pkcs11Vault, SoftwareVault } from '@polycard/vault';
import { makeToken, TEST_PIN } from '../packages/vault/test/softhsm.ts';
import type { Figure } from './figure.ts';

const CARDS = 100_000;
const KEY_BYTES = 16;
const ROUNDS = 4;
/** A batch through the vault: its interface, its wiping, its batches. */
const VAULT_CARDS = 20_000;
const TOKEN_CARDS = 2_000;
const CRYPTOGRAM_INPUT_BYTES = 37;
/** 3DES blocks in one TC of version 01: card key 2, session key 2, MAC over 5 blocks. */
const BLOCKS_OF_A_TC = 9;
const DES_BLOCK_BYTES = 8;

const secondsOf = async (work: () => unknown): Promise<number> => {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
};

async function rate(count: number, work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) best = Math.max(best, count / (await secondsOf(work)));
  return best;
}

const cardsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ pan: `621444${String(index).padStart(13, '0')}`, psn: '01' }));

export async function benchKeys(): Promise<Figure[]> {
  const random = seededRandom('keys');
  const key = random(KEY_BYTES);
  const factors = Array.from({ length: CARDS }, () => random(8));
  const cards = cardsOf(CARDS);
  const input = random(CARDS * KEY_BYTES);
  const bulk3Des = await rate(CARDS, () => openEncryptor('des-ede-ecb', key)(input));
  const bulkSm4 = await rate(CARDS, () => openEncryptor('sm4-ecb', key)(input));
  const keyLimit = { limit: bulk3Des, limitName: 'one bulk 3DES ECB call, 16 bytes a card' };
  const sm4Limit = { limit: bulkSm4, limitName: 'one bulk SM4 ECB call, 16 bytes a card' };
  // what the cipher alone would allow: as many blocks as a TC takes, in one call
  const tcLimit = {
    limit: (bulk3Des * KEY_BYTES) / (BLOCKS_OF_A_TC * DES_BLOCK_BYTES),
    limitName: 'one bulk 3DES ECB call, 72 bytes a TC',
  };
  const token = makeToken();
  process.env['SOFTHSM2_CONF'] = token.environment.SOFTHSM2_CONF;
  const now = () => new Date();
  let document: string | undefined;
  const software = new SoftwareVault({
    storage: {
      load: () => document,
      save: (text) => {
        document = text;
      },
    },
    ...{ passphrase: 'bench', random, now },
  });
  const hardware = new Pkcs11Vault({ address: token.address, pin: TEST_PIN, random, now });
  try {
    return [
      {
        ...{ name: 'card keys dispersed, 3DES, one batch', unit: 'keys/s', ...keyLimit },
        value: await rate(CARDS, () => disperseMany('3DES', key, factors)),
      },
      {
        ...{ name: 'issuer card keys from PANs, 3DES, one batch', unit: 'keys/s', ...keyLimit },
        value: await rate(CARDS, () => deriveCardKeys('3DES', key, cards)),
      },
      {
        ...{ name: 'card keys dispersed, SM4, one batch', unit: 'keys/s', ...sm4Limit },
        value: await rate(CARDS, () => disperseMany('SM4', key, factors)),
      },
      ...(await vaultFigures('software keystore', software, VAULT_CARDS, keyLimit, tcLimit)),
      ...(await vaultFigures('SoftHSM2', hardware, TOKEN_CARDS, keyLimit, tcLimit)),
      {
        ...{ name: 'SM4 TCs verified, software keystore', unit: 'TC/s' },
        value: await verified(software, 'SM4', VAULT_CARDS),
        limit: (bulkSm4 * KEY_BYTES) / (5 * 16),
        limitName: 'one bulk SM4 ECB call, 80 bytes a TC',
      },
    ];
  } finally {
    software.close();
    hardware.close();
    token.remove();
  }
}

async function vaultFigures(
  backend: string,
  vault: KeyVault,
  count: number,
  keyLimit: Pick<Figure, 'limit' | 'limitName'>,
  tcLimit: Pick<Figure, 'limit' | 'limitName'>,
): Promise<Figure[]> {
  await vault.ensure({ label: 'opening', usage: 'activation', algorithm: '3DES', owner: 'bench' });
  await vault.openZone('bench', new Uint8Array(32).fill(9), ['activation']);
  const region = Uint8Array.of(0x44, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  const paths = cardsOf(count).map(({ pan }) => [region, Uint8Array.from(Buffer.from(pan.slice(-16), 'hex'))]);
  const dispersed = await rate(count, () => vault.issueOpeningKeys('opening', 'bench', paths));
  return [
    { name: `card keys dispersed and enciphered, ${backend}`, unit: 'keys/s', value: dispersed, ...keyLimit },
    { name: `TCs verified, ${backend}`, unit: 'TC/s', value: await verified(vault, '3DES', count), ...tcLimit },
  ];
}

async function verified(vault: KeyVault, algorithm: '3DES' | 'SM4', count: number): Promise<number> {
  const label = `imk-ac-${algorithm}`;
  await vault.ensure({ label, usage: 'application-cryptogram', algorithm, owner: 'bench' });
  const input = new Uint8Array(CRYPTOGRAM_INPUT_BYTES);
  const checks = cardsOf(count).map((card, atc) => ({
    label,
    card,
    atc: atc & 0xffff,
    input,
    cryptogram: new Uint8Array(8),
  }));
  return rate(count, () => vault.verifyCryptograms(checks));
}
