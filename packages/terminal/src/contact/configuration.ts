/** What a contact terminal (a counter, a till, a load point) is, what it asks for, and what its host answers. */
import type { RandomSource } from '@polycard/crypto';
import type { PublicKey } from '@polycard/emv';

/** Terminal action codes, 5 bytes each (EMV 4.4 Book 3 §10.7). */
export interface ActionCodes {
  readonly denial: Uint8Array;
  readonly online: Uint8Array;
  readonly default: Uint8Array;
}

export interface ContactConfiguration {
  /** 9F1A and 5F2A as 3 digits, e.g. 156. */
  readonly country: string;
  readonly currency: string;
  /** 9F33, 3 bytes; 9F35, 1 byte; 9F09, 2 bytes. */
  readonly capabilities: Uint8Array;
  readonly terminalType: Uint8Array;
  readonly applicationVersion: Uint8Array;
  /** 9F1B in fen: above it a transaction goes online. */
  readonly floorLimitFen: number;
  readonly actionCodes: ActionCodes;
  /** DF69: whether it tells cards that it knows SM2, SM3 and SM4; false unless given. */
  readonly smAlgorithms?: boolean;
  /** 9F4E, up to 20 characters. */
  readonly merchantName?: string;
  /** Names a terminal without PSE on the card tries, in this order. */
  readonly aids: readonly Uint8Array[];
  /** By RID and index, e.g. `A000000333F0`. */
  readonly caKeys: ReadonlyMap<string, PublicKey>;
}

export interface ContactRequest {
  readonly amountFen: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  /** Pay from electronic cash where the card lets us (9F7A = 01). */
  readonly electronicCash?: boolean;
  /** 9C, two digits; 00 (purchase) unless given. */
  readonly transactionType?: string;
  /** Send it to the issuer whatever the limits say: a load, an inquiry. */
  readonly forceOnline?: boolean;
  /** Digits the cardholder keys in; undefined when nobody does. */
  readonly pin?: string;
  /** True for a PAN that is not to be accepted. */
  readonly isDenied?: (pan: string) => boolean;
}

/** What goes to the issuer: every object of the transaction by tag, 9F26 and 9F10 among them. */
export type AuthorisationRequest = ReadonlyMap<string, Uint8Array>;

export interface AuthorisationResponse {
  /** 8A, two characters. */
  readonly responseCode: string;
  /** 91: ARPC and response code. */
  readonly issuerAuthenticationData?: Uint8Array;
  /** Commands before and after the second GENERATE AC (templates 71 and 72). */
  readonly scriptsBefore?: readonly Uint8Array[];
  readonly scriptsAfter?: readonly Uint8Array[];
}

/** Undefined: the issuer could not be reached. */
export type IssuerLink = (
  request: AuthorisationRequest,
) => AuthorisationResponse | undefined | Promise<AuthorisationResponse | undefined>;

export interface ContactDependencies {
  readonly random: RandomSource;
  readonly issuer?: IssuerLink;
}
