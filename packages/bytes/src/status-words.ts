/**
 * Status words of the commands this project speaks, with their meaning for people in two languages.
 * Sources: ISO 7816-4:2020 §5.6; PBOC 3.0 Part 14 as publicly described (697x, 9406) and e-purse (93xx, 94xx); EMV 4.4 Book 1.
 */
export const SW_9000_SUCCESS = 0x9000;
export const SW_6283_SELECTED_FILE_INVALIDATED = 0x6283;
export const SW_6310_MORE_DATA = 0x6310;
export const SW_6300_AUTHENTICATION_FAILED = 0x6300;
export const SW_6581_MEMORY_FAILURE = 0x6581;
export const SW_6700_WRONG_LENGTH = 0x6700;
export const SW_6881_CHANNEL_NOT_SUPPORTED = 0x6881;
export const SW_6901_INVALID_STATE = 0x6901;
export const SW_6971_PREAUTH_SLOTS_FULL = 0x6971;
export const SW_6972_PREAUTH_ALREADY_OPEN = 0x6972;
export const SW_6973_NO_PREAUTH_TO_COMPLETE = 0x6973;
export const SW_6974_CAPP_UPDATE_MISSING = 0x6974;
export const SW_6976_LOAD_EXCEEDS_LIMIT = 0x6976;
export const SW_6982_SECURITY_STATUS = 0x6982;
export const SW_6983_AUTHENTICATION_BLOCKED = 0x6983;
export const SW_6984_REFERENCED_DATA_INVALIDATED = 0x6984;
export const SW_6985_CONDITIONS_NOT_SATISFIED = 0x6985;
export const SW_6986_COMMAND_NOT_ALLOWED = 0x6986;
export const SW_6988_MAC_INCORRECT = 0x6988;
export const SW_6A80_WRONG_DATA = 0x6a80;
export const SW_6A81_FUNCTION_NOT_SUPPORTED = 0x6a81;
export const SW_6A82_FILE_NOT_FOUND = 0x6a82;
export const SW_6A83_RECORD_NOT_FOUND = 0x6a83;
export const SW_6A84_NOT_ENOUGH_SPACE = 0x6a84;
export const SW_6A86_INCORRECT_P1_P2 = 0x6a86;
export const SW_6A88_REFERENCED_DATA_NOT_FOUND = 0x6a88;
export const SW_6B00_OFFSET_OUTSIDE = 0x6b00;
export const SW_6D00_INS_NOT_SUPPORTED = 0x6d00;
export const SW_6E00_CLA_NOT_SUPPORTED = 0x6e00;
export const SW_6F00_NO_PRECISE_DIAGNOSIS = 0x6f00;
export const SW_9302_MAC_INCORRECT = 0x9302;
export const SW_9303_PERMANENTLY_BLOCKED = 0x9303;
export const SW_9401_BALANCE_TOO_LOW = 0x9401;
export const SW_9402_COUNTER_EXHAUSTED = 0x9402;
export const SW_9403_KEY_INDEX_UNKNOWN = 0x9403;
export const SW_9406_PROOF_NOT_AVAILABLE = 0x9406;

const MEANINGS: Readonly<Record<number, readonly [english: string, chinese: string]>> = {
  36864: ['done', '成功'],
  25219: ['selected, but the application is locked', '已选择，但应用已锁定'],
  25344: ['authentication failed', '认证失败'],
  25360: ['more data available', '还有更多数据'],
  25985: ['memory or update cache is full', '存储器或更新缓存已满'],
  26368: ['wrong length', '长度错误'],
  26753: ['logical channel not supported', '不支持的逻辑通道'],
  26881: ['command not accepted in this state', '命令不接受（无效状态）'],
  26993: ['too many open pre-authorisations', '预授权个数已满'],
  26994: ['a pre-authorisation is already open for this record', '该记录已有未完成的预授权'],
  26995: ['no pre-authorisation to complete', '没有可完成的预授权'],
  26996: ['last record read, but the record read before was not updated', '已读最后记录，但先前读取的记录未更新'],
  26998: ['load would exceed the limit', '圈存超过上限'],
  27010: ['security status not satisfied', '不满足安全状态'],
  27011: ['authentication blocked', '认证已锁定'],
  27012: ['referenced data invalidated', '引用数据无效'],
  27013: ['conditions of use not satisfied', '不满足使用条件'],
  27014: ['command not allowed here', '命令不允许'],
  27016: ['MAC is wrong', 'MAC 错误'],
  27264: ['wrong data', '数据错误'],
  27265: ['function not supported or card blocked', '功能不支持或卡已锁'],
  27266: ['file or application not found', '未找到文件或应用'],
  27267: ['record not found', '未找到记录'],
  27268: ['not enough space, or record too long', '空间不足或记录过长'],
  27270: ['wrong P1 P2', 'P1 P2 错误'],
  27272: ['data object not found', '未找到数据对象'],
  27392: ['offset outside the file', '偏移地址超出文件'],
  27904: ['instruction not supported', '不支持的指令'],
  28160: ['class not supported', '不支持的类'],
  28416: ['no precise diagnosis', '无准确诊断'],
  37634: ['e-purse: MAC is wrong', '电子钱包：MAC 错误'],
  37635: ['e-purse: application permanently blocked', '电子钱包：应用永久锁定'],
  37889: ['e-purse: balance too low', '电子钱包：余额不足'],
  37890: ['e-purse: transaction counter used up', '电子钱包：交易计数器达到最大值'],
  37891: ['e-purse: key index unknown', '电子钱包：密钥索引不支持'],
  37894: ['transaction proof not available', '交易证明不可用'],
};

/** What a status word means, for screens and reports. */
export function describeStatusWord(sw: number): { en: string; zh: string } {
  const known = MEANINGS[sw];
  if (known !== undefined) return { en: known[0], zh: known[1] };
  if (sw >> 4 === 0x63c) return { en: `wrong, ${sw & 0x0f} tries left`, zh: `错误，剩余 ${sw & 0x0f} 次` };
  return { en: 'status word without a known meaning', zh: '未知状态字' };
}
