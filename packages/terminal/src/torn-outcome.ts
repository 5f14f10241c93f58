/**
 * What a card that came back says about its torn transaction once its kept record settles nothing. An extended
 * transaction has a proof (GET TRANS PROVE, PBOC 3.0 Part 14). A plain qPBOC purchase leaves none: there the counter and
 * the balance tell, as the annex on flash cards has it (reference pboc.md §3.4: PAN, ATC, currency and balance equal).
 */
import type { TapData } from './journal.ts';
import { proveTransaction, readAvailableFen, readTransactionCounter } from './kernel/capp.ts';
import { availableFen } from './kernel/decision.ts';
import type { CardSession } from './kernel/exchange.ts';

export type TornAnswer =
  | {
      readonly state: 'committed';
      readonly by: 'proof' | 'balance';
      /** As the proof gives it: 8 bytes. */
      readonly cryptogram?: Uint8Array;
    }
  | { readonly state: 'not-committed' }
  /** The card went on to another transaction, and nothing here tells any more. */
  | { readonly state: 'went-on' }
  | { readonly state: 'unclear' };

export function askOutcome(session: CardSession, tap: TapData): TornAnswer {
  return tap.industry.kind === 'purchase' ? byBalance(session, tap) : byProof(session, tap.atc);
}

function byProof(session: CardSession, atc: number): TornAnswer {
  const proof = proveTransaction(session, atc);
  // a later extended transaction would have replaced the proof: this one is the card's last
  if (proof.state === 'committed') return { state: 'committed', by: 'proof', cryptogram: proof.cryptogram };
  const counter = readTransactionCounter(session);
  if (proof.state === 'unclear' || counter === undefined) return { state: 'unclear' };
  // no proof under the card's latest counter: never committed. A later transaction may have replaced the proof
  return { state: counter === atc ? 'not-committed' : 'went-on' };
}

function byBalance(session: CardSession, { atc, amountFen, clearingData }: TapData): TornAnswer {
  const counter = readTransactionCounter(session);
  if (counter === undefined) return { state: 'unclear' };
  const [after, now] = [availableFen(clearingData), readAvailableFen(session)];
  const isPaid = after !== undefined && now === after;
  // another reader began something: the same balance may be this purchase or another of the same price elsewhere
  if (counter !== atc) return { state: isPaid ? 'unclear' : 'went-on' };
  if (isPaid) return { state: 'committed', by: 'balance' };
  // a balance that is neither before nor after: loaded since, say; the platform sees the card's later taps
  return { state: after !== undefined && now === after + amountFen ? 'not-committed' : 'went-on' };
}
