/** keys.8: published key blocks open and are encoded again byte for byte; changed ones are refused by name. */
import { type AcceptanceItem, tests } from './item.ts';

export const KEYS_8: AcceptanceItem = {
  title: 'published key blocks open, encode again byte for byte, and are refused by name when changed',
  plants: ['key-block-changed'],
  run: (plant) =>
    tests(['packages/crypto/test/key-block.test.ts'], plant === undefined ? {} : { POLYCARD_PLANT: plant }),
};
