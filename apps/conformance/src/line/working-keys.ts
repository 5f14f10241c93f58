/** Working keys out of a sign-in answer (F62 of 0810), for the side that plays the terminal and for who watches the line. */
import { concat, equalBytes, toHex } from '@polycard/bytes';
import { checkValue, decryptBlocks, openEncryptor } from '@polycard/crypto';
import { cupMac, type MacFunction, parseSignInKeys } from '@polycard/iso8583';

export interface WorkingKeys {
  readonly mac: MacFunction;
  /** Check values stated and found, for the evidence. */
  readonly pin: { readonly stated: string; readonly found: string };
  readonly macKey: { readonly stated: string; readonly found: string };
  readonly areRight: boolean;
}

/** Double-length scheme (003). Throws `POLYCARD_ISO8583_*` for a field of another length. */
export function workingKeysOf(field62: Uint8Array, masterKey: Uint8Array): WorkingKeys {
  const { pinKey, macKey } = parseSignInKeys(field62, '003');
  const pin = decryptBlocks('des-ede-ecb', masterKey, pinKey.enciphered);
  const single = decryptBlocks('des-ede-ecb', masterKey, macKey.enciphered);
  const doubled = concat(single, single);
  const found = { pin: checkValue('3DES', pin, 4), macKey: checkValue('3DES', doubled, 4) };
  return {
    mac: cupMac(openEncryptor('des-ede-ecb', doubled)),
    pin: { stated: toHex(pinKey.checkValue), found: toHex(found.pin) },
    macKey: { stated: toHex(macKey.checkValue), found: toHex(found.macKey) },
    areRight: equalBytes(pinKey.checkValue, found.pin) && equalBytes(macKey.checkValue, found.macKey),
  };
}
