/**
 * Recovery of a tap that was torn after its last READ RECORD was sent ("flash card"): the card may have committed
 * while the answer was lost (PBOC annex on flash cards, as publicly described; reference pboc.md §3.4, §10.1 K7).
 *
 * The kept last record is read first, before any other command discards it; then the card's number tells whether it is
 * the torn one, and GET TRANS PROVE whether it committed.
 */
import { equalBytes, parseTlv, SW_9000_SUCCESS, tlvMap, toHex } from '@polycard/bytes';
import type { Journal, JournalEntry, PendingTap } from './journal.ts';
import { proveTransaction } from './kernel/capp.ts';
import type { CardSession } from './kernel/exchange.ts';
import type { RecordAddress } from './kernel/read-application-data.ts';

/** Completes the torn tap of this card, if it is one and it committed; gives its journal entry. */
export function recoverTornTap(session: CardSession, journal: Journal): JournalEntry | undefined {
  const latest = journal.pending.at(-1);
  if (latest === undefined) return undefined;
  const records = latest.tap.recordsInOrder;
  const last = records.at(-1);
  const kept = last === undefined ? undefined : readPlain(session, last);
  let pan: string | undefined;
  for (const address of records) {
    const number = readPlain(session, address)?.get('5A');
    if (number === undefined) continue;
    pan = toHex(number).replace(/F$/, '');
    break;
  }
  const torn = journal.pending.filter((pending) => pending.tap.pan === pan);
  for (const pending of torn) {
    const proof = proveTransaction(session, pending.tap.atc);
    if (proof === undefined) {
      journal.drop(pending); // 9406: not committed, the ride starts again
      continue;
    }
    const cryptogram = pending.tap.clearingData.get('9F26');
    const outcome =
      kept?.has('9F69') === true && cryptogram !== undefined && equalBytes(cryptogram, proof) ? 're-read' : 'proof';
    return journal.confirm(pending, resolve(pending, proof, outcome));
  }
  return undefined;
}

function resolve(pending: PendingTap, proof: Uint8Array, tornOutcome: 're-read' | 'proof') {
  const clearingData = new Map(pending.tap.clearingData);
  clearingData.set('9F26', proof);
  return { ...pending.tap, clearingData, industry: { ...pending.tap.industry, tornOutcome } };
}

function readPlain(session: CardSession, { sfi, record }: RecordAddress): Map<string, Uint8Array> | undefined {
  const answer = session.send('recover', {
    cla: 0x00,
    ins: 0xb2,
    p1: record,
    p2: (sfi << 3) | 4,
    data: new Uint8Array(0),
    le: 256,
  });
  return answer.sw === SW_9000_SUCCESS ? tlvMap(parseTlv(answer.data)) : undefined;
}
