/** Every kind of card data that can be explained, and the guess which one some bytes are. */
import { APDU_EXPLAINERS } from './apdu.ts';
import { ATR_EXPLAINER } from './atr.ts';
import { BIT_EXPLAINERS } from './bits.ts';
import { DGI_EXPLAINER } from './dgi.ts';
import type { Explainer } from './explanation.ts';
import { OBJECT_EXPLAINERS } from './objects.ts';

export { type Explainer, type ExplanationPart, partsOfTlv } from './explanation.ts';

export const CARD_EXPLAINERS: readonly Explainer[] = [
  ...APDU_EXPLAINERS,
  ...OBJECT_EXPLAINERS,
  ...BIT_EXPLAINERS,
  DGI_EXPLAINER,
  ATR_EXPLAINER,
];
