/**
 * Names of the commands this project's cards and modules speak: ISO 7816-4, EMV 4.4 Book 3 §6.5, PBOC 3.0 Parts 2, 5, 13
 * and 14 as publicly described, GlobalPlatform Card Specification 2.3.1 §11. Where two specifications use one
 * instruction, the class, P1 or the data length decides.
 */
import type { CommandApdu } from '@polycard/bytes';
import type { TwoLanguages } from './tags.ts';

interface CommandRow {
  readonly ins: number;
  readonly en: string;
  readonly zh: string;
  readonly when?: (command: CommandApdu) => boolean;
}

const isProprietary = ({ cla }: CommandApdu): boolean => (cla & 0x80) !== 0;
/** Management commands of industry file applications: class 84, four bytes of MAC at the end. */
const isProtected = ({ cla }: CommandApdu): boolean => cla === 0x84;
const isInterindustry = ({ cla }: CommandApdu): boolean => (cla & 0x80) === 0;
/** INITIALIZE commands of the purse carry key index, amount and terminal number, or a key index and a terminal number. */
const isPurse = ({ data }: CommandApdu): boolean => data.length === 11 || data.length === 7;

const purse = (p1: number, en: string, zh: string): CommandRow => ({
  ins: 0x50,
  en,
  zh,
  when: (command) => isProprietary(command) && isPurse(command) && command.p1 === p1,
});

