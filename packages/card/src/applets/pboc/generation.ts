/** One GENERATE AC while it is being answered: the facts it is decided on, and the writes a decision may bring. */
import { equalBytes, numberFromBcd } from '@polycard/bytes';
import type { CryptogramKind } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import { readAmount, readField, writeAmount } from './balances.ts';
import { type CardActionFacts, convertAmount } from './card-action-analysis.ts';
import type { PbocContext } from './context.ts';
import { FIELD, LEFT_AUTHENTICATION_FAILED, LEFT_DDA_FAILED, LEFT_SDA_FAILED, writeField } from './layout.ts';
import { isPinExhausted } from './pin.ts';
import { ringWrites } from './ring-log.ts';
import type { DebitTransaction, TerminalValues } from './session.ts';
import { buildLogRecord, transactionLog } from './transaction-log.ts';

export interface Generation {
  readonly context: PbocContext;
  readonly transaction: DebitTransaction;
  /** Values of CDOL1 or CDOL2. */
  readonly cdol: TerminalValues;
  readonly requested: CryptogramKind;
  /** A combined signature is asked for. */
  readonly signed: boolean;
  readonly facts: CardActionFacts;
}

/** What a GENERATE AC comes to: stored whole before the answer goes out. */
export interface Decision {
  readonly kind: CryptogramKind;
  readonly cid: number;
  readonly writes: readonly MemoryWrite[];
}

export const CID_OF_KIND: Readonly<Record<CryptogramKind, number>> = { AAC: 0x00, TC: 0x40, ARQC: 0x80 };
export const CID_ADVICE = 0x08;
/** ADA byte 1 b5: an offline decline asks for an advice. */
export const ADA_DECLINED_ADVICE = 0x10;

const TVR_SDA_FAILED = 0x40;
const TVR_DDA_FAILED = 0x08;
const TVR_CDA_FAILED = 0x04;
const AMOUNT_MAX = 999_999_999_999;

function ada({ image }: PbocContext): Uint8Array {
  const value = new Uint8Array(2);
  value.set((image.fixed.get('9F52') ?? value).subarray(0, 2));
  return value;
}

export function isSame(value: Uint8Array | undefined, own: Uint8Array | undefined): boolean {
  return value !== undefined && own !== undefined && equalBytes(value, own);
}

function currencyOf({ image }: PbocContext, cdol: TerminalValues): CardActionFacts['currency'] {
  const currency = cdol.byTag.get('5F2A');
  if (isSame(currency, image.fixed.get('9F51'))) return 'own';
  return isSame(currency, image.fixed.get('9F76')) ? 'second' : 'other';
}

/** Throws when the amount is no packed decimal number. */
export function factsOf(context: PbocContext, transaction: DebitTransaction, cdol: TerminalValues): CardActionFacts {
  const { image, memory, session } = context;
  const u8 = (name: keyof typeof FIELD) => memory.u8(FIELD[name].offset);
  const amount = numberFromBcd(cdol.byTag.get('9F02') ?? new Uint8Array(6));
  return {
    aip: transaction.aip[0]!,
    ada: ada(context),
    electronicCash: transaction.path === 'electronic-cash',
    left: transaction.authenticationFailed
      ? u8('leftBehind') | LEFT_AUTHENTICATION_FAILED
      : u8('leftBehind') & ~LEFT_AUTHENTICATION_FAILED,
    scriptCount: u8('scriptCount'),
    atc: transaction.atc,
    lastOnlineAtc: memory.u16(FIELD['9F13'].offset),
    lowerLimit: u8('9F58'),
    upperLimit: u8('9F59'),
    amount,
    convertedAmount: convertAmount(amount, readField(memory, '9F73')),
    currency: currencyOf(context, cdol),
    ownCountry: isSame(cdol.byTag.get('9F1A'), image.fixed.get('9F57')),
    otherCurrencyCount: u8('otherCurrencyCount'),
    otherCurrencyLimit: u8('9F53'),
    otherCountryCount: u8('otherCountryCount'),
    otherCountryLimit: u8('9F72'),
    ctta: readAmount(memory, 'ctta'),
    cttaLimit: readAmount(memory, '9F54'),
    cttaUpperLimit: readAmount(memory, '9F5C'),
    dualCtta: readAmount(memory, 'dualCtta'),
    dualCttaLimit: readAmount(memory, '9F75'),
    pinExceededBefore: isPinExhausted(memory) && session.verifications === 0,
  };
}

/** The log entry of an approved transaction: terminal values, then what the card itself knows. */
export function logWrites({ context, transaction, cdol }: Generation): MemoryWrite[] {
  const { image, memory } = context;
  const atc = Uint8Array.of(transaction.atc >> 8, transaction.atc & 0xff);
  const lists = [cdol, transaction.cdol1, transaction.pdol];
  const record = buildLogRecord(image, (tag) => {
    if (tag === '9F36') return atc;
    const sent = lists.map((list) => list?.byTag.get(tag)).find((value) => value !== undefined);
    return sent ?? image.fixed.get(tag);
  });
  return record === undefined ? [] : ringWrites(transactionLog(image), memory, record);
}

function added(name: 'ctta' | 'dualCtta', present: number, amount: number): MemoryWrite {
  return writeAmount(name, Math.min(present + amount, AMOUNT_MAX));
}

/** Amount of an offline approval added to what the limits are held against. */
export function spentWrites({ facts }: Generation): MemoryWrite[] {
  if (facts.currency === 'own') {
    return [added('ctta', facts.ctta, facts.amount), added('dualCtta', facts.dualCtta, facts.amount)];
  }
  return facts.currency === 'second' ? [added('dualCtta', facts.dualCtta, facts.convertedAmount)] : [];
}

/** Offline transactions abroad, approved or declined, are counted until the next online one. */
export function countedWrites({ facts }: Generation): MemoryWrite[] {
  const counted: MemoryWrite[] = [];
  const count = (name: 'otherCurrencyCount' | 'otherCountryCount', present: number) =>
    counted.push(writeField(name, Uint8Array.of(Math.min(present + 1, 0xff))));
  if (facts.currency !== 'own') count('otherCurrencyCount', facts.otherCurrencyCount);
  if (!facts.ownCountry) count('otherCountryCount', facts.otherCountryCount);
  return counted;
}

/** Bits for the issuer about data authentication that failed before a decline. */
export function failedAuthenticationBits(cdol: TerminalValues): number {
  const tvr = cdol.byTag.get('95')?.[0] ?? 0;
  const sda = (tvr & TVR_SDA_FAILED) !== 0 ? LEFT_SDA_FAILED : 0;
  const dda = (tvr & (TVR_DDA_FAILED | TVR_CDA_FAILED)) !== 0 ? LEFT_DDA_FAILED : 0;
  return sda | dda;
}

export function leftWrite(left: number): MemoryWrite {
  return writeField('leftBehind', Uint8Array.of(left));
}
