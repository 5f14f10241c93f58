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
  /** The running transaction is in the second currency of electronic cash. */
  secondCurrency: boolean;
}

export function newSession(): Session {
  return {
    awaitsProcessingOptions: true,
    previousIns: undefined,
    cappRead: undefined,
    responseMac: false,
    located: undefined,
    transaction: undefined,
    secondCurrency: false,
  };
}
