/** SET STATUS at the issuer security domain (GPC 2.3.1 §11.10, §5). */
import {
  SW_6A80_WRONG_DATA,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  toHex,
} from '@polycard/bytes';
import { parseSetStatus, Refusal } from '@polycard/globalplatform';
import { CARD_STATE, LOCKED_BIT } from '../registry.ts';
import { DONE, type DomainCommand } from './context.ts';

const { opReady, initialized, secured, locked, terminated } = CARD_STATE;

/** From a state of the card to those that may follow (GPC 2.3.1 Figure 5-2). */
const CARD_TRANSITIONS: Readonly<Record<number, readonly number[]>> = {
  [opReady]: [initialized, secured, terminated],
  [initialized]: [secured, terminated],
  [secured]: [locked, terminated],
  [locked]: [secured, terminated],
  [terminated]: [],
};

export const setStatus: DomainCommand = ({ registry }, command) => {
  const { target, state, aid } = parseSetStatus(command);
  const { cardState, applications, domainAid } = registry.state;
  if (target === 'card') {
    if (CARD_TRANSITIONS[cardState]?.includes(state) !== true) {
      throw new Refusal(
        SW_6A80_WRONG_DATA,
        `the card is ${cardState.toString(16)}, it cannot become ${state.toString(16)}`,
      );
    }
    registry.change({ cardState: state });
    return DONE;
  }
  if (cardState === locked) throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the card is locked');
  const wanted = toHex(aid);
  // The issuer domain is locked by locking the card
  if (wanted === domainAid)
    throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the issuer domain holds Final Application');
  const application = applications.find((candidate) => candidate.aid === wanted);
  if (application === undefined) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no such application');
  // Of the state of another entity only b8 counts: lock, or back to the state before
  const lock = state & LOCKED_BIT;
  if ((application.state & LOCKED_BIT) === lock) throw new Refusal(SW_6A80_WRONG_DATA, 'it is in that state already');
  const changed = { ...application, state: (application.state & ~LOCKED_BIT) | lock };
  registry.change({ applications: applications.map((other) => (other === application ? changed : other)) });
  return DONE;
};
