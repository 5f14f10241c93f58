/**
 * F62 of a sign-in answer: working keys under the terminal master key, each with its check value (reference iso8583.md
 * §1.5). The scheme is 60.3 of the request. With DES the MAC key is single even in the double-length schemes: its slot's
 * second half is filler that some terminals ignore and some decrypt.
 */
import { concat } from '@polycard/bytes';
import { messageError } from '../errors.ts';

export interface WorkingKey {
  readonly enciphered: Uint8Array;
  /** First 4 bytes of a zero block under the clear key. */
  readonly checkValue: Uint8Array;
}

export interface SignInKeys {
  readonly pinKey: WorkingKey;
  readonly macKey: WorkingKey;
  /** Schemes with a track key only. */
  readonly trackKey?: WorkingKey;
}

export interface SignInScheme {
  readonly algorithm: 'DES' | 'SM4';
  readonly keyBytes: 8 | 16;
  /** Bytes of the MAC key inside its slot of `keyBytes`. */
  readonly macKeyBytes: 8 | 16;
  readonly hasTrackKey: boolean;
}

/** By 60.3. */
export const SIGN_IN_SCHEMES: Readonly<Record<string, SignInScheme>> = {
  '001': { algorithm: 'DES', keyBytes: 8, macKeyBytes: 8, hasTrackKey: false },
  '003': { algorithm: 'DES', keyBytes: 16, macKeyBytes: 8, hasTrackKey: false },
  '004': { algorithm: 'DES', keyBytes: 16, macKeyBytes: 8, hasTrackKey: true },
  '005': { algorithm: 'SM4', keyBytes: 16, macKeyBytes: 16, hasTrackKey: false },
  '006': { algorithm: 'SM4', keyBytes: 16, macKeyBytes: 16, hasTrackKey: true },
};

const CHECK_VALUE_BYTES = 4;

/** `macKeyBytes` where an acquirer's MAC needs both halves of its slot (X9.19). */
export function encodeSignInKeys(keys: SignInKeys, code = '003', macKeyBytes?: 8 | 16): Uint8Array {
  const scheme = schemeOf(code);
  const slot = ({ enciphered, checkValue }: WorkingKey, keyBytes: number, what: string): Uint8Array => {
    if (enciphered.length !== keyBytes || checkValue.length !== CHECK_VALUE_BYTES)
      throw messageError(
        'FIELD_LENGTH',
        'F62',
        0,
        `${keyBytes} bytes of ${what} and 4 of its check value`,
        `${enciphered.length} and ${checkValue.length}`,
      );
    return concat(enciphered, new Uint8Array(scheme.keyBytes - keyBytes), checkValue);
  };
  if (scheme.hasTrackKey !== (keys.trackKey !== undefined))
    throw messageError('FIELD_VALUE', 'F62', 0, scheme.hasTrackKey ? 'a track key' : 'no track key', 'the opposite');
  return concat(
    slot(keys.pinKey, scheme.keyBytes, 'PIN key'),
    slot(keys.macKey, macKeyBytes ?? scheme.macKeyBytes, 'MAC key'),
    keys.trackKey === undefined ? new Uint8Array(0) : slot(keys.trackKey, scheme.keyBytes, 'track key'),
  );
}

export function parseSignInKeys(bytes: Uint8Array, code = '003', macKeyBytes?: 8 | 16): SignInKeys {
  const scheme = schemeOf(code);
  const slotBytes = scheme.keyBytes + CHECK_VALUE_BYTES;
  const slots = scheme.hasTrackKey ? 3 : 2;
  if (bytes.length !== slots * slotBytes)
    throw messageError('FIELD_LENGTH', 'F62', 0, `${slots * slotBytes} bytes of keys (${code})`, `${bytes.length}`);
  const slot = (index: number, keyBytes: number): WorkingKey => {
    const start = index * slotBytes;
    return {
      enciphered: bytes.slice(start, start + keyBytes),
      checkValue: bytes.slice(start + scheme.keyBytes, start + slotBytes),
    };
  };
  return {
    pinKey: slot(0, scheme.keyBytes),
    macKey: slot(1, macKeyBytes ?? scheme.macKeyBytes),
    ...(scheme.hasTrackKey ? { trackKey: slot(2, scheme.keyBytes) } : {}),
  };
}

/** The scheme of 60.3. Throws `POLYCARD_ISO8583_FIELD_VALUE` for a code that is no sign-in. */
export function schemeOf(code: string): SignInScheme {
  const scheme = SIGN_IN_SCHEMES[code];
  if (scheme === undefined)
    throw messageError(
      'FIELD_VALUE',
      'F60.3',
      8,
      `a sign-in: ${Object.keys(SIGN_IN_SCHEMES).join(', ')}`,
      'another code',
    );
  return scheme;
}
