/**
 * GENERATE AC (80 AE): the card's decision on a debit/credit or contact electronic cash transaction, once, and again
 * after the issuer's answer. EMV 4.4 Book 3 §6.5.5; PBOC 3.0 Part 5 §13, §16, Part 13 §7.4 as publicly described.
 */
import {
  type CommandApdu,
  dolLengthBytes,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  splitDol,
} from '@polycard/bytes';
import type { CryptogramKind, DynamicSigner } from '@polycard/emv';
import { fieldInCurrency, readAmount } from './balances.ts';
import type { CardActionFacts } from './card-action-analysis.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { answerWithCryptogram } from './cryptogram-answer.ts';
import { decideFirst } from './decide-first.ts';
import { decideSecond } from './decide-second.ts';
import { dynamicSigner } from './dynamic-signature.ts';
import { type Decision, factsOf, type Generation, isSame } from './generation.ts';
import { FIELD, STATE_BLOCKED } from './layout.ts';
import { isPinExhausted } from './pin.ts';
import type { TerminalValues } from './session.ts';

/** P1: what is asked for, and whether it shall be signed. */
const P1_KIND: Readonly<Record<number, CryptogramKind>> = { 0: 'AAC', 64: 'TC', 128: 'ARQC' };
const P1_KIND_MASK = 0xc0;
const P1_CDA = 0x10;

const CVR_FIRST: Readonly<Record<CryptogramKind, number>> = { AAC: 0x00, TC: 0x10, ARQC: 0x20 };
const CVR_SECOND: Readonly<Record<CryptogramKind, number>> = { AAC: 0x00, TC: 0x40, ARQC: 0x80 };
const CVR_SECOND_NOT_REQUESTED = 0x80;
const CVR_DDA_PERFORMED = 0x02;
const AIP_CDA = 0x01;

/** Signer of a combined signature; `refused` when one is asked of a card that cannot. */
function signerFor(generation: Generation, kind: CryptogramKind): DynamicSigner | 'refused' | undefined {
  if (!generation.signed || kind === 'AAC') return undefined;
  if ((generation.transaction.aip[0]! & AIP_CDA) === 0) return 'refused';
  const { context, transaction } = generation;
  const indicator = transaction.pdol.byTag.get('DF69');
  return dynamicSigner(context.image.groupings, indicator, context.random) ?? 'refused';
}

function finish(generation: Generation, decision: Decision | undefined, first: boolean): CommandResult {
  const { context, transaction, cdol } = generation;
  const { memory, session } = context;
  if (decision === undefined) {
    transaction.phase = 'over';
    return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  }
  const { kind, cid, writes } = decision;
  const signer = signerFor(generation, kind);
  if (signer === 'refused') {
    transaction.phase = 'over';
    return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  }
  session.cvr[0] = first
    ? (session.cvr[0]! & 0x0f) | CVR_SECOND_NOT_REQUESTED | CVR_FIRST[kind]
    : (session.cvr[0]! & 0x3f) | CVR_SECOND[kind];
  if (signer !== undefined) session.cvr[2]! |= CVR_DDA_PERFORMED;
  memory.commit(writes);
  const balance = fieldInCurrency('9F79', session.secondCurrency);
  const amounts = { balance: readAmount(memory, balance), ctta: readAmount(memory, 'ctta') };
  const { data, cryptogram } = answerWithCryptogram(context, transaction, cdol, { cid, amounts, signer });
  if (first) {
    transaction.firstCryptogram = cryptogram;
    // A blocked application or an exhausted PIN can be repaired by the issuer after an offline end, too.
    const repairable = (memory.u8(FIELD.state.offset) & STATE_BLOCKED) !== 0 || isPinExhausted(memory);
    transaction.phase = kind === 'ARQC' || repairable ? 'first' : 'over';
  } else {
    transaction.phase = 'second';
  }
  return { sw: SW_9000_SUCCESS, data };
}

export function generateAc(context: PbocContext, command: CommandApdu): CommandResult {
  const { image, session } = context;
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  const requested = P1_KIND[p1 & P1_KIND_MASK];
  if (requested === undefined || p2 !== 0) return { sw: SW_6A86_INCORRECT_P1_P2 };
  const transaction = session.debit;
  const first = transaction?.cdol1 === undefined;
  const dol = first ? image.cdol1 : image.cdol2;
  if (data.length !== dolLengthBytes(dol)) return { sw: SW_6700_WRONG_LENGTH };
  if (transaction?.phase !== (first ? 'initiated' : 'first')) return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  if (image.debitCreditIad === undefined && image.qpbocIad === undefined) {
    return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  }
  const own = data.slice();
  const cdol: TerminalValues = { data: own, byTag: splitDol(dol, own, first ? 'CDOL1 data' : 'CDOL2 data') };
  let facts: CardActionFacts;
  try {
    facts = factsOf(context, transaction, cdol);
  } catch {
    return { sw: SW_6A80_WRONG_DATA }; // the amount is no number
  }
  if (first) transaction.cdol1 = cdol;
  else transaction.cdol2 = cdol;
  if (transaction.path === 'debit-credit') {
    session.secondCurrency = facts.currency !== 'own' && isSame(cdol.byTag.get('5F2A'), image.fixed.get('DF71'));
  }
  const generation: Generation = {
    context,
    transaction,
    cdol,
    requested,
    signed: (p1 & P1_CDA) !== 0,
    facts,
  };
  if (first) return finish(generation, decideFirst(generation), true);
  if (requested === 'ARQC') {
    transaction.phase = 'second';
    return { sw: SW_6985_CONDITIONS_NOT_SATISFIED };
  }
  return finish(generation, decideSecond(generation), false);
}
