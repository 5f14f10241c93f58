/** The card product a command is about. */
import type { Blueprint, CardProduct } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

/** The first of the blueprint unless one is named. Throws `POLYCARD_CLI_ARGUMENT`. */
export function productOf({ cards }: Blueprint, wanted: string | undefined): CardProduct {
  const { products } = cards;
  const product = wanted === undefined ? products[0] : products.find((candidate) => candidate.id === wanted);
  if (product !== undefined) return product;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no card product ${wanted}`, {
    where: '--product',
    expected: products.map((candidate) => candidate.id).join(', '),
  });
}
