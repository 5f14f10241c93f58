/** keys.9: dispersion and TC checks on both back ends, beside what bulk 3DES and SM4 of this machine allow. */
import { runBench } from '../../bench/main.ts';
import type { AcceptanceItem } from './item.ts';

const WANTED = [
  /^card keys dispersed and enciphered, software keystore$/,
  /^card keys dispersed and enciphered, SoftHSM2$/,
  /^TCs verified, software keystore$/,
  /^TCs verified, SoftHSM2$/,
  /^card keys dispersed, SM4/,
  /^SM4 TCs verified, software keystore$/,
];

export const KEYS_9: AcceptanceItem = {
  title: 'keys dispersed and TCs verified a second, beside the bulk limit',
  plants: ['figure-missing'],
  run: async (plant) => {
    const figures = await runBench(plant === 'figure-missing' ? 'iso8583' : 'keys');
    return WANTED.flatMap((pattern) => {
      const figure = figures.find(({ name }) => pattern.test(name));
      if (figure === undefined) return [`no figure for ${pattern.source}`];
      const hasLimit = figure.value > 0 && figure.limit !== undefined && figure.limit > 0;
      return hasLimit ? [] : [`${figure.name} has no limit beside it`];
    });
  },
};
