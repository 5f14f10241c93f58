/**
 * The status message about a listed card (0820, 60.3 = 892, our documented extension, sealed): F62 as BER-TLV with
 * private tags, built by the terminal and read by the host.
 */
import { bcdFromDigits, digitsFromBcd, encodeTlvs, fromHex, PolycardError, parseTlv, toHex } from '@polycard/bytes';
import { type DenyListHit, HIT_OUTCOMES } from './tap-list.ts';

export const HIT_TAGS: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  DF20: { en: "Terminal's number of the report", zh: '终端报告序号' },
  '5A': { en: 'Card number', zh: '卡号' },
  DF21: { en: 'Time of the tap', zh: '交易时间' },
  DF22: { en: 'What is listed: card or application', zh: '名单范围：整卡或应用' },
  DF23: { en: 'Reason', zh: '原因' },
  DF24: {
    en: 'Outcome: 01 refused, 02 locked, 03 lock refused, 04 lock unknown',
    zh: '结果：01拒绝、02已锁、03锁定被拒、04锁定未知',
  },
  DF25: { en: 'Version of the list', zh: '名单版本' },
};

export function encodeDenyListHit(hit: DenyListHit): Uint8Array {
  const u32 = (value: number): Uint8Array => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    return bytes;
  };
  const pan = hit.pan.length % 2 === 0 ? hit.pan : `${hit.pan}F`;
  return encodeTlvs([
    ['DF20', u32(hit.hitNo)],
    ['5A', fromHex(pan)],
    ['DF21', bcdFromDigits(hit.at, 7)],
    ['DF22', new TextEncoder().encode(hit.scope)],
    ['DF23', new TextEncoder().encode(hit.reason)],
    ['DF24', Uint8Array.of(HIT_OUTCOMES.indexOf(hit.outcome) + 1)],
    ['DF25', u32(hit.listVersion)],
  ]);
}

/** Throws `POLYCARD_TERMINAL_DENY_LIST_HIT` naming the tag that is missing or wrong. */
export function parseDenyListHit(bytes: Uint8Array): DenyListHit {
  const nodes = parseTlv(bytes, 'F62');
  const wrong = (tag: string, expected: string): PolycardError =>
    new PolycardError('POLYCARD_TERMINAL_DENY_LIST_HIT', `F62.${tag} (${HIT_TAGS[tag]?.en}): expected ${expected}`, {
      where: `F62.${tag}`,
      expected,
    });
  const required = (tag: string, lengthBytes?: number): Uint8Array => {
    const value = nodes.find((node) => node.tag === tag)?.value;
    if (value === undefined || (lengthBytes !== undefined && value.length !== lengthBytes))
      throw wrong(tag, lengthBytes === undefined ? 'a value' : `${lengthBytes} bytes`);
    return value;
  };
  const u32 = (tag: string): number => {
    const value = required(tag, 4);
    return new DataView(value.buffer, value.byteOffset).getUint32(0);
  };
  const identifier = (tag: string): string => {
    const text = new TextDecoder().decode(required(tag));
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(text)) throw wrong(tag, 'an identifier');
    return text;
  };
  const pan = /^(\d{8,19})F?$/.exec(toHex(required('5A')))?.[1];
  if (pan === undefined) throw wrong('5A', '8 to 19 digits');
  const outcome = HIT_OUTCOMES[required('DF24', 1)[0]! - 1];
  if (outcome === undefined) throw wrong('DF24', '01 to 04');
  return {
    ...{ hitNo: u32('DF20'), pan, at: digitsFromBcd(required('DF21', 7)) },
    ...{ scope: identifier('DF22'), reason: identifier('DF23'), outcome, listVersion: u32('DF25') },
  };
}
