/**
 * DELIVERY_KEY (80 1A): a key of this PSAM dispersed to the card, for CIPHER_DATA. P1 = levels‖type, P2 the key, data the
 * factors with the card's own first (reference pboc.md §4.5; examples 801A 28 01 08, 801A 45 02 10).
 */
import {
  type CommandApdu,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  SW_9403_KEY_INDEX_UNKNOWN,
} from '@polycard/bytes';
import { DISPERSION_FACTOR_BYTES, disperseAlong } from '@polycard/crypto';
import { PSAM_KEY_TYPE } from './contents.ts';
import type { PsamContext, PsamResult } from './context.ts';
import { factorsOf } from './init-sam-for-purchase.ts';

/** What CIPHER_DATA may do with a key; a purchase key never leaves INIT_SAM_FOR_PURCHASE. */
const DELIVERABLE: readonly number[] = [
  PSAM_KEY_TYPE.maintenance,
  PSAM_KEY_TYPE.mac,
  PSAM_KEY_TYPE.encrypt,
  PSAM_KEY_TYPE.macAndEncrypt,
  PSAM_KEY_TYPE.tac,
];

export function deliveryKey({ contents, session }: PsamContext, command: CommandApdu): PsamResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (!session.applicationSelected) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const [levels, type] = [p1 >> 5, p1 & 0x1f];
  session.delivered = undefined;
  session.chain = undefined;
  if (!DELIVERABLE.includes(type)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== levels * DISPERSION_FACTOR_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const key = contents.keys.find((each) => each.type === type && each.id === p2 && each.levels === levels);
  if (key === undefined) return { sw: SW_9403_KEY_INDEX_UNKNOWN };
  const { algorithm } = key;
  session.delivered = { type, algorithm, key: disperseAlong(algorithm, key.key, factorsOf(data)) };
  return { sw: SW_9000_SUCCESS };
}
