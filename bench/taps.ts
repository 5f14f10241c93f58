/** Whole taps in process: a metro exit on a real card at a real gate, without network and store. */
import { VirtualCard } from '@polycard/card';
import { generateRsaKey, importRsaPrivate, rsaSignRaw, seededRandom } from '@polycard/crypto';
import { ENTRY_GATE, EXIT_GATE, openSmallSite } from '../e2e/small-site.ts';
import type { Figure } from './figure.ts';

const TAPS = 1500;

export async function benchTaps(): Promise<Figure[]> {
  const site = await openSmallSite({ cards: 1, seed: 'bench' });
  try {
    const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('bench') });
    const [entry, exit] = [site.terminals[ENTRY_GATE]!.terminal!, site.terminals[EXIT_GATE]!.terminal!];
    entry.tap(card, { kind: 'entry', at: '20180901080000' });
    const inside = card.snapshot();
    const times: number[] = [];
    for (let index = 0; index < TAPS; index++) {
      const rider = VirtualCard.restore(inside, { random: seededRandom('bench') });
      const started = process.hrtime.bigint();
      const outcome = exit.tap(rider, { kind: 'exit', at: '20180901083000' });
      times.push(Number(process.hrtime.bigint() - started));
      if (outcome.result !== 'accepted') throw new Error(outcome.result);
      exit.journal.uploaded(outcome.entry);
    }
    const median = times.toSorted((a, b) => a - b)[TAPS / 2]!;
    return [
      {
        name: 'metro exits, card and gate in one process (median)',
        unit: 'taps/s',
        value: 1e9 / median,
        limit: signaturesPerSecond(),
        limitName: 'RSA-1024 signatures of the card key alone',
      },
    ];
  } finally {
    await site.close();
  }
}

/** The card's fDDA signature is what a tap cannot do without. */
export function signaturesPerSecond(): number {
  const key = generateRsaKey(seededRandom('bench'), 128);
  const handle = importRsaPrivate(key);
  const block = new Uint8Array(128);
  block[1] = 1;
  const count = 3000;
  for (let index = 0; index < 500; index++) rsaSignRaw(handle, block);
  const started = process.hrtime.bigint();
  for (let index = 0; index < count; index++) rsaSignRaw(handle, block);
  return count / (Number(process.hrtime.bigint() - started) / 1e9);
}
