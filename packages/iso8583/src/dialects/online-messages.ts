/** Messages of online business beside sale, inquiry and void: rows of the same table as `messages.ts`. */
import type { MessageSpecification } from './messages.ts';
import { ONLINE_BUSINESS } from './online-business.ts';

const FINANCIAL = [3, 4, 11, 22, 25, 41, 42, 49, 60];

const industry = (
  name: 'industry-inquiry' | 'industry-activation' | 'industry-record-update',
  words: MessageSpecification['name'],
  content: string,
): MessageSpecification => ({
  ...{ id: name, name: words, mti: '0200', type: ONLINE_BUSINESS[name].type, codes: ['000'] },
  required: [...FINANCIAL, 2, 57].sort((a, b) => a - b),
  optional: [23, 55, 63],
  isSealed: true,
  contents: { 57: content },
  origin: 'ours',
});

/** Not served by our host (12): they hold or return money of an account that no bank's host here keeps. */
const preAuthorisation = (type: '10' | '11', name: MessageSpecification['name']): MessageSpecification => ({
  ...{ id: type === '10' ? 'pre-authorisation' : 'pre-authorisation-void', name, mti: '0100', type, codes: ['000'] },
  required: FINANCIAL,
  optional: [2, 14, 23, 26, 35, 36, 37, 38, 48, 52, 53, 55, 57, 58, 59, 61, 62, 63],
  isSealed: true,
  origin: 'reference',
});

export const ONLINE_MESSAGES: readonly MessageSpecification[] = [
  preAuthorisation('10', { en: 'Pre-authorisation', zh: '预授权' }),
  preAuthorisation('11', { en: 'Void of a pre-authorisation', zh: '预授权撤销' }),
  {
    id: 'cash-load',
    name: { en: 'Load of electronic cash against cash', zh: '电子现金现金充值' },
    ...{ mti: '0200', type: ONLINE_BUSINESS['cash-load'].type, codes: ['000'] },
    required: [...FINANCIAL, 2, 55].sort((a, b) => a - b),
    optional: [14, 23, 26, 35, 52, 53, 57, 59, 63],
    isSealed: true,
    contents: {
      25: '91: load of electronic cash',
      55: 'ARQC of the load; answer: 91, and the issuer script (72) that sets the balance (PUT DATA 9F79)',
      57: "the card's load log as BER-TLV (industry extension)",
    },
    origin: 'reference',
  },
  industry(
    'industry-inquiry',
    { en: 'Industry inquiry', zh: '行业信息查询' },
    'DF40 application, or nothing for all of the card; answer: for each DF40 application, DF49 state, DF4A AID where it has its own',
  ),
  industry(
    'industry-activation',
    { en: 'Industry activation', zh: '行业应用开通' },
    'DF40 application, DF41 step (01 ask, 02 command, 03 done, 04 found open), DF42 part and DF44 challenge of a command, DF47 check values when done; answer: DF4A AID, DF43 parts, DF49 state, DF46 ACTIVATE, DF47 check values',
  ),
  industry(
    'industry-record-update',
    { en: 'Industry record update', zh: '行业记录更新' },
    'DF40 application, DF41 step (02 command, 03 done), DF4B record, DF45 counter, DF4D record as read, DF4C record as it shall be; answer: DF46 UPDATE CAPP DATA CACHE',
  ),
];
