/**
 * Where a card's issuer is asked. Everything that only an issuer can say stands behind `Issuer`: whether a cryptogram is
 * right, whether money may move, the answer to the card and the scripts that change it. `StandInIssuer` answers in the
 * banks' stead with the keys in the vault; a bank's own host is put in its place by another implementation.
 */
import type { Transaction } from 'kysely';
import type { Tables } from '../../store/tables.ts';

/** Business that an issuer decides. */
export type IssuerBusiness = 'sale' | 'inquiry' | 'cash-load';

export interface IssuerRequest {
  readonly business: IssuerBusiness;
  readonly card: {
    readonly token: string;
    readonly pan: string;
    readonly psn: string;
    readonly issuerId: string;
    readonly product: string;
  };
  readonly amountFen: number;
  /** F55 by tag, hexadecimal. */
  readonly chip: Readonly<Record<string, string>>;
  /** The card's load log under its own MAC (READ RECORD P1 = 00), hexadecimal, where the terminal sent it. */
  readonly loadLog?: string;
  /** YYYY-MM-DD. */
  readonly businessDate: string;
}

export interface IssuerAnswer {
  /** F39. */
  readonly code: string;
  /** The counter (9F36) of a cryptogram that was right and had not been answered before; null otherwise. */
  readonly provedAtc: number | null;
  /** 91: ARPC and response code; absent when the cryptogram was not right. */
  readonly issuerAuthentication?: Uint8Array;
  /** 71 or 72, whole, for F55. */
  readonly script?: Uint8Array;
  /** Counters (9F36) of the loads that the card says it took, newest first, when the MAC over its log held. */
  readonly cardLoads?: readonly number[];
  /** Electronic cash as the card states it under its own MAC (9F10), fen. */
  readonly cardBalanceFen?: number;
}

export interface Issuer {
  /**
   * One answer for each request, in order; requests of one card are decided one after the other. `transaction` is the
   * store's, for an issuer that keeps its books here: what it decides stands only if the transaction does.
   */
  authorise(requests: readonly IssuerRequest[], transaction: Transaction<Tables>): Promise<IssuerAnswer[]>;
}
