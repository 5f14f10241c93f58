/**
 * The two secure channel protocols with symmetric keys and their options `i`.
 * SCP02: GPC 2.3.1 Annex E. SCP03: Amendment D 1.1.1; S16 as publicly described for 1.2.
 */
import { PolycardError } from '@polycard/bytes';

export type ScpNumber = 2 | 3;

export interface SecureChannelProtocol {
  readonly scp: ScpNumber;
  /** Option byte, e.g. 0x55 for SCP02, 0x70 for SCP03. */
  readonly i: number;
}

/** SCP02 `i` bits (GPC 2.3.1 §E.1.1). */
export const SCP02_I_ICV_ENCRYPTION = 0x10;
export const SCP02_I_R_MAC = 0x20;
export const SCP02_I_PSEUDO_RANDOM = 0x40;
/** SCP03 `i` bits (Amendment D 1.1.1 §5.1; b1 as publicly described for 1.2). */
export const SCP03_I_S16 = 0x01;
export const SCP03_I_PSEUDO_RANDOM = 0x10;
export const SCP03_I_R_MAC = 0x20;
export const SCP03_I_R_ENC = 0x40;

export const DEFAULT_PROTOCOL: Readonly<Record<ScpNumber, SecureChannelProtocol>> = {
  2: { scp: 2, i: 0x55 },
  3: { scp: 3, i: 0x70 },
};

/** Bits of the security level in P1 of EXTERNAL AUTHENTICATE (GPC 2.3.1 Table E-9; Amendment D Table 7-6). */
export const LEVEL_C_MAC = 0x01;
export const LEVEL_C_DECRYPTION = 0x02;
export const LEVEL_R_MAC = 0x10;
export const LEVEL_R_ENCRYPTION = 0x20;

const SCP02_LEVELS: readonly number[] = [0x00, 0x01, 0x03, 0x10, 0x11, 0x13];
const SCP03_LEVELS: readonly number[] = [0x00, 0x01, 0x03, 0x11, 0x13, 0x33];

export function usesS16({ scp, i }: SecureChannelProtocol): boolean {
  return scp === 3 && (i & SCP03_I_S16) !== 0;
}

/** Bytes of challenge and cryptogram, and of a command's MAC. */
export function macBytes(protocol: SecureChannelProtocol): 8 | 16 {
  return usesS16(protocol) ? 16 : 8;
}

export function hasPseudoRandomChallenge({ scp, i }: SecureChannelProtocol): boolean {
  return (i & (scp === 2 ? SCP02_I_PSEUDO_RANDOM : SCP03_I_PSEUDO_RANDOM)) !== 0;
}

/** Whether EXTERNAL AUTHENTICATE may ask for this level under the protocol's options. */
export function isLevelAllowed({ scp, i }: SecureChannelProtocol, level: number): boolean {
  if (scp === 2) return SCP02_LEVELS.includes(level) && ((level & LEVEL_R_MAC) === 0 || (i & SCP02_I_R_MAC) !== 0);
  if (!SCP03_LEVELS.includes(level)) return false;
  if ((level & LEVEL_R_ENCRYPTION) !== 0 && (i & SCP03_I_R_ENC) === 0) return false;
  return (level & LEVEL_R_MAC) === 0 || (i & SCP03_I_R_MAC) !== 0;
}

/** Throws `POLYCARD_GP_LEVEL`. */
export function requireLevel(protocol: SecureChannelProtocol, level: number): void {
  if (isLevelAllowed(protocol, level)) return;
  const i = protocol.i.toString(16).padStart(2, '0');
  throw new PolycardError(
    'POLYCARD_GP_LEVEL',
    `SCP0${protocol.scp} with i=${i} has no security level ${level.toString(16).padStart(2, '0')}`,
    { where: 'level', expected: protocol.scp === 2 ? '00, 01, 03, 10, 11 or 13' : '00, 01, 03, 11, 13 or 33' },
  );
}
