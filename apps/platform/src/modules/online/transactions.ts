/** What an online transaction is, asked and answered. */
export interface OnlineKey {
  readonly terminalNo: string;
  readonly batchNo: number;
  readonly traceNo: number;
}

export interface OnlineRequest extends OnlineKey {
  readonly kind: 'sale' | 'inquiry' | 'void' | 'cash-load';
  readonly operatorId: string;
  readonly amountFen: number;
  readonly cardToken: string;
  /** F55 by tag, hex; absent when the message had none. */
  readonly chip?: Readonly<Record<string, string>>;
  /** F57 DF48: the card's load log as it gave it, hex. */
  readonly loadLog?: string;
  /** Of a void: what it takes back. */
  readonly original?: { readonly batchNo: number; readonly traceNo: number };
  /** Over the message: the same key with another content is no repeat. */
  readonly digest: string;
}

/** 0400: takes back a transaction whose outcome the terminal does not know. */
export interface ReversalRequest extends OnlineKey {
  readonly kind: 'reversal';
  readonly operatorId: string;
  readonly amountFen: number;
  /** F39: 98 no answer, 06 line lost, A0 wrong MAC of the answer. */
  readonly reason: string;
}

/** 0620: how the script of an earlier answer went on the card. */
export interface ScriptReport extends OnlineKey {
  readonly kind: 'script-result';
  readonly operatorId: string;
  readonly original: { readonly batchNo: number; readonly traceNo: number };
  /** DF31 as it came, hexadecimal. */
  readonly result: string;
  readonly isSuccessful: boolean;
}

export type OnlineMessage = OnlineRequest | ReversalRequest | ScriptReport;

export interface OnlineOutcome {
  /** Response code (F39). */
  readonly code: string;
  /** 12 digits (F37). */
  readonly referenceNo: string;
  /** ARPC and response code for the card, hex; empty when its cryptogram did not verify. */
  readonly issuerAuthentication: string;
  /** Script for the card (71 or 72, whole), hex; empty when there is none. */
  readonly script: string;
  readonly balanceFen?: number;
}

/** A load stays `approved` until somebody tells whether the card took it: then `loaded` or `not-loaded`. */
export type OnlineState = 'approved' | 'refused' | 'voided' | 'reversed' | 'loaded' | 'not-loaded';

/** A row of the store. */
export interface StoredTransaction extends OnlineKey {
  readonly kind: OnlineRequest['kind'];
  readonly state: OnlineState;
  readonly cardToken: string;
  readonly atc: number | null;
  readonly amountFen: number;
  readonly businessDate: string;
  readonly digest: string;
  readonly original?: OnlineRequest['original'];
  readonly outcome: OnlineOutcome;
  /** Electronic cash before a load, as the card stated it. */
  readonly cardBalanceFen?: number;
}

export const keyOf = ({ terminalNo, batchNo, traceNo }: OnlineKey): string =>
  `${terminalNo}-${String(batchNo).padStart(6, '0')}-${String(traceNo).padStart(6, '0')}`;

/** Response codes of online transactions and when they are given. */
export const ONLINE_CODES = {
  approved: '00',
  /** The original of a void is not here or was taken back already; the load of a reversal is on the card. */
  noOriginal: '25',
  /** No card of this number was issued here. */
  unknownCard: '14',
  /** The card was stopped, or is on the deny list. */
  restrictedCard: '62',
  /** The cryptogram does not verify, or was used before. */
  suspectedFraud: '59',
  /** A void of another amount than its original. */
  invalidAmount: '13',
  /** Beyond what is authorised in the issuer's stead, or more than the card may hold. */
  overLimit: '61',
  /** A reversal of this message came before it. */
  reversedBefore: '21',
  /** Nobody authorises: no issuer is connected and nothing is authorised in its stead. */
  issuerUnavailable: '91',
  /** The key was used for another message. */
  duplicate: '94',
} as const;
