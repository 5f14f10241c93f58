/**
 * What all issuer script commands share: when they are accepted, their MAC, and what is remembered about them.
 * PBOC 3.0 Part 5 §17 and Part 7 (secure messaging format 2) as publicly described; observed on an independent card.
 *
 * Scripts come between the first GENERATE AC and the end of the transaction. One with a wrong MAC ends them for this
 * transaction; a hundred wrong MACs in a row end them for ever. Those after the second GENERATE AC are counted.
 */
import { type CommandApdu, SW_6985_CONDITIONS_NOT_SATISFIED, SW_6988_MAC_INCORRECT } from '@polycard/bytes';
import { type Algorithm, constantTimeEqual } from '@polycard/crypto';
import { computeScriptMac, deriveSessionKey, SCRIPT_MAC_BYTES } from '@polycard/emv';
import type { MemoryWrite } from '../../os/memory.ts';
import type { CommandResult, PbocContext } from './context.ts';
import { FAILURES_MAX, FIELD, LEFT_SCRIPT_FAILED, writeField } from './layout.ts';
import type { DebitTransaction } from './session.ts';

/** A script whose MAC held. */
export interface AcceptedScript {
  readonly transaction: DebitTransaction;
  /** Command data without the MAC. */
  readonly data: Uint8Array;
  /** Counters to be stored with whatever the command does; on their own when it refuses. */
  readonly writes: readonly MemoryWrite[];
}

export function scriptAlgorithm({ image }: PbocContext): Algorithm {
  return (image.debitCreditIad ?? image.qpbocIad)?.algorithm ?? '3DES';
}

function runningTransaction({ session }: PbocContext): DebitTransaction | undefined {
  const { debit } = session;
  if (debit === undefined || debit.scriptRefused) return undefined;
  if (debit.phase !== 'first' && debit.phase !== 'second') return undefined;
  return debit.externalAuthentications > 0 && debit.authenticationFailed ? undefined : debit;
}

function failedWrite({ memory }: PbocContext): MemoryWrite {
  return writeField('leftBehind', Uint8Array.of(memory.u8(FIELD.leftBehind.offset) | LEFT_SCRIPT_FAILED));
}

function countWrites({ memory }: PbocContext, transaction: DebitTransaction): MemoryWrite[] {
  if (transaction.phase !== 'second') return [];
  return [writeField('scriptCount', Uint8Array.of((memory.u8(FIELD.scriptCount.offset) + 1) & 0x0f))];
}

/** A script that is wrong in its form: remembered as failed when it could have been executed now. */
export function malformedScript(context: PbocContext, sw: number): CommandResult {
  if (runningTransaction(context) !== undefined) context.memory.commit([failedWrite(context)]);
  return { sw };
}

/** A script whose MAC held but which cannot be done; `failed` when the issuer shall hear of it. */
export function refusedScript(
  context: PbocContext,
  script: AcceptedScript,
  refusal: { readonly sw: number; readonly failed: boolean },
): CommandResult {
  context.memory.commit([...script.writes, ...(refusal.failed ? [failedWrite(context)] : [])]);
  return { sw: refusal.sw };
}

/** Checks state and MAC. A status word when the script is not accepted. */
export function acceptScript(context: PbocContext, command: CommandApdu): AcceptedScript | number {
  const { image, memory } = context;
  const transaction = runningTransaction(context);
  if (transaction === undefined) return SW_6985_CONDITIONS_NOT_SATISFIED;
  const failures = memory.u8(FIELD.scriptMacFailures.offset);
  if (failures >= FAILURES_MAX) return SW_6985_CONDITIONS_NOT_SATISFIED;
  const algorithm = scriptAlgorithm(context);
  const { atc, firstCryptogram: ac } = transaction;
  const skMac = deriveSessionKey(algorithm, image.keyMac, atc);
  const { cla, ins, p1, p2 } = command;
  const data = command.data.slice(0, Math.max(0, command.data.length - SCRIPT_MAC_BYTES));
  const mac = computeScriptMac({ algorithm, skMac, atc, ac }, [cla, ins, p1, p2], data);
  const counted = countWrites(context, transaction);
  if (!constantTimeEqual(mac, command.data.subarray(data.length))) {
    transaction.scriptRefused = true;
    memory.commit([...counted, failedWrite(context), writeField('scriptMacFailures', Uint8Array.of(failures + 1))]);
    return SW_6988_MAC_INCORRECT;
  }
  const recovered = failures === 0 ? [] : [writeField('scriptMacFailures', Uint8Array.of(0))];
  return { transaction, data, writes: [...counted, ...recovered] };
}
