/** card.2: contact and contactless flows over pcscd and vpcd with Debian's tools, and our terminal on cards behind a reader. */
import { type AcceptanceItem, figure, tests } from './item.ts';

const PLANTS = ['ca-key-changed', 'card-blank'];

export const CARD_2: AcceptanceItem = {
  title: 'contact and contactless over pcscd and vpcd with independent programs',
  plants: PLANTS,
  run: async (plant) => {
    figure('independent programs', 'opensc-tool, pcsc_scan, cardpeek, openssl');
    return tests(['e2e/readers.test.ts'], plant === undefined ? {} : { POLYCARD_PLANT: plant });
  },
};
