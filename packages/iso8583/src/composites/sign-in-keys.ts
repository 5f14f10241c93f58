/** F62 of a sign-in answer, double-length scheme 003: PIN key 16+4, MAC key 8 + 8 filler + 4 (reference iso8583.md §1.5). */
import { concat } from '@polycard/bytes';
import { messageError } from '../errors.ts';

export interface SignInKeys {
  /** Under the terminal master key. */
  readonly pinKey: Uint8Array;
  readonly pinKeyCheckValue: Uint8Array;
  /** Single DES: the slot's second half is filler that some terminals ignore and some decrypt. */
  readonly macKey: Uint8Array;
  readonly macKeyCheckValue: Uint8Array;
}

const F62_BYTES = 40;

export function encodeSignInKeys(keys: SignInKeys): Uint8Array {
  return concat(keys.pinKey, keys.pinKeyCheckValue, keys.macKey, new Uint8Array(8), keys.macKeyCheckValue);
}

export function parseSignInKeys(bytes: Uint8Array): SignInKeys {
  if (bytes.length !== F62_BYTES)
    throw messageError('FIELD_LENGTH', 'F62', 0, `${F62_BYTES} bytes of keys (003)`, `${bytes.length}`);
  return {
    pinKey: bytes.slice(0, 16),
    pinKeyCheckValue: bytes.slice(16, 20),
    macKey: bytes.slice(20, 28),
    macKeyCheckValue: bytes.slice(36, 40),
  };
}
