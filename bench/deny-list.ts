/** Look-ups in a list of a million cards beside a Set of strings, and its bytes beside the information bound. */
import { sha256 } from '@polycard/crypto';
import { contentOf, type DenyEntry, DenyLookUp, informationBoundBits, unsignedSnapshot } from '@polycard/deny-list';
import { ISSUED_PER_LISTED, IssuedCards } from '../e2e/deny-list-scenario.ts';
import type { Figure } from './figure.ts';

const LISTED = 1_000_000;
const ROUNDS = 5;

export async function benchDenyList(): Promise<Figure[]> {
  const cards = new IssuedCards(LISTED * ISSUED_PER_LISTED);
  cards.turn(LISTED, 1);
  const listed = Array.from(cards.listed(), (index) => cards.number(index));
  const unlisted = Array.from(cards.neighbours(), (index) => cards.number(index));
  const entries = listed.map((cardNo): DenyEntry => ({ cardNo, scope: 'card', reason: 'lost', lockOnSight: false }));
  const content = contentOf(entries);
  const lookUp = new DenyLookUp(content);
  const peer = new Set(listed);
  const perSecond = (numbers: readonly string[], holds: (cardNo: string) => boolean): number => {
    let best = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const started = process.hrtime.bigint();
      let found = 0;
      for (const cardNo of numbers) if (holds(cardNo)) found++;
      if (found !== 0 && found !== numbers.length) throw new Error('the look-up is wrong');
      best = Math.max(best, numbers.length / (Number(process.hrtime.bigint() - started) / 1e9));
    }
    return best;
  };
  const ours = (cardNo: string): boolean => lookUp.find(cardNo, 'metro') !== undefined;
  const theirs = (cardNo: string): boolean => peer.has(cardNo);
  const snapshot = unsignedSnapshot({ version: 1, issuedAt: 0, content }, sha256);
  return [
    ...[['listed', listed] as const, ['not listed', unlisted] as const].map(([name, numbers]) => ({
      name: `deny-list look-up among a million, ${name}`,
      unit: 'cards/s',
      value: perSecond(numbers, ours),
      limit: perSecond(numbers, theirs),
      limitName: 'a Set of strings',
    })),
    {
      name: 'deny-list snapshot of a million cards out of thirty',
      unit: 'bytes',
      value: snapshot.length,
      limit: informationBoundBits(LISTED, cards.size) / 8,
      limitName: 'information bound',
    },
    { name: 'deny-list look-up tables of a million cards', unit: 'bytes', value: lookUp.sizeBytes },
  ];
}
