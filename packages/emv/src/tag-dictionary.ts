/**
 * The data objects this project reads and writes, with their names in two languages.
 *
 * Sources of an entry, by its `clause`: `EMV 4.4 Book 3 Annex A`, `PBOC 3.0 Part 5/12/13/14 (2013)` as publicly
 * described. A tag that is not here is shown by its number; nothing refuses it.
 */

/** Formats of EMV 4.4 Book 3 §4.3. `template` is a constructed object, `dol` a list of tags and lengths. */
export type TagFormat = 'n' | 'cn' | 'b' | 'an' | 'ans' | 'template' | 'dol';

export interface TagEntry {
  readonly tag: string;
  readonly en: string;
  readonly zh: string;
  readonly format: TagFormat;
  readonly clause: string;
}

type Row = readonly [tag: string, format: TagFormat, en: string, zh: string];

const EMV_ROWS: readonly Row[] = [
  ['42', 'n', 'Issuer identification number', '发卡行识别号'],
  ['4F', 'b', 'Application identifier (AID)', '应用标识符'],
  ['50', 'ans', 'Application label', '应用标签'],
  ['57', 'b', 'Track 2 equivalent data', '二磁道等价数据'],
  ['5A', 'cn', 'Application primary account number (PAN)', '应用主账号'],
  ['5F20', 'ans', 'Cardholder name', '持卡人姓名'],
  ['5F24', 'n', 'Application expiration date', '应用失效日期'],
  ['5F25', 'n', 'Application effective date', '应用生效日期'],
  ['5F28', 'n', 'Issuer country code', '发卡行国家代码'],
  ['5F2A', 'n', 'Transaction currency code', '交易货币代码'],
  ['5F2D', 'an', 'Language preference', '首选语言'],
  ['5F30', 'n', 'Service code', '服务码'],
  ['5F34', 'n', 'PAN sequence number (PSN)', '应用主账号序列号'],
  ['61', 'template', 'Application template', '应用模板'],
  ['6F', 'template', 'File control information (FCI)', '文件控制信息模板'],
  ['70', 'template', 'Record template', '记录模板'],
  ['71', 'template', 'Issuer script template 1', '发卡行脚本模板1'],
  ['72', 'template', 'Issuer script template 2', '发卡行脚本模板2'],
  ['73', 'template', 'Directory discretionary template', '目录自定义模板'],
  ['77', 'template', 'Response message template format 2', '响应报文模板格式2'],
  ['80', 'b', 'Response message template format 1', '响应报文模板格式1'],
  ['82', 'b', 'Application interchange profile (AIP)', '应用交互特征'],
  ['83', 'b', 'Command template', '命令模板'],
  ['84', 'b', 'Dedicated file name', '专用文件名'],
  ['86', 'b', 'Issuer script command', '发卡行脚本命令'],
  ['87', 'b', 'Application priority indicator', '应用优先指示符'],
  ['88', 'b', 'Short file identifier (SFI)', '短文件标识符'],
  ['8A', 'an', 'Authorisation response code (ARC)', '授权响应码'],
  ['8C', 'dol', 'Card risk management data object list 1 (CDOL1)', '卡片风险管理数据对象列表1'],
  ['8D', 'dol', 'Card risk management data object list 2 (CDOL2)', '卡片风险管理数据对象列表2'],
  ['8E', 'b', 'Cardholder verification method list', '持卡人验证方法列表'],
  ['8F', 'b', 'Certification authority public key index', 'CA公钥索引'],
  ['90', 'b', 'Issuer public key certificate', '发卡行公钥证书'],
  ['91', 'b', 'Issuer authentication data', '发卡行认证数据'],
  ['92', 'b', 'Issuer public key remainder', '发卡行公钥余项'],
  ['93', 'b', 'Signed static application data', '签名的静态应用数据'],
  ['94', 'b', 'Application file locator (AFL)', '应用文件定位器'],
  ['95', 'b', 'Terminal verification results (TVR)', '终端验证结果'],
  ['9A', 'n', 'Transaction date', '交易日期'],
  ['9B', 'b', 'Transaction status information', '交易状态信息'],
  ['9C', 'n', 'Transaction type', '交易类型'],
  ['9F02', 'n', 'Amount, authorised', '授权金额'],
  ['9F03', 'n', 'Amount, other', '其他金额'],
  ['9F05', 'b', 'Application discretionary data', '应用自定义数据'],
  ['9F06', 'b', 'Application identifier, terminal', '终端应用标识符'],
  ['9F07', 'b', 'Application usage control', '应用用途控制'],
  ['9F08', 'b', 'Application version number, card', '卡片应用版本号'],
  ['9F09', 'b', 'Application version number, terminal', '终端应用版本号'],
  ['9F0D', 'b', 'Issuer action code, default', '发卡行行为代码-缺省'],
  ['9F0E', 'b', 'Issuer action code, denial', '发卡行行为代码-拒绝'],
  ['9F0F', 'b', 'Issuer action code, online', '发卡行行为代码-联机'],
  ['9F10', 'b', 'Issuer application data (IAD)', '发卡行应用数据'],
  ['9F11', 'n', 'Issuer code table index', '发卡行代码表索引'],
  ['9F12', 'ans', 'Application preferred name', '应用首选名称'],
  ['9F13', 'b', 'Last online ATC', '上次联机应用交易计数器'],
  ['9F14', 'b', 'Lower consecutive offline limit, terminal', '连续脱机交易下限(终端)'],
  ['9F17', 'b', 'PIN try counter', 'PIN尝试计数器'],
  ['9F1A', 'n', 'Terminal country code', '终端国家代码'],
  ['9F1E', 'an', 'Interface device serial number', '接口设备序列号'],
  ['9F1F', 'ans', 'Track 1 discretionary data', '一磁道自定义数据'],
  ['9F21', 'n', 'Transaction time', '交易时间'],
  ['9F23', 'b', 'Upper consecutive offline limit, terminal', '连续脱机交易上限(终端)'],
  ['9F26', 'b', 'Application cryptogram', '应用密文'],
  ['9F27', 'b', 'Cryptogram information data', '密文信息数据'],
  ['9F32', 'b', 'Issuer public key exponent', '发卡行公钥指数'],
  ['9F33', 'b', 'Terminal capabilities', '终端性能'],
  ['9F34', 'b', 'Cardholder verification method results', '持卡人验证结果'],
  ['9F35', 'n', 'Terminal type', '终端类型'],
  ['9F36', 'b', 'Application transaction counter (ATC)', '应用交易计数器'],
  ['9F37', 'b', 'Unpredictable number', '不可预知数'],
  ['9F38', 'dol', 'Processing options data object list (PDOL)', '处理选项数据对象列表'],
  ['9F41', 'n', 'Transaction sequence counter', '交易序列计数器'],
  ['9F42', 'n', 'Application currency code', '应用货币代码'],
  ['9F44', 'n', 'Application currency exponent', '应用货币指数'],
  ['9F45', 'b', 'Data authentication code', '数据认证码'],
  ['9F46', 'b', 'ICC public key certificate', 'IC卡公钥证书'],
  ['9F47', 'b', 'ICC public key exponent', 'IC卡公钥指数'],
  ['9F48', 'b', 'ICC public key remainder', 'IC卡公钥余项'],
  ['9F49', 'dol', 'Dynamic data object list (DDOL)', '动态数据对象列表'],
  ['9F4A', 'b', 'Static data authentication tag list', '静态数据认证标签列表'],
  ['9F4B', 'b', 'Signed dynamic application data', '签名的动态应用数据'],
  ['9F4C', 'b', 'ICC dynamic number', 'IC卡动态数据'],
  ['9F4D', 'b', 'Log entry', '交易日志入口'],
  ['9F4E', 'ans', 'Merchant name and location', '商户名称'],
  ['9F4F', 'dol', 'Log format', '交易日志格式'],
  ['A5', 'template', 'FCI proprietary template', 'FCI数据专用模板'],
  ['BF0C', 'template', 'FCI issuer discretionary data', '发卡行自定义数据'],
];

