/** Messages of online business beside sale, inquiry and void: rows of the same table as `messages.ts`. */
import type { MessageSpecification } from './messages.ts';
import { ONLINE_BUSINESS } from './online-business.ts';

const FINANCIAL = [3, 4, 11, 22, 25, 41, 42, 49, 60];

export const ONLINE_MESSAGES: readonly MessageSpecification[] = [
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
];
