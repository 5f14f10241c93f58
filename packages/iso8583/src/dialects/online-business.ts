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

export type OnlineBusinessName = 'sale' | 'inquiry' | 'void' | 'cash-load';

export const ONLINE_BUSINESS: Readonly<Record<OnlineBusinessName, OnlineBusiness>> = {
  sale: { processingCode: '000000', condition: '00', type: '22', transactionType: '00', origin: 'reference' },
  inquiry: { processingCode: '310000', condition: '00', type: '01', transactionType: '31', origin: 'reference' },
  void: { processingCode: '200000', condition: '00', type: '23', transactionType: '20', origin: 'reference' },
  // 630000 and 46 by recollection (reference iso8583.md §1.2 gives 91 alone)
  'cash-load': { processingCode: '630000', condition: '91', type: '46', transactionType: '63', origin: 'recollection' },
};