const PBOC_ROWS: readonly Row[] = [
  ['9F51', 'n', 'Application currency code (card risk management)', '应用货币代码'],
  ['9F52', 'b', 'Application default action (ADA)', '应用缺省行为'],
  ['9F53', 'b', 'Consecutive offline limit, international currency', '连续脱机交易限制数(国际-货币)'],
  ['9F54', 'n', 'Cumulative offline amount limit (CTTAL)', '累计脱机交易金额限制数'],
  ['9F56', 'b', 'Issuer authentication indicator', '发卡行认证指示位'],
  ['9F57', 'n', 'Issuer country code (card risk management)', '发卡行国家代码'],
  ['9F58', 'b', 'Lower consecutive offline limit', '连续脱机交易下限'],
  ['9F59', 'b', 'Upper consecutive offline limit', '连续脱机交易上限'],
  ['9F5C', 'n', 'Cumulative offline amount upper limit (CTTAUL)', '累计脱机交易金额上限'],
  ['9F5D', 'n', 'Available offline spending amount', '可用脱机消费金额'],
  ['9F63', 'b', 'Product identification', '产品标识信息'],
  ['9F66', 'b', 'Terminal transaction qualifiers (TTQ)', '终端交易属性'],
  ['9F68', 'b', 'Card additional processes', '卡片附加处理'],
  ['9F69', 'b', 'Card authentication related data', '卡片认证相关数据'],
  ['9F6B', 'n', 'Card CVM limit', '卡片CVM限额'],
  ['9F6C', 'b', 'Card transaction qualifiers (CTQ)', '卡片交易属性'],
  ['9F6D', 'n', 'Electronic cash reset threshold', '电子现金重置阈值'],
  ['9F72', 'b', 'Consecutive offline limit, international country', '连续脱机交易限制数(国际-国家)'],
  ['9F73', 'b', 'Currency conversion factor', '货币转换因子'],
  ['9F74', 'an', 'Electronic cash issuer authorisation code', '电子现金发卡行授权码'],
  ['9F75', 'n', 'Cumulative offline amount limit, two currencies', '累计脱机交易金额限制数(双货币)'],
  ['9F76', 'n', 'Second application currency code', '第二应用货币代码'],
  ['9F77', 'n', 'Electronic cash balance limit', '电子现金余额上限'],
  ['9F78', 'n', 'Electronic cash single transaction limit', '电子现金单笔交易限额'],
  ['9F79', 'n', 'Electronic cash balance', '电子现金余额'],
  ['9F7A', 'n', 'Electronic cash terminal support indicator', '电子现金终端支持指示器'],
  ['9F7B', 'n', 'Electronic cash terminal transaction limit', '电子现金终端交易限额'],
  ['DF11', 'b', 'Transport card data (T-Union electronic cash)', '交通卡数据'],
  ['DF4D', 'b', 'Load log entry', '圈存日志入口'],
  ['DF4F', 'dol', 'Load log format', '圈存日志格式'],
  ['DF60', 'b', 'CAPP transaction indicator', 'CAPP交易指示位'],
  ['DF61', 'b', 'Segment deduction application identifier', '分段扣费应用标识'],
  ['DF62', 'n', 'Segment deduction allowance limit', '分段扣费抵扣限额'],
  ['DF63', 'n', 'Segment deduction allowance used', '分段扣费已抵扣额'],
  ['DF69', 'b', 'SM algorithm support indicator', 'SM算法支持指示器'],
  ['DF71', 'n', 'Second currency code of electronic cash', '电子现金第二币种代码'],
  ['DF72', 'n', 'Card CVM limit, second currency', '第二币种卡片CVM限额'],
  ['DF76', 'n', 'Reset threshold, second currency', '第二币种重置阈值'],
  ['DF77', 'n', 'Balance limit, second currency', '第二币种余额上限'],
  ['DF78', 'n', 'Single transaction limit, second currency', '第二币种单笔交易限额'],
  ['DF79', 'n', 'Electronic cash balance, second currency', '第二币种电子现金余额'],
];

function entries(rows: readonly Row[], clause: string): TagEntry[] {
  return rows.map(([tag, format, en, zh]) => ({ tag, format, en, zh, clause }));
}

export const TAG_DICTIONARY: ReadonlyMap<string, TagEntry> = new Map(
  [
    ...entries(EMV_ROWS, 'EMV 4.4 Book 3 Annex A'),
    ...entries(PBOC_ROWS, 'PBOC 3.0 (2013) Parts 5, 12-14, as publicly described'),
  ].map((entry) => [entry.tag, entry]),
);
