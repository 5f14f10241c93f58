/** Terminal verification results (95) and transaction status information (9B) while they are being filled. */
export type ResultBit = readonly [byte: number, mask: number];

/** EMV 4.4 Book 3 Annex C5. */
export const TVR = {
  offlineAuthenticationNotPerformed: [0, 0x80],
  sdaFailed: [0, 0x40],
  cardDataMissing: [0, 0x20],
  onExceptionFile: [0, 0x10],
  ddaFailed: [0, 0x08],
  cdaFailed: [0, 0x04],
  versionsDiffer: [1, 0x80],
  expired: [1, 0x40],
  notYetEffective: [1, 0x20],
  serviceNotAllowed: [1, 0x10],
  newCard: [1, 0x08],
  verificationFailed: [2, 0x80],
  methodUnknown: [2, 0x40],
  pinTriesExceeded: [2, 0x20],
  pinNotEntered: [2, 0x08],
  onlinePinEntered: [2, 0x04],
  floorLimitExceeded: [3, 0x80],
  lowerLimitExceeded: [3, 0x40],
  upperLimitExceeded: [3, 0x20],
  merchantForcedOnline: [3, 0x08],
  issuerAuthenticationFailed: [4, 0x40],
  scriptFailedBefore: [4, 0x20],
  scriptFailedAfter: [4, 0x10],
} as const satisfies Record<string, ResultBit>;

/** EMV 4.4 Book 3 Annex C6. */
export const TSI = {
  offlineAuthentication: [0, 0x80],
  cardholderVerification: [0, 0x40],
  cardRiskManagement: [0, 0x20],
  issuerAuthentication: [0, 0x10],
  terminalRiskManagement: [0, 0x08],
  scripts: [0, 0x04],
} as const satisfies Record<string, ResultBit>;

export class TerminalResults {
  readonly tvr = new Uint8Array(5);
  readonly tsi = new Uint8Array(2);

  found([byte, mask]: ResultBit): void {
    this.tvr[byte]! |= mask;
  }

  cleared([byte, mask]: ResultBit): void {
    this.tvr[byte]! &= ~mask;
  }

  performed([byte, mask]: ResultBit): void {
    this.tsi[byte]! |= mask;
  }
}
