/**
 * Opening industries on an issued card at a counter (开通): finished APPEND RECORD commands, each of which opens one
 * record (PBOC 3.0 Part 14 Annex B, as publicly described). The card takes the same record twice, so a visit that was
 * torn is not simply repeated: each record is looked for first, and what stands on the card is not sent again.
 */
import {
  type CardChannel,
  parseCommand,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  SW_9000_SUCCESS,
  swHex,
} from '@polycard/bytes';
import { encodeReadCapp } from '@polycard/emv';
import { CardSession, isCardLost } from '../kernel/exchange.ts';
import { fromCard, Refusal, type RefusalReason, refuse } from '../kernel/outcome.ts';
import { selectApplication } from '../kernel/select.ts';

export type ActivationOutcome =
  | {
      readonly result: 'activated';
      /** Records opened by this visit, and those that stood on the card already. */
      readonly opened: number;
      readonly already: number;
    }
  | { readonly result: 'refused'; readonly reason: RefusalReason; readonly detail: string }
  /** Hold the card to the counter again: what is missing is opened then. */
  | { readonly result: 'torn' };

const KEY_BYTES = 16;
const ID_BYTES = 2;
/** Length byte of a record in a variable file, behind its ID. */
const RECORD_HEADER_BYTES = 3;
const MAC_BYTES = 4;

/** Commands in their order, as the platform prepared them for the counter's card. */
export function activateRecords(channel: CardChannel, commands: readonly Uint8Array[]): ActivationOutcome {
  const session = new CardSession(channel, () => 0);
  let [opened, already] = [0, 0];
  try {
    selectApplication(session);
    for (const command of commands) {
      if (isOpen(session, command)) {
        already++;
        continue;
      }
      const { sw } = session.sendBytes('update-file', command);
      if (sw !== SW_9000_SUCCESS) refuse('update-refused', `APPEND RECORD was answered ${swHex(sw)}`);
      opened++;
    }
    return { result: 'activated', opened, already };
  } catch (error) {
    if (isCardLost(error)) return { result: 'torn' };
    if (error instanceof Refusal) return { result: 'refused', reason: error.reason, detail: error.message };
    throw error;
  }
}

/** Whether the record that this command opens stands on the card. */
function isOpen(session: CardSession, command: Uint8Array): boolean {
  const { p2, data } = fromCard(() => parseCommand(command));
  const sfi = p2 >> 3;
  const record = data.subarray(KEY_BYTES, data.length - MAC_BYTES);
  if (record[ID_BYTES] === record.length - RECORD_HEADER_BYTES) {
    const id = (record[0]! << 8) | record[1]!;
    return session.sendBytes('read-capp', encodeReadCapp({ sfi, id })).sw === SW_9000_SUCCESS;
  }
  // a cyclic file has one record at its opening, and no ID to look for
  const { sw } = session.send('read-record', {
    ...{ cla: 0x00, ins: 0xb2, p1: 0x01, p2: (sfi << 3) | 0x04 },
    data: new Uint8Array(0),
    le: 256,
  });
  return sw === SW_9000_SUCCESS || sw === SW_6985_CONDITIONS_NOT_SATISFIED;
}
