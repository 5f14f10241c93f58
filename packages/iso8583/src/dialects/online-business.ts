/**
 * Online business by its three marks: processing code (F3), service point condition (F25), transaction type (60.1).
 * Sale, inquiry and void are in the sources; of a load they give F25 = 91 and no more, so its other two marks stand here
 * as a switch: an acquirer whose host has others gives its own table. Industry business is our extension.
 */
export interface OnlineBusiness {
  /** F3. */
  readonly processingCode: string;
  /** F25. */
  readonly condition: string;
  /** 60.1. */
  readonly type: string;
  /** 9C of the chip data. */
  readonly transactionType: string;
  readonly origin: 'reference' | 'recollection' | 'ours';
}

/** F57 of online business, BER-TLV: our industry extension (docs/reference/industry-extension.md). */
export const BUSINESS_TAG = {
  /** Name of an industry application in the blueprint, UTF-8. */
  application: 'DF40',
  /** What is asked or told of it, 1 byte. */
  step: 'DF41',
  /** Which of several commands, from 1; how many there are. */
  part: 'DF42',
  parts: 'DF43',
  /** Of the card: its challenge 8, or the transaction counter 2 where commands are bound to that. */
  challenge: 'DF44',
  atc: 'DF45',
  /** Finished command for the card. */
  command: 'DF46',
  /** Of the keys in a command, 3 bytes each. */
  checkValues: 'DF47',
  /** The card's load log as it gave it, with its MAC. */
  loadLog: 'DF48',
  /** State of an application on a card, as the platform has it, UTF-8. */
  state: 'DF49',
  /** AID of an application. */
  aid: 'DF4A',
  /** SFI ‖ record ID 2 of a record. */
  record: 'DF4B',
  /** A record as it shall be, and as it was read. */
  content: 'DF4C',
  contentBefore: 'DF4D',
} as const;

/** Names of the objects, for whoever shows a message. */
export const BUSINESS_TAG_NAMES: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  [BUSINESS_TAG.application]: { en: 'Application', zh: '行业应用' },
  [BUSINESS_TAG.step]: { en: 'Step', zh: '步骤' },
  [BUSINESS_TAG.part]: { en: 'Part', zh: '分段序号' },
  [BUSINESS_TAG.parts]: { en: 'Parts', zh: '分段总数' },
  [BUSINESS_TAG.challenge]: { en: 'Challenge of the card', zh: '卡片随机数' },
  [BUSINESS_TAG.atc]: { en: 'Transaction counter', zh: '交易计数器' },
  [BUSINESS_TAG.command]: { en: 'Command for the card', zh: '卡片命令' },
  [BUSINESS_TAG.checkValues]: { en: 'Check values', zh: '密钥校验值' },
  [BUSINESS_TAG.loadLog]: { en: 'Load log of the card', zh: '圈存日志' },
  [BUSINESS_TAG.state]: { en: 'State', zh: '应用状态' },
  [BUSINESS_TAG.aid]: { en: 'AID', zh: '应用标识' },
  [BUSINESS_TAG.record]: { en: 'Record', zh: '记录标识' },
  [BUSINESS_TAG.content]: { en: 'Record as it shall be', zh: '记录新内容' },
  [BUSINESS_TAG.contentBefore]: { en: 'Record as read', zh: '记录原内容' },
};

/** DF41: what a message of industry business asks or tells. */
export const BUSINESS_STEP = {
  /** May it be done, and how: nothing changes. */
  ask: 0x01,
  /** A finished command for the card. */
  command: 0x02,
  /** The card did it. */
  done: 0x03,
  /** The card says that it was done before: an answer of it was lost. */
  found: 0x04,
} as const;

export type OnlineBusinessName =
  | 'sale'
  | 'inquiry'
  | 'void'
  | 'cash-load'
  | 'industry-inquiry'
  | 'industry-activation'
  | 'industry-record-update';

export const ONLINE_BUSINESS: Readonly<Record<OnlineBusinessName, OnlineBusiness>> = {
  sale: { processingCode: '000000', condition: '00', type: '22', transactionType: '00', origin: 'reference' },
  inquiry: { processingCode: '310000', condition: '00', type: '01', transactionType: '31', origin: 'reference' },
  void: { processingCode: '200000', condition: '00', type: '23', transactionType: '20', origin: 'reference' },
  // 630000 and 46 by recollection (reference iso8583.md §1.2 gives 91 alone)
  'cash-load': { processingCode: '630000', condition: '91', type: '46', transactionType: '63', origin: 'recollection' },
  'industry-inquiry': { processingCode: '390000', condition: '00', type: '61', transactionType: '31', origin: 'ours' },
  'industry-activation': {
    processingCode: '910000',
    condition: '00',
    type: '62',
    transactionType: '91',
    origin: 'ours',
  },
  'industry-record-update': {
    processingCode: '920000',
    condition: '00',
    type: '63',
    transactionType: '92',
    origin: 'ours',
  },
};
