/**
 * Card risk management of GENERATE AC: what the card makes of the terminal's request. Pure decisions over plain facts.
 * PBOC 3.0 Part 5 §13 (first GENERATE AC), §16 (second) and Annex (application default action) as publicly described;
 * observed on an independent card.
 */
import type { CryptogramKind } from '@polycard/emv';
import {
  LEFT_AUTHENTICATION_FAILED,
  LEFT_DDA_FAILED,
  LEFT_ONLINE_PENDING,
  LEFT_SCRIPT_FAILED,
  LEFT_SDA_FAILED,
  NO_LIMIT,
} from './layout.ts';

/** Application default action (9F52), byte 1. */
const ADA_AUTHENTICATION_FAILED_ONLINE = 0x80;
const ADA_NEW_CARD_ONLINE = 0x02;
const ADA_NEW_CARD_DECLINE = 0x01;
/** Byte 2. */
const ADA_PIN_EXCEEDED_DECLINE = 0x40;
const ADA_PIN_EXCEEDED_ONLINE = 0x20;
const ADA_PIN_EXCEEDED_OFFLINE_DECLINE = 0x10;
const ADA_SCRIPT_FAILED_ONLINE = 0x08;
const ADA_PIN_EXCEEDED_BLOCK = 0x04;

/** AIP byte 1. */
const AIP_SDA = 0x40;
const AIP_DDA = 0x20;
const AIP_ISSUER_AUTHENTICATION = 0x04;

/** CVR byte 2 and 3. */
const CVR_ONLINE_PENDING = 0x80;
const CVR_PIN_EXCEEDED = 0x40;
const CVR_VELOCITY_EXCEEDED = 0x20;
const CVR_NEW_CARD = 0x10;
const CVR_AUTHENTICATION_FAILED = 0x08;
const CVR_SDA_FAILED = 0x01;
const CVR_SCRIPT_FAILED = 0x08;
const CVR_DDA_FAILED = 0x04;

/** Amounts in fen; what a card was personalised without is `NO_LIMIT` for a count and 0 for an amount. */
export interface CardActionFacts {
  /** Byte 1 of 82. */
  readonly aip: number;
  /** 9F52, two bytes. */
  readonly ada: Uint8Array;
  readonly electronicCash: boolean;
  /** Bits `LEFT_*`. */
  readonly left: number;
  readonly scriptCount: number;
  readonly atc: number;
  readonly lastOnlineAtc: number;
  readonly lowerLimit: number;
  readonly upperLimit: number;
  readonly amount: number;
  /** The amount in the application currency by 9F73; 0 without a factor. */
  readonly convertedAmount: number;
  readonly currency: 'own' | 'second' | 'other';
  readonly ownCountry: boolean;
  readonly otherCurrencyCount: number;
  readonly otherCurrencyLimit: number;
  readonly otherCountryCount: number;
  readonly otherCountryLimit: number;
  readonly ctta: number;
  readonly cttaLimit: number;
  readonly cttaUpperLimit: number;
  readonly dualCtta: number;
  readonly dualCttaLimit: number;
  /** Tries were used up before this transaction and no VERIFY came in it. */
  readonly pinExceededBefore: boolean;
}

export interface CardAction {
  /** What the card would answer to a request for TC. */
  readonly kind: CryptogramKind;
  readonly cvrByte2: number;
  readonly cvrByte3: number;
  /** PIN exceeded earlier, and the default action blocks the application for it. */
  readonly block: boolean;
}

/** Amount that counts against the dual currency limit; undefined for a third currency. */
function dualAmount(facts: CardActionFacts): number | undefined {
  if (facts.currency === 'own') return facts.amount;
  return facts.currency === 'second' ? facts.convertedAmount : undefined;
}

