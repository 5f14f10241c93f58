/** EXTERNAL AUTHENTICATE of a secure channel (GPC 2.3.1 §E.5.2; Amendment D §7.1.2). */
import type { CommandApdu } from '@polycard/bytes';
import type { StatusWordTable } from './status-words.ts';

export const INS_82_EXTERNAL_AUTHENTICATE = 0x82;

export const EXTERNAL_AUTHENTICATE_STATUS_WORDS: StatusWordTable = {
  25344: { en: 'the host cryptogram is wrong: these are not the keys of the card', zh: '主机密文错误：密钥不符' },
  27010: { en: 'the MAC is wrong', zh: 'MAC 错误' },
  27013: { en: 'no INITIALIZE UPDATE before it', zh: '之前没有 INITIALIZE UPDATE' },
};

/** Without its C-MAC, which the messaging adds. */
export function encodeExternalAuthenticate(level: number, hostCryptogram: Uint8Array): CommandApdu {
  return { cla: 0x80, ins: INS_82_EXTERNAL_AUTHENTICATE, p1: level, p2: 0x00, data: hostCryptogram };
}
