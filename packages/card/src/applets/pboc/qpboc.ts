/**
 * A qPBOC transaction from decision to answer. The approved one changes nothing yet: what it will change is kept in
 * the session and written when the terminal reads the last record. PBOC 3.0 Parts 12, 14 as publicly described.
 */
import {
  bcdFromNumber,
  concat,
  encodeTlv,
  equalBytes,
  numberFromBcd,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { CAPP_INDICATOR, type CryptogramKind } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import { applicationCryptogram, issuerApplicationData, shownAvailableAmount } from './application-data.ts';
import { cttaLimit, fieldInCurrency, readAmount, writeAmount } from './balances.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { cardAuthenticationData, dynamicSigner, RESPONSE_KEY_BYTES_MAX, signatureRecord } from './dynamic-signature.ts';
import { extendedContext } from './extended-transaction.ts';
import type { TerminalData } from './get-processing-options.ts';
import { FIELD, STATE_BLOCKED, writeField } from './layout.ts';
import { manageRisk, type RiskDecision, type RiskFacts, type TransactionCurrency } from './risk-management.ts';
import { buildLogRecord } from './transaction-log.ts';

/** 9F68 byte 1 b8, b1 and byte 2 b5; TTQ byte 4 b8; AIP byte 1 b6. */
const LOW_VALUE = 0x80;
const SHOW_AVAILABLE_AMOUNT = 0x01;
const LOG_OFFLINE = 0x10;
const TTQ_FDDA_01 = 0x80;
const AIP_DDA = 0x20;

const CVR_BYTE1: Readonly<Record<CryptogramKind, number>> = { TC: 0x90, ARQC: 0xa0, AAC: 0x80 };
const ZEROS = new Uint8Array(16);

/** Amounts as they will stand when this transaction is done. */
interface Outcome {
  readonly decision: RiskDecision;
  readonly capp: number;
  readonly amount: number;
  readonly balanceAfter: number | undefined;
  readonly balanceShown: number;
  readonly cttaShown: number;
  readonly writes: readonly MemoryWrite[];
}

function currencyOf({ image }: PbocContext, terminal: TerminalData): TransactionCurrency {
  const currency = terminal('5F2A');
  const [own, second] = [image.fixed.get('9F51'), image.fixed.get('DF71')];
  if (currency === undefined || (own !== undefined && equalBytes(currency, own))) return 'first';
  // A second currency has a balance and no cumulative amount: only the low-value option can use it.
  const lowValue = ((image.fixed.get('9F68')?.[0] ?? 0) & LOW_VALUE) !== 0;
  return lowValue && second !== undefined && equalBytes(currency, second) ? 'second' : 'other';
}

/** DF60 of this transaction: 04 and above are no extended transaction to this card. */
function cappOf(terminal: TerminalData): number {
  const indicator = terminal('DF60')?.[0] ?? CAPP_INDICATOR.none;
  return indicator <= CAPP_INDICATOR.completion ? indicator : CAPP_INDICATOR.none;
}

function riskFacts(
  context: PbocContext,
  terminal: TerminalData,
  amounts: Pick<RiskFacts, 'amount' | 'currency' | 'usable'>,
): RiskFacts {
  const { image, memory } = context;
  const second = amounts.currency === 'second';
  const amountOf = (name: '9F79' | '9F78' | '9F6D' | '9F6B') => readAmount(memory, fieldInCurrency(name, second));
  return {
    ...amounts,
    ttq: terminal('9F66') ?? ZEROS.subarray(0, 4),
    additional: image.fixed.get('9F68') ?? ZEROS.subarray(0, 4),
    balance: amountOf('9F79'),
    singleLimit: amountOf('9F78'),
    resetThreshold: amountOf('9F6D'),
    cvmLimit: amountOf('9F6B'),
    ctta: readAmount(memory, 'ctta'),
    cttaLimit: cttaLimit(memory),
    otherCurrencyCount: memory.u8(FIELD.otherCurrencyCount.offset),
    otherCurrencyLimit: memory.u8(FIELD['9F53'].offset),
    newCard: memory.u16(FIELD['9F13'].offset) === 0,
    pinTries: memory.u8(FIELD['9F17'].offset),
    blocked: (memory.u8(FIELD.state.offset) & STATE_BLOCKED) !== 0,
    pinTryLimit: memory.u8(FIELD.pinTryLimit.offset),
  };
}

/** Decides, and works out what an approval changes. A status word ends the transaction without an answer. */
function decideOutcome(context: PbocContext, terminal: TerminalData): Outcome | number {
  const { memory, session } = context;
  const amount = numberFromBcd(terminal('9F02') ?? ZEROS.subarray(0, 6));
  const currency = currencyOf(context, terminal);
  const capp = cappOf(terminal);
  const reserves = capp === CAPP_INDICATOR.preAuthorisation || capp === CAPP_INDICATOR.completion;
  if (reserves && currency !== 'first') return SW_6985_CONDITIONS_NOT_SATISFIED;
  session.secondCurrency = currency === 'second';
  const balanceField = fieldInCurrency('9F79', session.secondCurrency);
  const balance = readAmount(memory, balanceField);
  // The allowance belongs to the first currency; elsewhere a segment deduction is an ordinary purchase.
  const rules = currency === 'first' ? capp : CAPP_INDICATOR.none;
  const extended = extendedContext(memory, rules, { balance, amount, read: session.cappRead });
  if (typeof extended === 'number') return extended;
  const facts = riskFacts(context, terminal, { amount, currency, usable: extended.usable });
  const decision = manageRisk(facts);
  if (decision === undefined) return SW_6985_CONDITIONS_NOT_SATISFIED;
  const common = { decision, capp, amount, balanceShown: balance, cttaShown: facts.ctta };
  if (decision.deductNow) {
    const after = balance - amount;
    const writes = [writeAmount(balanceField, after)];
    if (decision.spendFrom !== 'balance-and-ctta')
      return { ...common, balanceAfter: after, balanceShown: after, writes };
    const ctta = facts.ctta + amount;
    writes.push(writeAmount('ctta', ctta));
    return { ...common, balanceAfter: after, balanceShown: after, cttaShown: ctta, writes };
  }
  if (decision.kind !== 'TC') return { ...common, balanceAfter: undefined, writes: [] };
  const writes: MemoryWrite[] = [];
  let balanceAfter: number | undefined;
  let cttaShown = facts.ctta;
  if (decision.spendFrom === 'balance' || decision.spendFrom === 'balance-and-ctta') {
    balanceAfter = extended.balanceAfter;
    writes.push(writeAmount(balanceField, balanceAfter), ...extended.writes());
  }
  if (decision.spendFrom === 'ctta' || decision.spendFrom === 'balance-and-ctta') {
    cttaShown += amount;
    writes.push(writeAmount('ctta', cttaShown));
  }
  if (decision.spendFrom === 'other-currency') {
    writes.push(writeField('otherCurrencyCount', Uint8Array.of(facts.otherCurrencyCount + 1)));
  }
  return { ...common, balanceAfter, balanceShown: balanceAfter ?? balance, cttaShown, writes };
}

interface Signed {
  readonly signature: Uint8Array;
  readonly cardAuthentication: Uint8Array | undefined;
}

function sign(
  context: PbocContext,
  terminal: TerminalData,
  aip: Uint8Array,
  atc: number,
  ctq: Uint8Array,
): Signed | undefined {
  if ((aip[0]! & AIP_DDA) === 0) return undefined;
  const signer = dynamicSigner(context.image.groupings, terminal('DF69'), context.random);
  if (signer === undefined) return undefined;
  const unpredictableNumber = terminal('9F37') ?? ZEROS.subarray(0, 4);
  if (((terminal('9F66')?.[3] ?? 0) & TTQ_FDDA_01) === 0) {
    return { signature: signer.fdda(atc, { unpredictableNumber }), cardAuthentication: undefined };
  }
  const indicator = terminal('DF60')?.[0];
  const named = indicator !== undefined && indicator <= CAPP_INDICATOR.completion;
  const df61 = named ? context.memory.u8(FIELD.DF61.offset) : 0;
  const cardAuthentication = cardAuthenticationData(context.random(4), ctq, df61);
  const signature = signer.fdda(atc, {
    unpredictableNumber,
    version01: {
      amount: terminal('9F02') ?? ZEROS.subarray(0, 6),
      currency: terminal('5F2A') ?? ZEROS.subarray(0, 2),
      cardAuthenticationData: cardAuthentication,
    },
  });
  return { signature, cardAuthentication };
}

type Entry = readonly [tag: string, value: Uint8Array | undefined];

function template77(entries: readonly Entry[]): Uint8Array {
  return encodeTlv(
    '77',
    concat(...entries.map(([tag, value]) => (value === undefined ? ZEROS.subarray(0, 0) : encodeTlv(tag, value)))),
  );
}

export function processQpboc(context: PbocContext, terminal: TerminalData): CommandResult {
  const { image, memory, session } = context;
  const { qpboc, qpbocIad } = image;
  if (qpboc === undefined || qpbocIad === undefined) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  const atc = memory.u16(FIELD['9F36'].offset);
  const outcome = decideOutcome(context, terminal);
  if (typeof outcome === 'number') return { sw: outcome };
  const { decision, capp } = outcome;
  const personalisedCtq = image.fixed.get('9F6C') ?? ZEROS.subarray(0, 2);
  const ctq = Uint8Array.of(personalisedCtq[0]! | decision.ctqByte1, personalisedCtq[1]!);
  const cvr = Uint8Array.of(CVR_BYTE1[decision.kind], decision.cvrByte2, 0);
  const shown = { balance: outcome.balanceShown, ctta: outcome.cttaShown };
  const iad = issuerApplicationData(context, qpbocIad, { atc, cvr }, shown);
  const ac = applicationCryptogram(context, qpbocIad, terminal, { aip: qpboc.aip, atc, cvr });
  const additional = image.fixed.get('9F68');
  const shows = ((additional?.[0] ?? 0) & SHOW_AVAILABLE_AMOUNT) !== 0;
  const available = shows ? bcdFromNumber(shownAvailableAmount(context, shown), 6) : undefined;
  const atcBytes = Uint8Array.of(atc >> 8, atc & 0xff);
  const [track2, psn] = [image.recordData.get('57'), image.recordData.get('5F34')];
  if (decision.kind !== 'TC') {
    memory.commit(outcome.writes);
    const data = template77([
      ['82', qpboc.aip],
      ['9F36', atcBytes],
      ['57', track2],
      ['9F10', iad],
      ['9F26', ac],
      ['9F63', image.fixed.get('9F63')],
      ['5F34', psn],
      ['9F6C', ctq],
      ['9F5D', available],
      ['5F20', image.recordData.get('5F20')],
    ]);
    return { sw: SW_9000_SUCCESS, data };
  }
  const signed = sign(context, terminal, qpboc.aip, atc, ctq);
  const inRecord = signed !== undefined && signed.signature.length > RESPONSE_KEY_BYTES_MAX;
  const withheld = capp === CAPP_INDICATOR.preAuthorisation;
  const logs = ((additional?.[1] ?? 0) & LOG_OFFLINE) !== 0;
  session.transaction = {
    kind: 'TC',
    atc,
    capp,
    writes: outcome.writes,
    balanceAfter: outcome.balanceAfter,
    proof: withheld ? new Uint8Array(8) : ac,
    logRecord: logs ? buildLogRecord(image, (tag) => (tag === '9F36' ? atcBytes : terminal(tag))) : undefined,
    cardAuthentication: signed?.cardAuthentication,
    signatureRecord: inRecord ? signatureRecord(signed.signature, available) : undefined,
    cache: [],
    cacheBytes: 0,
    state: 'open',
  };
  const data = template77([
    ['82', qpboc.aip],
    ['94', qpboc.afl],
    ['9F36', atcBytes],
    ['9F26', withheld ? undefined : ac],
    ['9F10', iad],
    ['57', track2],
    ['5F34', psn],
    ['9F4B', inRecord ? undefined : signed?.signature],
    ['9F6C', ctq],
    ['9F5D', inRecord ? undefined : available],
  ]);
  return { sw: SW_9000_SUCCESS, data };
}
