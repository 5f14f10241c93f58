/** SELECT by name (GPC 2.3.1 §11.9) and the FCI of a security domain. */
import { type CommandApdu, concat, encodeTlv, findTlv, parseTlv } from '@polycard/bytes';
import type { StatusWordTable } from './status-words.ts';

export const INS_A4_SELECT = 0xa4;

export const SELECT_STATUS_WORDS: StatusWordTable = {
  25219: { en: 'selected; the card is locked', zh: '已选择；卡片已锁' },
  26754: { en: 'secure messaging not supported', zh: '不支持安全报文' },
  27265: { en: 'the card or application is locked', zh: '卡片或应用已锁' },
  27266: { en: 'no such application', zh: '没有该应用' },
  27033: { en: 'the application refused to be selected', zh: '应用拒绝被选择' },
};

/** An empty AID selects the issuer security domain. */
export function encodeSelect(aid: Uint8Array, occurrence: 'first' | 'next' = 'first'): CommandApdu {
  return { cla: 0x00, ins: INS_A4_SELECT, p1: 0x04, p2: occurrence === 'first' ? 0x00 : 0x02, data: aid, le: 256 };
}

/** FCI of a security domain (GPC 2.3.1 §11.9.3.1): `managementData` is the value of its tag 73. */
export function encodeSecurityDomainFci(
  aid: Uint8Array,
  managementData: Uint8Array,
  commandDataBytesMax: number,
): Uint8Array {
  const proprietary = concat(encodeTlv('73', managementData), encodeTlv('9F65', Uint8Array.of(commandDataBytesMax)));
  return encodeTlv('6F', concat(encodeTlv('84', aid), encodeTlv('A5', proprietary)));
}

export interface SecurityDomainFci {
  readonly aid: Uint8Array | undefined;
  /** Tag 9F65; 255 when it is missing. */
  readonly commandDataBytesMax: number;
}

/** Host side; an FCI that cannot be read gives no AID. */
export function parseSecurityDomainFci(data: Uint8Array): SecurityDomainFci {
  try {
    const nodes = parseTlv(data, 'FCI');
    const longest = findTlv(nodes, '9F65');
    const value = longest?.reduce((sum, byte) => sum * 256 + byte, 0) ?? 255;
    return { aid: findTlv(nodes, '84'), commandDataBytesMax: value === 0 || value > 255 ? 255 : value };
  } catch {
    return { aid: undefined, commandDataBytesMax: 255 };
  }
}
