/** Status words that any command may answer (GPC 2.3.1 Table 11-10); a command's own table goes first. */

export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** By status word. */
export type StatusWordTable = Readonly<Record<number, Words>>;

export const GENERAL_STATUS_WORDS: StatusWordTable = {
  36864: { en: 'done', zh: '成功' },
  25600: { en: 'no specific diagnosis', zh: '无具体诊断' },
  26368: { en: 'wrong length', zh: '长度错误' },
  26753: { en: 'logical channel not supported or not open', zh: '逻辑通道不支持或未打开' },
  27010: {
    en: 'security status not satisfied: no secure channel, or its MAC or level does not hold',
    zh: '不满足安全状态',
  },
  27013: { en: 'conditions of use not satisfied', zh: '不满足使用条件' },
  27270: { en: 'wrong P1 P2', zh: 'P1 P2 错误' },
  27904: { en: 'instruction not supported', zh: '不支持的指令' },
  28160: { en: 'class not supported', zh: '不支持的类' },
};
