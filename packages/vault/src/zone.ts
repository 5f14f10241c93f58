/** The receiving side of a zone: what a bureau or terminal maker does with what the vault gave it. */
import { PolycardError } from '@polycard/bytes';
import { decryptBlocks, hmacSha256, openAesGcm } from '@polycard/crypto';

/** Deciphers a key under the zone's transport key. */
export function decipherFromZone(zoneKey: Uint8Array, enciphered: Uint8Array): Uint8Array {
  return decryptBlocks('des-ede-ecb', zoneKey, enciphered);
}

/** Opens what `sealForZone` sealed. Throws `POLYCARD_VAULT_TAMPERED`. */
export function openFromZone(zoneId: string, zoneKey: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    return openAesGcm(zoneDataKey(zoneKey), sealed, new TextEncoder().encode(zoneId));
  } catch (cause) {
    throw new PolycardError('POLYCARD_VAULT_TAMPERED', `data for zone ${zoneId} does not open`, {
      where: zoneId,
      cause,
    });
  }
}

/** The transport key only enciphers keys; data for the zone go under an AES key made from it. */
export function zoneDataKey(zoneKey: Uint8Array): Uint8Array {
  return hmacSha256(zoneKey, new TextEncoder().encode('polycard zone data key'));
}
