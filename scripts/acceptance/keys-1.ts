/** keys.1: one test-suite on the software keystore and on SoftHSM2, with the vectors V2 to V5. */
import { type AcceptanceItem, tests } from './item.ts';

export const KEYS_1: AcceptanceItem = {
  title: 'one suite on the software keystore and SoftHSM2, vectors V2 to V5',
  plants: ['vector-changed'],
  run: (plant) => tests(['packages/vault/test/backends.test.ts'], plant === undefined ? {} : { POLYCARD_PLANT: plant }),
};
