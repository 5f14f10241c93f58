/**
 * What a secure channel does to commands and responses once its keys are there. One object serves both sides: the host
 * protects commands and opens responses, the card opens commands and protects responses.
 */
import type { CommandApdu, ResponseApdu } from '@polycard/bytes';

export interface SecureMessaging {
  /** Security level; 01 until `begin`, because EXTERNAL AUTHENTICATE itself always carries a C-MAC. */
  readonly level: number;
  /** Data bytes that fit one command at this level. */
  readonly dataBytesMax: number;
  /** EXTERNAL AUTHENTICATE went through: from the next command on this level holds. */
  begin(level: number): void;
  protectCommand(plain: CommandApdu): CommandApdu;
  /** Undefined when MAC, padding or level do not hold: the card answers 6982 and the session is dead. */
  openCommand(received: CommandApdu): CommandApdu | undefined;
  protectResponse(plain: ResponseApdu): ResponseApdu;
  /** Undefined when the R-MAC or the padding does not hold. */
  openResponse(received: ResponseApdu): ResponseApdu | undefined;
  /** Block of the cipher that secrets inside commands are under. */
  readonly secretBlockBytes: 8 | 16;
  /** Keys and other secrets inside a command's data, under the DEK; whole blocks. */
  encipherSecret(clear: Uint8Array): Uint8Array;
  decipherSecret(enciphered: Uint8Array): Uint8Array;
}

/** CLA b3: GlobalPlatform secure messaging (GPC 2.3.1 §11.1.4). */
export const CLA_SECURE_MESSAGING = 0x04;

/** CLA as the C-MAC covers it: with secure messaging, on channel 0. */
export function macCla(cla: number): number {
  return (cla | CLA_SECURE_MESSAGING) & 0xfc;
}

export function headerOf({ cla, ins, p1, p2 }: CommandApdu, lc: number): Uint8Array {
  return Uint8Array.of(cla, ins, p1, p2, lc);
}

/** Takes off padding method 2; undefined when there is none. */
export function withoutPad80(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0x00) end--;
  return end >= 0 && padded[end] === 0x80 ? padded.slice(0, end) : undefined;
}
