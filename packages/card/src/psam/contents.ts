/** What a PSAM is issued with: its files and its keys (reference pboc.md §4.5). */
import type { Algorithm } from '@polycard/crypto';

/** Use of a key: low five bits of P1 of DELIVERY_KEY. */
export const PSAM_KEY_TYPE = {
  master: 0x00,
  purchase: 0x02,
  maintenance: 0x05,
  mac: 0x06,
  encrypt: 0x07,
  macAndEncrypt: 0x08,
  tac: 0x0c,
} as const;

export interface PsamCardKey {
  /** `PSAM_KEY_TYPE`. */
  readonly type: number;
  /** P2 of DELIVERY_KEY: number of the key; version of a purchase key. */
  readonly id: number;
  readonly algorithm: Algorithm;
  /** 16 bytes; dispersed down to `levels` above the card. */
  readonly key: Uint8Array;
  /** Dispersion levels between this key and the card: 1 for a city PSAM, 2 for T-Union. */
  readonly levels: number;
}

export interface PsamContents {
  /** SFI 15, 14 bytes: serial 10, version, key type, instruction set, FCI. */
  readonly publicInformation: Uint8Array;
  /** SFI 16, 6 bytes. */
  readonly terminalNo: Uint8Array;
  /** SFI 17, 25 bytes: index of the purchase key 1, issuer 8, receiver 8, valid from 4, to 4. */
  readonly applicationInformation: Uint8Array;
  /** DF that holds the keys, e.g. 8011 (T-Union) or 1001. */
  readonly applicationFid: number;
  readonly keys: readonly PsamCardKey[];
  /** Purchases made so far. */
  readonly transactions?: number;
}
