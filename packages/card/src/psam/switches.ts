/** Facts about PSAMs that the public sources leave open, as named switches. */
export interface PsamSwitches {
  /** When the terminal's number of a purchase goes up: with INIT_SAM_FOR_PURCHASE (a number is used once), or with a right MAC2. */
  readonly sequenceGoesUp: 'at-init' | 'at-credit';
  /** Bytes of a MAC that CIPHER_DATA answers; terminals use the first four. */
  readonly cipherMacBytes: 4 | 8;
  /** Wrong MAC2 in a row until the purchase keys are locked. */
  readonly macErrorsMax: number;
  /** Data of one CIPHER_DATA command; terminals split at 30 (hex). */
  readonly cipherDataBytesMax: number;
}

export const PSAM_SWITCHES_AS_PUBLICLY_DESCRIBED: PsamSwitches = {
  sequenceGoesUp: 'at-init',
  cipherMacBytes: 8,
  macErrorsMax: 15,
  cipherDataBytesMax: 0xf8,
};
