/**
 * The issuer's side of a purse: it checks MAC1 and makes MAC2 of a load, and believes purchases by their TAC. Keys are
 * dispersed from roots by issuer and card serial (T-Union rule 1, reference pboc.md §5.2).
 */
import type { Secret } from '@polycard/bytes';
import { type Algorithm, constantTimeEqual, disperseAlong } from '@polycard/crypto';
import {
  loadTac,
  onlineMac1,
  onlineMac2,
  onlineSessionKey,
  PURSE_TYPE,
  type PurseCardKey,
  type PurseTransaction,
  purchaseTac,
} from './cryptography.ts';

export interface PurseIssuerKeys {
  readonly load: Secret;
  readonly tac: Secret;
  readonly algorithm: Algorithm;
}

/** Factors of a card, from file 15: issuer 8, last 8 bytes of the application serial. */
export interface PurseCardIdentity {
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
}

/** What INITIALIZE FOR LOAD answered, and what for. */
export interface LoadRequest {
  readonly card: PurseCardIdentity;
  readonly balanceFen: number;
  readonly onlineSequence: number;
  readonly random: Uint8Array;
  readonly mac1: Uint8Array;
  readonly amountFen: number;
  readonly type: number;
  readonly terminal: Uint8Array;
  /** 7 BCD bytes. */
  readonly at: Uint8Array;
}

export type LoadAnswer =
  | { readonly approved: true; readonly mac2: Uint8Array }
  | { readonly approved: false; readonly reason: 'mac1-wrong' | 'type-unknown' };

export class PurseIssuer {
  readonly #keys: PurseIssuerKeys;

  constructor(keys: PurseIssuerKeys) {
    this.#keys = keys;
  }

  #cardKey(root: Secret, { issuer, serial }: PurseCardIdentity): PurseCardKey {
    const { algorithm } = this.#keys;
    return { algorithm, key: disperseAlong(algorithm, root.expose(), [issuer, serial]) };
  }

  /** A card that knows its load key gets MAC2; the caller has taken the money and keeps (card, counter) unique. */
  authoriseLoad(request: LoadRequest): LoadAnswer {
    if (request.type !== PURSE_TYPE.loadDeposit && request.type !== PURSE_TYPE.loadPurse)
      return { approved: false, reason: 'type-unknown' };
    const session = onlineSessionKey(this.#cardKey(this.#keys.load, request.card), request);
    if (!constantTimeEqual(onlineMac1(session, request), request.mac1))
      return { approved: false, reason: 'mac1-wrong' };
    return { approved: true, mac2: onlineMac2(session, request) };
  }

  /** Did the card take the load. */
  verifyLoad(request: LoadRequest, tac: Uint8Array): boolean {
    const after = { ...request, balanceFen: request.balanceFen + request.amountFen };
    return constantTimeEqual(loadTac(this.#cardKey(this.#keys.tac, request.card), after), tac);
  }

  /** Did this card spend this amount at this terminal. */
  verifyPurchase(
    card: PurseCardIdentity,
    purchase: PurseTransaction & { readonly terminalSequence: Uint8Array },
    tac: Uint8Array,
  ): boolean {
    return constantTimeEqual(purchaseTac(this.#cardKey(this.#keys.tac, card), purchase), tac);
  }
}