/** The first row that fits names the command. */
const ROWS: readonly CommandRow[] = [
  purse(0x00, 'INITIALIZE FOR LOAD', '圈存初始化'),
  purse(0x01, 'INITIALIZE FOR PURCHASE', '消费初始化'),
  purse(0x03, 'INITIALIZE FOR CAPP PURCHASE', '复合应用消费初始化'),
  purse(0x13, 'INITIALIZE FOR CAPP PURCHASE, second ticket', '复合应用消费初始化(第二票)'),
  purse(0x04, 'INITIALIZE FOR UPDATE OVERDRAFT', '修改透支限额初始化'),
  purse(0x05, 'INITIALIZE FOR UNLOAD', '圈提初始化'),
  { ins: 0x50, en: 'INITIALIZE UPDATE', zh: '安全通道初始化', when: isProprietary },
  { ins: 0x52, en: 'CREDIT FOR LOAD', zh: '圈存', when: isProprietary },
  { ins: 0x54, en: 'DEBIT FOR PURCHASE', zh: '消费', when: isProprietary },
  { ins: 0x58, en: 'UPDATE OVERDRAFT LIMIT', zh: '修改透支限额', when: isProprietary },
  { ins: 0x5a, en: 'GET TRANS PROVE', zh: '取交易认证', when: isProprietary },
  { ins: 0x5c, en: 'GET BALANCE', zh: '读余额', when: isProprietary },
  { ins: 0x5e, en: 'RELOAD or CHANGE PIN', zh: '重装或修改PIN', when: isProprietary },
  { ins: 0x70, en: 'INIT SAM FOR PURCHASE', zh: 'PSAM消费初始化', when: isProprietary },
  { ins: 0x72, en: 'CREDIT SAM FOR PURCHASE', zh: 'PSAM校验MAC2', when: isProprietary },
  { ins: 0x1a, en: 'INIT FOR DESCRYPT', zh: 'PSAM密钥分散', when: isProprietary },
  { ins: 0xfa, en: 'DES CRYPT', zh: 'PSAM加解密', when: isProprietary },
  { ins: 0x04, en: 'DEACTIVATE', zh: '暂停应用', when: isProtected },
  { ins: 0x10, en: 'BEGIN', zh: '开始一组更新', when: ({ cla, p2 }) => cla === 0x80 && p2 === 0x01 },
  { ins: 0x10, en: 'COMMIT', zh: '提交一组更新', when: (command) => isProtected(command) && command.p2 === 0x02 },
  { ins: 0x2c, en: 'RESET RETRY COUNTER', zh: '重置尝试计数器' },
  { ins: 0x44, en: 'REACTIVATE', zh: '恢复应用', when: (command) => isProtected(command) && command.p2 === 0x01 },
  { ins: 0x44, en: 'ACTIVATE', zh: '开通应用', when: isProtected },
  { ins: 0xe6, en: 'TERMINATE DF', zh: '注销应用', when: (c) => isProtected(c) && c.p1 === 0 && c.data.length === 4 },
  { ins: 0x16, en: 'CARD BLOCK', zh: '卡片锁定' },
  { ins: 0x18, en: 'APPLICATION UNBLOCK', zh: '应用解锁' },
  { ins: 0x1e, en: 'APPLICATION BLOCK', zh: '应用锁定' },
  { ins: 0x20, en: 'VERIFY', zh: '验证PIN' },
  { ins: 0x24, en: 'PIN CHANGE/UNBLOCK', zh: '修改/解锁PIN' },
  { ins: 0x70, en: 'MANAGE CHANNEL', zh: '管理逻辑通道' },
  { ins: 0x82, en: 'EXTERNAL AUTHENTICATE', zh: '外部认证' },
  { ins: 0x84, en: 'GET CHALLENGE', zh: '取随机数' },
  { ins: 0x88, en: 'INTERNAL AUTHENTICATE', zh: '内部认证' },
  { ins: 0xa4, en: 'SELECT', zh: '选择', when: isInterindustry },
  { ins: 0xa8, en: 'GET PROCESSING OPTIONS', zh: '取处理选项', when: isProprietary },
  { ins: 0xae, en: 'GENERATE AC', zh: '生成应用密文', when: isProprietary },
  { ins: 0xb0, en: 'READ BINARY', zh: '读二进制文件' },
  { ins: 0xb2, en: 'READ RECORD', zh: '读记录' },
  { ins: 0xb4, en: 'READ CAPP DATA', zh: '读扩展应用数据', when: isProprietary },
  { ins: 0xc0, en: 'GET RESPONSE', zh: '取响应' },
  { ins: 0xca, en: 'GET DATA', zh: '取数据' },
  { ins: 0xcb, en: 'GET DATA', zh: '取数据' },
  { ins: 0xd0, en: 'WRITE BINARY', zh: '写二进制文件' },
  { ins: 0xd4, en: 'WRITE KEY', zh: '写密钥' },
  { ins: 0xd6, en: 'UPDATE BINARY', zh: '更新二进制文件' },
  { ins: 0xd8, en: 'PUT KEY', zh: '写入密钥', when: isProprietary },
  { ins: 0xda, en: 'PUT DATA', zh: '设置数据' },
  { ins: 0xdc, en: 'UPDATE CAPP DATA CACHE', zh: '更新复合应用数据缓存', when: ({ cla }) => cla === 0x80 },
  { ins: 0xdc, en: 'UPDATE RECORD', zh: '更新记录' },
  { ins: 0xde, en: 'UPDATE CAPP DATA CACHE', zh: '更新扩展应用数据缓存', when: isProprietary },
  { ins: 0xe0, en: 'CREATE FILE', zh: '建立文件' },
  { ins: 0xe2, en: 'STORE DATA', zh: '存储数据', when: isProprietary },
  { ins: 0xe2, en: 'APPEND RECORD', zh: '追加记录' },
  { ins: 0xe4, en: 'DELETE', zh: '删除', when: isProprietary },
  { ins: 0xe6, en: 'INSTALL', zh: '安装', when: isProprietary },
  { ins: 0xe8, en: 'LOAD', zh: '装载', when: isProprietary },
  { ins: 0xf0, en: 'SET STATUS', zh: '设置状态', when: isProprietary },
  { ins: 0xf2, en: 'GET STATUS', zh: '取状态', when: isProprietary },
];

/** Classes in use: interindustry and proprietary, with and without secure messaging, logical channels 0 to 3. */
const isKnownClass = (cla: number): boolean => [0x00, 0x80].includes(cla & 0xf0) && (cla & 0x0c) !== 0x08;

/** Undefined for a command nobody here speaks. */
export function commandName(command: CommandApdu): TwoLanguages | undefined {
  if (!isKnownClass(command.cla)) return undefined;
  return ROWS.find(({ ins, when }) => ins === command.ins && (when?.(command) ?? true));
}
