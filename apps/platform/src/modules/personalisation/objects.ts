/** Data objects and groups as personalisation writes them. */
import { encodeTlv, encodeTlvs, fromHex } from '@polycard/bytes';

export type Dgi = readonly [dgi: string, hex: string];

export const tlv = (tag: string, hex: string): readonly [string, Uint8Array] => [tag, fromHex(hex)];

export const record = (entries: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  encodeTlv('70', encodeTlvs(entries));

/** SDA and DDA, cardholder verification, terminal risk management, issuer authentication: on both interfaces. */
export const AIP_DDA = '7C00';