function exceedsVelocity(facts: CardActionFacts): boolean {
  const dual = dualAmount(facts);
  return (
    (facts.lowerLimit !== NO_LIMIT && facts.atc > facts.lastOnlineAtc + facts.lowerLimit) ||
    (facts.currency !== 'own' &&
      facts.otherCurrencyLimit !== NO_LIMIT &&
      facts.otherCurrencyCount + 1 > facts.otherCurrencyLimit) ||
    (!facts.ownCountry &&
      facts.otherCountryLimit !== NO_LIMIT &&
      facts.otherCountryCount + 1 > facts.otherCountryLimit) ||
    (facts.currency === 'own' && facts.cttaLimit > 0 && facts.ctta + facts.amount > facts.cttaLimit) ||
    (dual !== undefined && facts.dualCttaLimit > 0 && facts.dualCtta + dual > facts.dualCttaLimit)
  );
}

/** Failed data authentication of an earlier declined transaction: told to the issuer, never decisive. */
function dataAuthenticationBits({ aip, left }: CardActionFacts): { byte2: number; byte3: number } {
  return {
    byte2: (aip & AIP_SDA) !== 0 && (left & LEFT_SDA_FAILED) !== 0 ? CVR_SDA_FAILED : 0,
    byte3: (aip & AIP_DDA) !== 0 && (left & LEFT_DDA_FAILED) !== 0 ? CVR_DDA_FAILED : 0,
  };
}

/** First GENERATE AC. Electronic cash skips every check but those of earlier data authentication. */
export function analyseFirst(facts: CardActionFacts): CardAction {
  let { byte2, byte3 } = dataAuthenticationBits(facts);
  if (facts.electronicCash) return { kind: 'TC', cvrByte2: byte2, cvrByte3: byte3, block: false };
  const [ada1, ada2] = facts.ada as unknown as [number, number];
  let online = false;
  let declined = false;
  let block = false;
  if ((facts.left & LEFT_ONLINE_PENDING) !== 0) {
    byte2 |= CVR_ONLINE_PENDING;
    online = true;
  }
  if ((facts.aip & AIP_ISSUER_AUTHENTICATION) !== 0 && (facts.left & LEFT_AUTHENTICATION_FAILED) !== 0) {
    byte2 |= CVR_AUTHENTICATION_FAILED;
    online ||= (ada1 & ADA_AUTHENTICATION_FAILED_ONLINE) !== 0;
  }
  byte3 |= (facts.scriptCount & 0x0f) << 4;
  if ((facts.left & LEFT_SCRIPT_FAILED) !== 0) {
    byte3 |= CVR_SCRIPT_FAILED;
    online ||= (ada2 & ADA_SCRIPT_FAILED_ONLINE) !== 0;
  }
  if (exceedsVelocity(facts)) {
    byte2 |= CVR_VELOCITY_EXCEEDED;
    online = true;
  }
  if (facts.lastOnlineAtc === 0) {
    byte2 |= CVR_NEW_CARD;
    online ||= (ada1 & ADA_NEW_CARD_ONLINE) !== 0;
  }
  if (facts.pinExceededBefore) {
    byte2 |= CVR_PIN_EXCEEDED;
    if ((ada2 & ADA_PIN_EXCEEDED_DECLINE) !== 0) declined = true;
    else if ((ada2 & ADA_PIN_EXCEEDED_ONLINE) !== 0) online = true;
    else block = (ada2 & ADA_PIN_EXCEEDED_BLOCK) !== 0;
  }
  const kind = declined || block ? 'AAC' : online ? 'ARQC' : 'TC';
  return { kind, cvrByte2: byte2, cvrByte3: byte3, block };
}

/** Second GENERATE AC of a terminal that could not go online (response code Y3 or Z3): TC or AAC. */
export function analyseUnableToGoOnline(facts: CardActionFacts): CardAction {
  const [ada1, ada2] = facts.ada as unknown as [number, number];
  let byte2 = 0;
  let declined = false;
  const dual = facts.dualCtta + (facts.currency === 'own' ? facts.amount : facts.convertedAmount);
  const cttaExceeded =
    facts.cttaUpperLimit > 0 && (facts.ctta + facts.amount > facts.cttaUpperLimit || dual > facts.cttaUpperLimit);
  if ((facts.upperLimit !== NO_LIMIT && facts.atc - facts.lastOnlineAtc > facts.upperLimit) || cttaExceeded) {
    byte2 |= CVR_VELOCITY_EXCEEDED;
    declined = true;
  }
  if (facts.lastOnlineAtc === 0) {
    byte2 |= CVR_NEW_CARD;
    declined ||= (ada1 & ADA_NEW_CARD_DECLINE) !== 0;
  }
  if (facts.pinExceededBefore && (ada2 & ADA_PIN_EXCEEDED_OFFLINE_DECLINE) !== 0) {
    byte2 |= CVR_PIN_EXCEEDED;
    declined = true;
  }
  return { kind: declined ? 'AAC' : 'TC', cvrByte2: byte2, cvrByte3: 0, block: false };
}

