/**
 * Data objects that are rows of bits, each with its meaning in two languages.
 *
 * EMV 4.4 Book 3 Annex C (AIP, AUC, TVR, TSI), Book 4 Annex A (terminal capabilities); PBOC 3.0 Parts 5 and 12 as
 * publicly described (TTQ, CTQ, card additional processes, application default action).
 */

/** Byte (1 is the first) and bit (8 is the highest) as the specifications count them. */
export interface BitMeaning {
  readonly byte: number;
  readonly bit: number;
  readonly en: string;
  readonly zh: string;
}

type Row = readonly [byte: number, bit: number, en: string, zh: string];

const rows = (table: readonly Row[]): readonly BitMeaning[] =>
  table.map(([byte, bit, en, zh]) => ({ byte, bit, en, zh }));

const TTQ = rows([
  [1, 7, 'contactless debit/credit', '支持非接触借贷记'],
  [1, 6, 'qPBOC', '支持qPBOC'],
  [1, 5, 'contact', '支持接触式借贷记'],
  [1, 4, 'offline only', '仅支持脱机'],
  [1, 3, 'online PIN', '支持联机PIN'],
  [1, 2, 'signature', '支持签名'],
  [2, 8, 'online cryptogram required', '要求联机密文'],
  [2, 7, 'CVM required', '要求持卡人验证'],
  [4, 8, 'fDDA 01', '支持fDDA版本01'],
]);

const CTQ = rows([
  [1, 8, 'online PIN required', '需要联机PIN'],
  [1, 7, 'signature required', '需要签名'],
]);

const AIP = rows([
  [1, 7, 'SDA', '支持SDA'],
  [1, 6, 'DDA', '支持DDA'],
  [1, 5, 'cardholder verification', '支持持卡人验证'],
  [1, 4, 'terminal risk management', '执行终端风险管理'],
  [1, 3, 'issuer authentication', '支持发卡行认证'],
  [1, 1, 'CDA', '支持CDA'],
]);

const TVR = rows([
  [1, 8, 'offline data authentication was not performed', '未进行脱机数据认证'],
  [1, 7, 'SDA failed', 'SDA失败'],
  [1, 6, 'ICC data missing', 'IC卡数据缺失'],
  [1, 5, 'card on terminal exception file', '卡片在终端异常文件中'],
  [1, 4, 'DDA failed', 'DDA失败'],
  [1, 3, 'CDA failed', 'CDA失败'],
  [1, 2, 'SDA selected', '已选择SDA'],
  [2, 8, 'card and terminal have different application versions', '卡片与终端应用版本不一致'],
  [2, 7, 'expired application', '应用已过期'],
  [2, 6, 'application not yet effective', '应用未生效'],
  [2, 5, 'service not allowed for this card product', '卡片不允许所请求的服务'],
  [2, 4, 'new card', '新卡'],
  [3, 8, 'cardholder verification was not successful', '持卡人验证失败'],
  [3, 7, 'unrecognised CVM', '未知的持卡人验证方法'],
  [3, 6, 'PIN try limit exceeded', 'PIN尝试次数超限'],
  [3, 5, 'PIN entry required, PIN pad not present or not working', '要求输入PIN但无密码键盘或故障'],
  [3, 4, 'PIN entry required, PIN was not entered', '要求输入PIN但未输入'],
  [3, 3, 'online PIN entered', '已输入联机PIN'],
  [4, 8, 'transaction exceeds floor limit', '交易超过最低限额'],
  [4, 7, 'lower consecutive offline limit exceeded', '超过连续脱机交易下限'],
  [4, 6, 'upper consecutive offline limit exceeded', '超过连续脱机交易上限'],
  [4, 5, 'selected randomly for online processing', '被随机选择联机处理'],
  [4, 4, 'merchant forced transaction online', '商户强制联机'],
  [5, 8, 'default TDOL used', '使用缺省TDOL'],
  [5, 7, 'issuer authentication failed', '发卡行认证失败'],
  [5, 6, 'script failed before final GENERATE AC', '最后GENERATE AC前脚本失败'],
  [5, 5, 'script failed after final GENERATE AC', '最后GENERATE AC后脚本失败'],
]);

const TSI = rows([
  [1, 8, 'offline data authentication was performed', '已进行脱机数据认证'],
  [1, 7, 'cardholder verification was performed', '已进行持卡人验证'],
  [1, 6, 'card risk management was performed', '已进行卡片风险管理'],
  [1, 5, 'issuer authentication was performed', '已进行发卡行认证'],
  [1, 4, 'terminal risk management was performed', '已进行终端风险管理'],
  [1, 3, 'script processing was performed', '已进行脚本处理'],
]);

const TERMINAL_CAPABILITIES = rows([
  [1, 8, 'manual key entry', '手工键盘输入'],
  [1, 7, 'magnetic stripe', '磁条'],
  [1, 6, 'IC with contacts', '接触式IC卡'],
  [2, 8, 'plaintext PIN for offline verification', '脱机明文PIN'],
  [2, 7, 'enciphered PIN for online verification', '联机加密PIN'],
  [2, 6, 'signature', '签名'],
  [2, 5, 'enciphered PIN for offline verification', '脱机加密PIN'],
  [2, 4, 'no CVM required', '无需持卡人验证'],
  [3, 8, 'SDA', 'SDA'],
  [3, 7, 'DDA', 'DDA'],
  [3, 6, 'card capture', '吞卡'],
  [3, 4, 'CDA', 'CDA'],
]);

