/** Card keys dispersed in a batch, beside one bulk ECB call over as many bytes. */
import { disperseMany, openEncryptor, seededRandom } from '@polycard/crypto';
import { deriveCardKeys } from '@polycard/emv';
import type { Figure } from './figure.ts';

const CARDS = 100_000;
const KEY_BYTES = 16;

export async function benchKeys(): Promise<Figure[]> {
  const random = seededRandom('keys');
  const key = random(KEY_BYTES);
  const factors = Array.from({ length: CARDS }, () => random(8));
  const cards = Array.from({ length: CARDS }, (_, index) => ({
    pan: `621444${String(index).padStart(13, '0')}`,
    psn: '01',
  }));
  const input = random(CARDS * KEY_BYTES);
  const rate = (work: () => unknown): number => {
    let best = 0;
    for (let round = 0; round < 4; round++) {
      const started = process.hrtime.bigint();
      work();
      best = Math.max(best, CARDS / (Number(process.hrtime.bigint() - started) / 1e9));
    }
    return best;
  };
  const bulk = rate(() => openEncryptor('des-ede-ecb', key)(input));
  const limit = { limit: bulk, limitName: 'one bulk 3DES ECB call, 16 bytes a card' };
  return [
    {
      name: 'card keys dispersed, 3DES, one batch',
      unit: 'keys/s',
      value: rate(() => disperseMany('3DES', key, factors)),
      ...limit,
    },
    {
      name: 'issuer card keys from PANs, 3DES, one batch',
      unit: 'keys/s',
      value: rate(() => deriveCardKeys('3DES', key, cards)),
      ...limit,
    },
    {
      name: 'card keys dispersed, SM4, one batch',
      unit: 'keys/s',
      value: rate(() => disperseMany('SM4', key, factors)),
      limit: rate(() => openEncryptor('sm4-ecb', key)(input)),
      limitName: 'one bulk SM4 ECB call',
    },
  ];
}
