/** card.7: the console draws a card's applications, bytes and records as the specification does, and has a browser of it. */
import type { AcceptanceItem } from './item.ts';
import { tests } from './item.ts';

export const CARD_7: AcceptanceItem = {
  title: "a card's page and the specification browser in headless Chromium",
  plants: ['console-missing'],
  run: (plant) =>
    tests(['e2e/console.test.ts'], {
      POLYCARD_SCREENSHOTS: 'screenshots',
      ...(plant === undefined ? {} : { POLYCARD_PLANT: plant }),
    }),
};
