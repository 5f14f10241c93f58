/**
 * Where the changing data of the application lie in its persistent memory: fixed fields, then the transaction log,
 * then the extended records as they are activated (`extended-files.ts`).
 */
import type { MemoryWrite } from '../../os/memory.ts';

export interface Field {
  readonly offset: number;
  readonly lengthBytes: number;
}

const FIELD_LENGTHS = {
  /** Bits `STATE_*`. */
  state: 1,
  '9F36': 2,
  '9F13': 2,
  /** PIN try counter. */
  '9F17': 1,
  pinTryLimit: 1,
  '9F53': 1,
  '9F54': 6,
  '9F58': 1,
  '9F59': 1,
  '9F5C': 6,
  /** Only returned as stored when no low-value option of 9F68 is on; otherwise 9F5D is worked out. */
  '9F5D': 6,
  '9F6B': 6,
  '9F6D': 6,
  '9F72': 1,
  '9F73': 4,
  '9F75': 6,
  '9F77': 6,
  '9F78': 6,
  '9F79': 6,
  DF61: 1,
  DF62: 6,
  DF63: 6,
  DF72: 6,
  DF76: 6,
  DF77: 6,
  DF78: 6,
  DF79: 6,
  /** Cumulative total transaction amount (CTTA). */
  ctta: 6,
  /** Offline transactions in another currency since the last online one. */
  otherCurrencyCount: 1,
  /** 1 when a transaction proof is stored, then its ATC and TC (GET TRANS PROVE). */
  proofPresent: 1,
  proofAtc: 2,
  proofTc: 8,
  /** Copy of the last record read: `KEPT_*`, then its 9F69. */
  keptRecord: 1,
  keptCardAuthentication: 8,
  /** Open pre-authorisations: SFI (0: free), record ID, amount. */
  preAuthorisations: 27,
  /** Transaction log: records written (up to its size), and the slot of the next one. */
  logUsed: 1,
  logNext: 1,
  /** The same of the load log. */
  loadLogUsed: 1,
  loadLogNext: 1,
  /** PIN digits, filled with F. */
  pin: 6,
  /** What the last transaction left behind: bits `LEFT_*`. */
  leftBehind: 1,
  /** Issuer script commands after the second GENERATE AC of the last online transaction, modulo 16. */
  scriptCount: 1,
  /** Offline transactions of a terminal in another country since the last online one. */
  otherCountryCount: 1,
  /** Cumulative amount of both currencies (CTTA, dual currency). */
  dualCtta: 6,
  /** Issuer authentications and script MACs that failed one after another. */
  authenticationFailures: 1,
  scriptMacFailures: 1,
} as const;

export type FieldName = keyof typeof FIELD_LENGTHS;

function place(): { fields: Record<FieldName, Field>; end: number } {
  const fields = {} as Record<FieldName, Field>;
  let offset = 0;
  for (const [name, lengthBytes] of Object.entries(FIELD_LENGTHS)) {
    fields[name as FieldName] = { offset, lengthBytes };
    offset += lengthBytes;
  }
  return { fields, end: offset };
}

const placed = place();

export const FIELD: Readonly<Record<FieldName, Field>> = placed.fields;
export const LOG_OFFSET: number = placed.end;

/** The ATC is used up: the application is locked for ever. */
export const STATE_ATC_EXHAUSTED = 0x01;
/** APPLICATION BLOCK. */
export const STATE_BLOCKED = 0x02;
/** CARD BLOCK: no application of the card is selected any more. */
export const STATE_CARD_BLOCKED = 0x04;

/** Issuer authentication failed, or was mandatory and not performed. */
export const LEFT_AUTHENTICATION_FAILED = 0x01;
/** An ARQC was given and its transaction not completed. */
export const LEFT_ONLINE_PENDING = 0x02;
export const LEFT_SCRIPT_FAILED = 0x04;
/** Declined offline after static or dynamic data authentication had failed. */
export const LEFT_SDA_FAILED = 0x08;
export const LEFT_DDA_FAILED = 0x10;

/** Failures after which issuer authentication or scripts are refused for ever. */
export const FAILURES_MAX = 100;
/** Value of a limit (9F53, 9F58, 9F59, 9F72) that was not personalised: its check is left out. */
export const NO_LIMIT = 0xff;

export const KEPT_NOTHING = 0;
export const KEPT_PLAIN = 1;
export const KEPT_WITH_CARD_AUTHENTICATION = 2;

export const PREAUTHORISATION_SLOTS = 3;
export const PREAUTHORISATION_BYTES = 9;

export function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELD_LENGTHS, name);
}

export function writeField(name: FieldName, bytes: Uint8Array): MemoryWrite {
  return { offset: FIELD[name].offset, bytes };
}
