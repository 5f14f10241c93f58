/** card.8: personalisation over SCP03, the card's speed, and the air time of a metro exit. Prints figures, judges none. */
import { runBench } from '../../bench/main.ts';
import type { AcceptanceItem } from './item.ts';

const WANTED: readonly RegExp[] = [
  /cards personalised over SCP03/,
  /spent in cryptography/,
  /the card in a metro exit/,
  /metro exit: exchanges/,
  /metro exit: command and response bytes/,
  ...[106, 212, 424, 848].map((rate) => new RegExp(`air time at ${rate} kbit/s`)),
];

export const CARD_8: AcceptanceItem = {
  title: 'cards personalised a second, APDUs a second, air time of a metro exit',
  plants: ['figure-missing'],
  async run(plant) {
    const figures = (await runBench('personalisation')).slice(plant === undefined ? 0 : 1);
    return WANTED.flatMap((pattern) => {
      const found = figures.find(({ name }) => pattern.test(name));
      if (found === undefined) return [`no figure for ${pattern.source}`];
      return Number.isFinite(found.value) && found.value > 0 ? [] : [`${found.name} is ${found.value}`];
    });
  },
};
