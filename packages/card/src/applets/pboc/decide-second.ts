/** Second GENERATE AC: after the issuer's answer, or without one. PBOC 3.0 Part 5 §16 as publicly described. */
import type { MemoryWrite } from '../../os/memory.ts';
import { writeAmount } from './balances.ts';
import { analyseIssuerAnswer, analyseUnableToGoOnline } from './card-action-analysis.ts';
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
import { FIELD, LEFT_AUTHENTICATION_FAILED, LEFT_SDA_FAILED, STATE_BLOCKED, writeField } from './layout.ts';
import type { DebitTransaction } from './session.ts';

const CVR_UNABLE_TO_GO_ONLINE = 0x01;
const CVR_AUTHENTICATION_NOT_PERFORMED = 0x04;
/** 9F56 b8. */
const INDICATOR_MANDATORY = 0x80;
/** Response codes of a terminal that could not go online. */
const UNABLE_CODES: ReadonlySet<string> = new Set(['Y3', 'Z3']);

/** Everything an approved online transaction begins anew. */
function resetWrites(transaction: DebitTransaction): MemoryWrite[] {
  return [
    writeAmount('ctta', 0),
    writeAmount('dualCtta', 0),
    writeField('otherCurrencyCount', Uint8Array.of(0)),
    writeField('otherCountryCount', Uint8Array.of(0)),
    writeField('9F13', Uint8Array.of(transaction.atc >> 8, transaction.atc & 0xff)),
  ];
}

function decideOnline(generation: Generation, responseCode: string): Decision {
  const { context, transaction, facts } = generation;
  const { session, image } = context;
  const authenticated = transaction.authorisationResponse;
  const answer = analyseIssuerAnswer(
    {
      aip: facts.aip,
      ada: facts.ada,
      mandatory: ((image.fixed.get('9F56')?.[0] ?? 0) & INDICATOR_MANDATORY) !== 0,
      attempted: transaction.externalAuthentications > 0,
      failed: transaction.authenticationFailed,
      responseCode,
      authenticatedResponseCode:
        authenticated === undefined ? undefined : Buffer.from(authenticated).toString('latin1'),
    },
    generation.requested === 'TC' ? 'TC' : 'AAC',
  );
  if (answer.notPerformed) session.cvr[1]! |= CVR_AUTHENTICATION_NOT_PERFORMED;
  transaction.authenticationFailed = answer.failed;
  const kept = answer.reset === 'none' ? facts.left & ~LEFT_AUTHENTICATION_FAILED : 0;
  const writes: MemoryWrite[] = [leftWrite(kept | (answer.failed ? LEFT_AUTHENTICATION_FAILED : 0))];
  if (answer.reset !== 'none') writes.push(writeField('scriptCount', Uint8Array.of(0)));
  if (answer.reset === 'all') writes.push(...resetWrites(transaction));
  if (answer.kind === 'TC') writes.push(...logWrites(generation));
  return { kind: answer.kind, cid: CID_OF_KIND[answer.kind] | (answer.advice ? CID_ADVICE : 0), writes };
}

function decideUnableToGoOnline(generation: Generation): Decision {
  const { context, cdol, facts } = generation;
  const { session } = context;
  const action = analyseUnableToGoOnline(facts);
  session.cvr[0]! |= CVR_UNABLE_TO_GO_ONLINE;
  session.cvr[1]! |= action.cvrByte2;
  const counted = facts.electronicCash ? [] : countedWrites(generation);
  if (generation.requested === 'AAC' || action.kind === 'AAC') {
    const failed = failedAuthenticationBits(cdol);
    const left = facts.left | ((failed & LEFT_SDA_FAILED) !== 0 ? LEFT_SDA_FAILED : failed);
    const advice = (facts.ada[0]! & ADA_DECLINED_ADVICE) !== 0 ? CID_ADVICE : 0;
    return { kind: 'AAC', cid: CID_OF_KIND.AAC | advice, writes: [...counted, leftWrite(left)] };
  }
  return {
    kind: 'TC',
    cid: CID_OF_KIND.TC,
    writes: [...counted, ...spentWrites(generation), leftWrite(facts.left), ...logWrites(generation)],
  };
}

export function decideSecond(generation: Generation): Decision {
  const { memory } = generation.context;
  const blocked = (memory.u8(FIELD.state.offset) & STATE_BLOCKED) !== 0;
  const own: Generation = blocked ? { ...generation, requested: 'AAC' } : generation;
  const code = Buffer.from(generation.cdol.byTag.get('8A') ?? new Uint8Array(2)).toString('latin1');
  return UNABLE_CODES.has(code) ? decideUnableToGoOnline(own) : decideOnline(own, code);
}