const USAGE_CONTROL = rows([
  [1, 8, 'domestic cash', '国内现金'],
  [1, 7, 'international cash', '国际现金'],
  [1, 6, 'domestic goods', '国内商品'],
  [1, 5, 'international goods', '国际商品'],
  [1, 4, 'domestic services', '国内服务'],
  [1, 3, 'international services', '国际服务'],
  [1, 2, 'ATMs', 'ATM'],
  [1, 1, 'terminals other than ATMs', 'ATM以外的终端'],
  [2, 8, 'domestic cashback', '国内返现'],
  [2, 7, 'international cashback', '国际返现'],
]);

const ADDITIONAL_PROCESSES = rows([
  [1, 8, 'low-value check, electronic cash only', '小额检查(仅电子现金)'],
  [1, 7, 'low-value check, electronic cash and CTTA', '小额和CTTA检查'],
  [1, 6, 'low-value check, electronic cash or CTTA', '小额或CTTA检查'],
  [1, 5, 'new card check', '新卡检查'],
  [1, 4, 'PIN tries check', 'PIN重试次数超过检查'],
  [1, 3, 'offline allowed for another currency', '允许货币不匹配的脱机交易'],
  [1, 2, 'contact preferred for online', '联机优先使用接触'],
  [1, 1, 'returns the available offline amount (9F5D)', '返回脱机消费可用余额'],
  [2, 8, 'prepaid', '支持预付'],
  [2, 7, 'refuses another currency', '不允许不匹配货币的交易'],
  [2, 6, 'refuses an offline-only terminal when new', '新卡在仅脱机终端上拒绝'],
  [2, 5, 'logs offline transactions', '记录脱机交易日志'],
  [3, 8, 'online PIN for the same currency', '匹配货币交易支持联机PIN'],
  [3, 7, 'online PIN for another currency', '不匹配货币交易支持联机PIN'],
  [3, 6, 'another currency needs a CVM', '不匹配货币交易要求CVM'],
  [3, 5, 'signature', '支持签名'],
]);

const DEFAULT_ACTION = rows([
  [1, 8, 'issuer authentication failed: next transaction online', '发卡行认证失败，下次联机'],
  [1, 7, 'issuer authentication performed and failed: decline', '发卡行认证执行但失败，拒绝'],
  [1, 6, 'issuer authentication mandatory and no ARPC: decline', '发卡行认证必备但无ARPC，拒绝'],
  [1, 5, 'declined: create an advice', '交易拒绝，生成通知'],
  [1, 4, 'PIN tries exceeded now and declined: create an advice', 'PIN超限且拒绝，生成通知'],
  [1, 3, 'declined because of issuer authentication: create an advice', '发卡行认证导致拒绝，生成通知'],
  [1, 2, 'new card: online', '新卡联机'],
  [1, 1, 'new card and unable to go online: decline', '新卡无法联机，拒绝'],
  [2, 8, 'PIN tries exceeded now: block the application', '本次PIN超限，锁定应用'],
  [2, 7, 'PIN tries exceeded before: decline', '以前PIN超限，拒绝'],
  [2, 6, 'PIN tries exceeded before: online', '以前PIN超限，联机'],
  [2, 5, 'PIN tries exceeded before and unable to go online: decline', '以前PIN超限且无法联机，拒绝'],
  [2, 4, 'script failed before: online', '以前脚本失败，联机'],
  [2, 3, 'PIN tries exceeded before: decline and block', '以前PIN超限，拒绝并锁定'],
]);

/** By tag. */
export const BIT_TABLES: ReadonlyMap<string, readonly BitMeaning[]> = new Map([
  ['82', AIP],
  ['95', TVR],
  ['9B', TSI],
  ['9F07', USAGE_CONTROL],
  ['9F33', TERMINAL_CAPABILITIES],
  ['9F52', DEFAULT_ACTION],
  ['9F66', TTQ],
  ['9F68', ADDITIONAL_PROCESSES],
  ['9F6C', CTQ],
]);

/** Meanings of the bits that are set in a value of this tag; undefined when the tag is no row of bits. */
export function setBits(tag: string, value: Uint8Array): BitMeaning[] | undefined {
  return BIT_TABLES.get(tag)?.filter(({ byte, bit }) => ((value[byte - 1] ?? 0) & (1 << (bit - 1))) !== 0);
}

/** True when every set bit of the value has a meaning: what a guess looks at. */
export function hasOnlyKnownBits(tag: string, value: Uint8Array): boolean {
  const known = new Uint8Array(value.length);
  for (const { byte, bit } of BIT_TABLES.get(tag) ?? []) {
    if (byte <= value.length) known[byte - 1]! |= 1 << (bit - 1);
  }
  return value.every((byte, index) => (byte & ~known[index]!) === 0);
}
