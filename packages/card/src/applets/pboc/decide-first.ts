/** First GENERATE AC: the terminal's request against what the card found. PBOC 3.0 Part 5 §13, Part 13 §7.4 as publicly described. */
import { equalBytes } from '@polycard/bytes';
import type { CryptogramKind } from '@polycard/emv';
import { fieldInCurrency, readAmount, writeAmount } from './balances.ts';
import { analyseFirst } from './card-action-analysis.ts';
import {
  ADA_DECLINED_ADVICE,
  CID_ADVICE,
  CID_OF_KIND,
  countedWrites,
  type Decision,
  failedAuthenticationBits,
  type Generation,
  leftWrite,
  logWrites,
  spentWrites,
} from './generation.ts';
import { FIELD, LEFT_ONLINE_PENDING, STATE_BLOCKED, writeField } from './layout.ts';

const CVR_PIN_EXCEEDED = 0x40;
const ADA_PIN_EXCEEDED_ADVICE = 0x08;
const CID_REASON_PIN_EXCEEDED = 0x02;
/** Tags that may differ between GET PROCESSING OPTIONS and GENERATE AC in an electronic cash purchase. */
const MAY_DIFFER: ReadonlySet<string> = new Set(['95', '9B', '9F37']);

/** An offline electronic cash purchase must be the one GET PROCESSING OPTIONS was asked about. */
function isAsInitiated({ transaction, cdol }: Generation): boolean {
  for (const [tag, value] of cdol.byTag) {
    const initiated = transaction.pdol.byTag.get(tag);
    if (initiated !== undefined && !MAY_DIFFER.has(tag) && !equalBytes(initiated, value)) return false;
  }
  return true;
}

function isElectronicCash({ transaction }: Generation): boolean {
  return transaction.path === 'electronic-cash';
}

function decline(generation: Generation): Decision {
  const { context, cdol, facts } = generation;
  const { cvr, verifications } = context.session;
  let cid = CID_OF_KIND.AAC;
  if ((facts.ada[0]! & ADA_DECLINED_ADVICE) !== 0) cid |= CID_ADVICE;
  const exceededNow = (cvr[1]! & CVR_PIN_EXCEEDED) !== 0 && verifications > 0;
  if (exceededNow && (facts.ada[0]! & ADA_PIN_EXCEEDED_ADVICE) !== 0) cid |= CID_ADVICE | CID_REASON_PIN_EXCEEDED;
  const counted = isElectronicCash(generation) ? [] : countedWrites(generation);
  return { kind: 'AAC', cid, writes: [...counted, leftWrite(facts.left | failedAuthenticationBits(cdol))] };
}

function goOnline({ facts }: Generation): Decision {
  return { kind: 'ARQC', cid: CID_OF_KIND.ARQC, writes: [leftWrite(facts.left | LEFT_ONLINE_PENDING)] };
}

function approve(generation: Generation): Decision {
  const { context, facts } = generation;
  const log = logWrites(generation);
  if (!isElectronicCash(generation)) {
    const left = leftWrite(facts.left & ~LEFT_ONLINE_PENDING);
    const writes = [...spentWrites(generation), ...countedWrites(generation), left, ...log];
    return { kind: 'TC', cid: CID_OF_KIND.TC, writes };
  }
  const balance = fieldInCurrency('9F79', context.session.secondCurrency);
  const after = readAmount(context.memory, balance) - facts.amount;
  return { kind: 'TC', cid: CID_OF_KIND.TC, writes: [writeAmount(balance, after), ...log] };
}

/** The lower of two kinds: AAC before ARQC before TC. */
function lowerKind(a: CryptogramKind, b: CryptogramKind): CryptogramKind {
  return (['AAC', 'ARQC'] as const).find((kind) => kind === a || kind === b) ?? 'TC';
}

/** Undefined: no answer, because the PIN was exceeded earlier and the default action blocks the application. */
export function decideFirst(generation: Generation): Decision | undefined {
  const { memory, session, switches } = generation.context;
  const action = analyseFirst(generation.facts);
  session.cvr[1]! |= action.cvrByte2;
  session.cvr[2]! |= action.cvrByte3;
  const state = memory.u8(FIELD.state.offset);
  const block = action.block ? [writeField('state', Uint8Array.of(state | STATE_BLOCKED))] : [];
  if (action.block && switches.pinExceededBlock === 'no-answer') {
    memory.commit(block);
    return undefined;
  }
  const requested = (state & STATE_BLOCKED) !== 0 ? 'AAC' : generation.requested;
  const changed = isElectronicCash(generation) && requested === 'TC' && !isAsInitiated(generation);
  const kind = changed ? 'AAC' : lowerKind(requested, action.kind);
  const decision = { AAC: decline, ARQC: goOnline, TC: approve }[kind](generation);
  return { ...decision, writes: [...decision.writes, ...block] };
}
