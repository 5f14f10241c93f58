/**
 * A data grouping as an application keeps it: secret ones deciphered under the domain's session, check values of keys
 * proved. The same for every application that is personalised by STORE DATA (PBOC 3.0 Part 5 Annex as publicly described).
 */
import { equalBytes, SW_6A80_WRONG_DATA } from '@polycard/bytes';
import { checkValue } from '@polycard/crypto';
import { isPaddedGrouping, isSecretGrouping } from '../personalisation.ts';
import type { SecretReader } from './applet.ts';
import type { DataGroupings } from './store-data.ts';

/** Check values of keys, and the grouping they belong to. */
const CHECK_VALUES: Readonly<Record<string, string>> = { '9000': '8000', '9020': '8020' };
const CHECK_VALUE_BYTES = 3;

function withoutPadding(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0x00) end--;
  return end >= 0 && padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}

/** One 16-byte key after another, each with its check value; an SM4 card has SM4 check values. */
function checkValuesHold(keys: Uint8Array, values: Uint8Array): boolean {
  const count = keys.length / 16;
  if (!Number.isInteger(count) || values.length !== count * CHECK_VALUE_BYTES) return false;
  for (let index = 0; index < count; index++) {
    const key = keys.subarray(index * 16, index * 16 + 16);
    const value = values.subarray(index * CHECK_VALUE_BYTES, (index + 1) * CHECK_VALUE_BYTES);
    if (!equalBytes(checkValue('3DES', key), value) && !equalBytes(checkValue('SM4', key), value)) return false;
  }
  return true;
}

/** PIN block (DGI 8010): under a cipher with longer blocks it comes with padding. */
const PIN_BLOCK_BYTES = 8;

/** In clear; undefined when it is no whole number of blocks or its padding is wrong. */
function readSecretGrouping(secrets: SecretReader, dgi: string, value: Uint8Array): Uint8Array | undefined {
  if (value.length === 0 || value.length % secrets.secretBlockBytes !== 0) return undefined;
  const clear = secrets.decipherSecret(value);
  const isPadded = isPaddedGrouping(dgi) || (dgi === '8010' && clear.length > PIN_BLOCK_BYTES);
  return isPadded ? withoutPadding(clear) : Uint8Array.from(clear);
}

/** Keeps one grouping: secret ones in clear. Gives a status word when it does not hold. */
export function readGrouping(
  secrets: SecretReader,
  dgi: string,
  value: Uint8Array,
  soFar: DataGroupings,
): Uint8Array | number {
  if (isSecretGrouping(dgi)) return readSecretGrouping(secrets, dgi, value) ?? SW_6A80_WRONG_DATA;
  const keysDgi = CHECK_VALUES[dgi];
  if (keysDgi !== undefined) {
    const keys = soFar.get(keysDgi);
    if (keys === undefined || !checkValuesHold(keys, value)) return SW_6A80_WRONG_DATA;
  }
  return value;
}
