/**
 * Card risk management of qPBOC: TC, ARQC, AAC, or no answer at all. A pure decision over plain facts.
 * PBOC 3.0 Part 12 §7 (2013) as publicly described; observed on an independent card bit by bit.
 */
import type { CryptogramKind } from '@polycard/emv';

export type TransactionCurrency = 'first' | 'second' | 'other';

/** 9F68 byte 1, 2 and 3. */
const LOW_VALUE = 0x80;
const LOW_VALUE_AND_CTTA = 0x40;
const LOW_VALUE_OR_CTTA = 0x20;
const NEW_CARD_CHECK = 0x10;
const PIN_TRIES_CHECK = 0x08;
const OTHER_CURRENCY_OFFLINE = 0x04;
const CONTACT_PREFERRED_ONLINE = 0x02;
const PREPAID = 0x80;
const REFUSE_OTHER_CURRENCY = 0x40;
const REFUSE_NEW_CARD_OFFLINE_ONLY = 0x20;
const ONLINE_PIN_OWN_CURRENCY = 0x80;
const ONLINE_PIN_OTHER_CURRENCY = 0x40;
const OTHER_CURRENCY_NEEDS_CVM = 0x20;
const SIGNATURE_SUPPORTED = 0x10;

/** 9F66 byte 1 and 2. */
const TTQ_CONTACT = 0x10;
const TTQ_OFFLINE_ONLY = 0x08;
const TTQ_ONLINE_PIN = 0x04;
const TTQ_SIGNATURE = 0x02;
const TTQ_ONLINE_REQUIRED = 0x80;
const TTQ_CVM_REQUIRED = 0x40;

/** CVR byte 2. */
const CVR_PIN_EXCEEDED = 0x40;
const CVR_VELOCITY_EXCEEDED = 0x20;
const CVR_NEW_CARD = 0x10;

const CTQ_ONLINE_PIN = 0x80;
const CTQ_SIGNATURE = 0x40;

export interface RiskFacts {
  /** 9F66. */
  readonly ttq: Uint8Array;
  /** 9F68. */
  readonly additional: Uint8Array;
  readonly amount: number;
  readonly currency: TransactionCurrency;
  /** Balance, or what the extended transaction may use in its place. */
  readonly usable: number;
  /** 9F79 itself: what the prepaid option looks at. */
  readonly balance: number;
  readonly singleLimit: number;
  readonly resetThreshold: number;
  readonly cvmLimit: number;
  readonly ctta: number;
  readonly cttaLimit: number;
  readonly otherCurrencyCount: number;
  readonly otherCurrencyLimit: number;
  readonly newCard: boolean;
  readonly pinTries: number;
  /** 0: the card has no offline PIN. */
  readonly pinTryLimit: number;
  readonly blocked: boolean;
}

/** What is counted when the transaction is done. */
export type SpendFrom = 'balance' | 'balance-and-ctta' | 'ctta' | 'other-currency' | 'nothing';

export interface RiskDecision {
  readonly kind: CryptogramKind;
  readonly cvrByte2: number;
  readonly ctqByte1: number;
  readonly spendFrom: SpendFrom;
  /** Prepaid: the balance goes down with an ARQC, in GET PROCESSING OPTIONS itself. */
  readonly deductNow: boolean;
}

interface Draft {
  cvrByte2: number;
  ctqByte1: number;
}

function decided(draft: Draft, kind: CryptogramKind, spendFrom: SpendFrom = 'nothing'): RiskDecision {
  return { kind, ...draft, spendFrom, deductNow: false };
}

/** Online PIN is decided with the online cryptogram; a signature lets the checks go on. Undefined: no common method. */
function cardholderVerification(
  facts: RiskFacts,
  offlineOnly: boolean,
): 'none' | 'online-pin' | 'signature' | undefined {
  const { ttq, additional, currency } = facts;
  const other = currency === 'other';
  const needed =
    (ttq[1]! & TTQ_CVM_REQUIRED) !== 0 ||
    facts.amount > facts.cvmLimit ||
    (other && (additional[2]! & OTHER_CURRENCY_NEEDS_CVM) !== 0);
  if (!needed) return 'none';
  const pinBit = other ? ONLINE_PIN_OTHER_CURRENCY : ONLINE_PIN_OWN_CURRENCY;
  if (!offlineOnly && (ttq[0]! & TTQ_ONLINE_PIN) !== 0 && (additional[2]! & pinBit) !== 0) return 'online-pin';
  if ((ttq[0]! & TTQ_SIGNATURE) !== 0 && (additional[2]! & SIGNATURE_SUPPORTED) !== 0) return 'signature';
  return undefined;
}

