/** What the application remembers from SELECT to the loss of power: volatile, never stored. */
import type { CryptogramKind } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import type { ExtendedEntry } from './extended-files.ts';

/** A record read by READ CAPP DATA, which the transaction then has to update. */
export interface CappRead {
  readonly sfi: number;
  readonly id: number;
  updated: boolean;
}

export interface CachedUpdate {
  readonly entry: ExtendedEntry;
  readonly record: Uint8Array;
}

/** A qPBOC transaction that GET PROCESSING OPTIONS began. */
export interface Transaction {
  readonly kind: CryptogramKind;
  readonly atc: number;
  /** DF60 in {1, 2, 3}, else 0. */
  readonly capp: number;
  /** Balance, allowance, counters and pre-authorisations as they will be; written at the commit. */
  readonly writes: readonly MemoryWrite[];
  /** 9F79 after the transaction, when that changes. */
  readonly balanceAfter: number | undefined;
  /** What GET TRANS PROVE will give; zeros for a pre-authorisation. */
  readonly proof: Uint8Array;
  readonly logRecord: Uint8Array | undefined;
  /** 9F69, when the dynamic signature was of version 01. */
  readonly cardAuthentication: Uint8Array | undefined;
  /** Record 1 of SFI 06 with 9F4B, for keys above 1024 bits. */
  readonly signatureRecord: Uint8Array | undefined;
  readonly cache: CachedUpdate[];
  cacheBytes: number;
  state: 'open' | 'committed' | 'failed';
}

/** Values of a data object list as the terminal sent them. */
export interface TerminalValues {
  readonly data: Uint8Array;
  readonly byTag: ReadonlyMap<string, Uint8Array>;
}

/** A debit/credit or contact electronic cash transaction: GET PROCESSING OPTIONS, then GENERATE AC once or twice. */
export interface DebitTransaction {
  readonly path: 'debit-credit' | 'electronic-cash';
  readonly atc: number;
  readonly aip: Uint8Array;
  readonly pdol: TerminalValues;
  cdol1: TerminalValues | undefined;
  cdol2: TerminalValues | undefined;
  /**
   * `initiated`: the first GENERATE AC comes next; `first`: the issuer's answer and the second one; `second`: scripts
   * only; `over`: nothing more.
   */
  phase: 'initiated' | 'first' | 'second' | 'over';
  /** Cryptogram of the first GENERATE AC: what ARPC and script MACs are bound to. */
  firstCryptogram: Uint8Array;
  externalAuthentications: number;
  /** Response code of a successful EXTERNAL AUTHENTICATE. */
  authorisationResponse: Uint8Array | undefined;
  /** Indicator "issuer authentication failed" as it will be stored by the next GENERATE AC. */
  authenticationFailed: boolean;
  /** A script MAC was wrong: no more scripts in this transaction. */
  scriptRefused: boolean;
}

export interface Session {
  /** GET PROCESSING OPTIONS is possible once after each SELECT. */
  awaitsProcessingOptions: boolean;
  /** INS of the last command that succeeded. */
  previousIns: number | undefined;
  cappRead: CappRead | undefined;
  /** The last READ CAPP DATA asked for a MAC, so updates are answered with one. */
  responseMac: boolean;
  /** Where "next" continues. */
  located: { readonly sfi: number; readonly offset: number } | undefined;
  transaction: Transaction | undefined;
  debit: DebitTransaction | undefined;
  /** The running transaction is in the second currency of electronic cash. */
  secondCurrency: boolean;
  /** Card verification results so far, 3 bytes. */
  readonly cvr: Uint8Array;
  /** VERIFY commands since SELECT. */
  verifications: number;
  /** Answer of the GET CHALLENGE right before; good for one VERIFY. */
  challenge: Uint8Array | undefined;
  /** FCI that waits for GET RESPONSE. */
  pendingResponse: Uint8Array | undefined;
}

export function newSession(): Session {
  return {
    awaitsProcessingOptions: true,
    previousIns: undefined,
    cappRead: undefined,
    responseMac: false,
    located: undefined,
    transaction: undefined,
    debit: undefined,
    secondCurrency: false,
    cvr: new Uint8Array(3),
    verifications: 0,
    challenge: undefined,
    pendingResponse: undefined,
  };
}
