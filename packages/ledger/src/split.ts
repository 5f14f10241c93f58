import { PolycardError } from '@polycard/bytes';

/**
 * Splits an amount by weights, to the fen: each gets the floor of its part, and what is left goes one fen at a time to
 * the largest remainders (ties: the earlier one). The parts always add up to the amount.
 */
export function splitByWeights(amountFen: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (
    !Number.isSafeInteger(amountFen) ||
    amountFen < 0 ||
    weights.some((weight) => !(weight >= 0)) ||
    !(total > 0 && Number.isFinite(total))
  ) {
    throw new PolycardError(
      'POLYCARD_LEDGER_SPLIT',
      `${amountFen} fen cannot be split by weights ${weights.join(', ')}`,
      {
        expected: 'an amount from 0 and finite weights of which one is positive',
      },
    );
  }
  const exact = weights.map((weight) => (amountFen * weight) / total);
  const parts = exact.map(Math.floor);
  let left = amountFen - parts.reduce((sum, part) => sum + part, 0);
  const order = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of order) {
    if (left === 0) break;
    parts[index]!++;
    left--;
  }
  return parts;
}
