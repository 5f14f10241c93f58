/** Outcomes of a tap that are no fault: a card that is refused, with the reason an operator would give. */
import { PolycardError } from '@polycard/bytes';

export type RefusalReason =
  | 'no-directory'
  | 'no-application'
  | 'no-extended-files'
  | 'record-missing'
  | 'record-invalid'
  | 'record-locked'
  | 'already-inside'
  | 'no-entry'
  /** Bus with fares by section: tapped here a moment ago; nothing to tap off; the validator does not know its stop. */
  | 'already-tapped'
  | 'no-boarding'
  | 'stop-unknown'
  /** Operating modes and time inside: see the counter, another station, or go through open doors. */
  | 'overtime'
  | 'station-closed'
  | 'doors-open'
  | 'not-repairable'
  | 'insufficient-balance'
  | 'no-amount'
  | 'declined'
  | 'update-refused'
  | 'commit-refused'
  | 'authentication-failed'
  | 'torn-unclear'
  | 'card-data'
  | 'expired'
  | 'journal-full'
  /** What is wrong with the terminal itself: docking/conditions.ts. */
  | 'parameters-missing'
  | 'parameters-too-old'
  | 'clock-wrong'
  | 'list-too-old'
  /** The card, or this application on it, is on the deny list. */
  | 'listed'
  | 'fare-unknown'
  | 'wrong-terminal'
  /** Industry file applications: not open, no right of this terminal, PIN wrong, the card refused a command. */
  | 'application-not-open'
  | 'not-permitted'
  | 'pin-wrong'
  | 'card-refused';

/** Ends the dialogue with a card; caught by the terminal and turned into an outcome. */
export class Refusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, detail: string) {
    super(detail);
    this.name = 'Refusal';
    this.reason = reason;
  }
}

export function refuse(reason: RefusalReason, detail: string): never {
  throw new Refusal(reason, detail);
}

/** A card may say anything: bytes of its own that cannot be read refuse the card, they are no fault of the terminal. */
export function fromCard<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PolycardError) return refuse('card-data', error.message);
    throw error;
  }
}