/** ④ amounts in a currency of the card, ⑤ counted transactions in another. */
function offlineAmountChecks(facts: RiskFacts, draft: Draft, offlineOnly: boolean): RiskDecision {
  const refusal: CryptogramKind = offlineOnly ? 'AAC' : 'ARQC';
  const exceeded = (): RiskDecision => {
    draft.cvrByte2 |= CVR_VELOCITY_EXCEEDED;
    return decided(draft, refusal);
  };
  const { amount, additional } = facts;
  if (facts.currency === 'other') {
    return facts.otherCurrencyCount >= facts.otherCurrencyLimit ? exceeded() : decided(draft, 'TC', 'other-currency');
  }
  const threshold = offlineOnly ? 0 : facts.resetThreshold;
  const lowValue = amount <= facts.singleLimit && amount + threshold <= facts.usable;
  const ctta = facts.ctta + amount <= facts.cttaLimit;
  if ((additional[0]! & LOW_VALUE) !== 0) return lowValue ? decided(draft, 'TC', 'balance') : exceeded();
  if ((additional[0]! & LOW_VALUE_AND_CTTA) !== 0) {
    return lowValue && ctta ? decided(draft, 'TC', 'balance-and-ctta') : exceeded();
  }
  if ((additional[0]! & LOW_VALUE_OR_CTTA) !== 0) {
    if (amount > facts.singleLimit) return exceeded();
    if (amount <= facts.usable) return decided(draft, 'TC', 'balance');
    return ctta ? decided(draft, 'TC', 'ctta') : exceeded();
  }
  return decided(draft, refusal);
}

/** ①②③, then the amounts. Undefined: no common cardholder verification, the transaction ends with 6985. */
function decide(facts: RiskFacts): RiskDecision | undefined {
  const { ttq, additional } = facts;
  const offlineOnly = (ttq[0]! & TTQ_OFFLINE_ONLY) !== 0;
  const draft: Draft = { cvrByte2: 0, ctqByte1: 0 };
  const other = facts.currency === 'other';
  if (facts.blocked) return decided(draft, 'AAC');
  if (other && (additional[1]! & REFUSE_OTHER_CURRENCY) !== 0) return decided(draft, 'AAC');
  const pinExceeded = (additional[0]! & PIN_TRIES_CHECK) !== 0 && facts.pinTryLimit !== 0 && facts.pinTries === 0;
  if (offlineOnly) {
    if (facts.newCard && (additional[1]! & REFUSE_NEW_CARD_OFFLINE_ONLY) !== 0) return decided(draft, 'AAC');
    if (pinExceeded) {
      draft.cvrByte2 |= CVR_PIN_EXCEEDED;
      return decided(draft, 'AAC');
    }
  }
  const verification = cardholderVerification(facts, offlineOnly);
  if (verification === undefined) return undefined;
  if (verification === 'signature') draft.ctqByte1 |= CTQ_SIGNATURE;
  if (offlineOnly) return offlineAmountChecks(facts, draft, true);
  if (verification === 'online-pin') {
    draft.ctqByte1 |= CTQ_ONLINE_PIN;
    return decided(draft, 'ARQC');
  }
  if ((ttq[1]! & TTQ_ONLINE_REQUIRED) !== 0) return decided(draft, 'ARQC');
  if (other && (additional[0]! & OTHER_CURRENCY_OFFLINE) === 0) return decided(draft, 'ARQC');
  if (facts.newCard && (additional[0]! & NEW_CARD_CHECK) !== 0) {
    draft.cvrByte2 |= CVR_NEW_CARD;
    return decided(draft, 'ARQC');
  }
  if (pinExceeded) {
    draft.cvrByte2 |= CVR_PIN_EXCEEDED;
    return decided(draft, 'ARQC');
  }
  return offlineAmountChecks(facts, draft, false);
}

/** Prepaid: an online request spends at once, when there is something to spend it from. */
function prepaid(facts: RiskFacts, decision: RiskDecision): RiskDecision {
  const { amount, additional } = facts;
  const refused: RiskDecision = { ...decision, kind: 'AAC', ctqByte1: 0 };
  if (amount === 0) return refused;
  if ((additional[0]! & LOW_VALUE) !== 0) return amount <= facts.balance ? { ...decision, deductNow: true } : refused;
  if ((additional[0]! & LOW_VALUE_AND_CTTA) === 0) return decision;
  const affordable = amount <= facts.balance && facts.ctta + amount <= facts.cttaLimit;
  return affordable ? { ...decision, deductNow: true, spendFrom: 'balance-and-ctta' } : refused;
}

/** Undefined: the transaction ends with 6985. */
export function manageRisk(facts: RiskFacts): RiskDecision | undefined {
  const decision = decide(facts);
  if (decision?.kind !== 'ARQC') return decision;
  const { ttq, additional } = facts;
  if ((additional[0]! & CONTACT_PREFERRED_ONLINE) !== 0 && (ttq[0]! & TTQ_CONTACT) !== 0) return undefined;
  return (additional[1]! & PREPAID) === 0 || facts.currency === 'other' ? decision : prepaid(facts, decision);
}