/** Issuer authentication as it stands when the second GENERATE AC comes. */
export interface IssuerAnswerFacts {
  readonly aip: number;
  readonly ada: Uint8Array;
  /** 9F56 b8. */
  readonly mandatory: boolean;
  /** EXTERNAL AUTHENTICATE came in this transaction. */
  readonly attempted: boolean;
  /** The indicator, which may also stand from an earlier transaction. */
  readonly failed: boolean;
  /** Response code of CDOL2, and the one EXTERNAL AUTHENTICATE brought, two characters. */
  readonly responseCode: string;
  readonly authenticatedResponseCode: string | undefined;
}

export interface IssuerAnswer {
  readonly kind: 'TC' | 'AAC';
  /** CVR: no issuer authentication after an online authorisation. */
  readonly notPerformed: boolean;
  readonly failed: boolean;
  /** Counters that begin anew: all of them, or only what concerns the last online transaction. */
  readonly reset: 'all' | 'last-online' | 'none';
  /** CID: the terminal shall send an advice. */
  readonly advice: boolean;
}

const ADA_AUTHENTICATION_FAILED_DECLINE = 0x40;
const ADA_AUTHENTICATION_MISSING_DECLINE = 0x20;
const ADA_AUTHENTICATION_DECLINE_ADVICE = 0x04;
/** Accepted, or referral that the terminal settled; anything else is a decline. */
const ACCEPTING_CODES: ReadonlySet<string> = new Set(['00', '10', '11', '01', '02', 'Y1']);

/** Second GENERATE AC after an online answer. */
export function analyseIssuerAnswer(facts: IssuerAnswerFacts, requested: 'TC' | 'AAC'): IssuerAnswer {
  const [ada1] = facts.ada as unknown as [number];
  const supported = (facts.aip & AIP_ISSUER_AUTHENTICATION) !== 0;
  const authenticated = supported && facts.attempted && !facts.failed;
  const accepted =
    ACCEPTING_CODES.has(facts.responseCode) &&
    (!authenticated || ACCEPTING_CODES.has(facts.authenticatedResponseCode ?? ''));
  const missing = supported && !facts.attempted;
  const failed = facts.failed || (missing && facts.mandatory);
  const mayReset = !supported || authenticated || (missing && !facts.mandatory);
  if (requested !== 'TC' || !accepted) {
    return { kind: 'AAC', notPerformed: missing, failed, reset: mayReset ? 'last-online' : 'none', advice: false };
  }
  const declined =
    (missing && facts.mandatory && (ada1 & ADA_AUTHENTICATION_MISSING_DECLINE) !== 0) ||
    (supported && facts.attempted && facts.failed && (ada1 & ADA_AUTHENTICATION_FAILED_DECLINE) !== 0);
  if (declined) {
    const advice = (ada1 & ADA_AUTHENTICATION_DECLINE_ADVICE) !== 0;
    return { kind: 'AAC', notPerformed: false, failed, reset: 'none', advice };
  }
  return { kind: 'TC', notPerformed: missing, failed, reset: mayReset ? 'all' : 'none', advice: false };
}

/** 9F73: position of the decimal point from the right, then seven digits. */
export function convertAmount(amount: number, factor: Uint8Array): number {
  const digits = (((factor[0]! & 0x0f) << 24) | (factor[1]! << 16) | (factor[2]! << 8) | factor[3]!).toString(16);
  const multiplier = /^\d+$/.test(digits) ? BigInt(digits) : 0n;
  return Number((BigInt(amount) * multiplier) / 10n ** BigInt(factor[0]! >> 4));
}
