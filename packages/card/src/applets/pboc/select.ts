/** Answer to SELECT of the application: its FCI, with DF61 as it is now. PBOC 3.0 Part 5 §6 as publicly described. */
import {
  concat,
  encodeLength,
  encodeTlv,
  SW_6A82_FILE_NOT_FOUND,
  SW_6283_SELECTED_FILE_INVALIDATED,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import type { CommandResult, PbocContext } from './context.ts';
import type { FileControlInformation } from './image.ts';
import { FIELD } from './layout.ts';

export function currentFci({ image, environment }: PbocContext): FileControlInformation | undefined {
  return environment.interface === 'contact' ? image.contactFci : image.contactlessFci;
}

export function selectAnswer(context: PbocContext): CommandResult {
  const { environment, memory, session, switches } = context;
  const fci = currentFci(context);
  if (fci === undefined) return { sw: SW_6A82_FILE_NOT_FOUND };
  const data = fci.bytes.slice();
  if (fci.df61Offset !== undefined) data[fci.df61Offset] = memory.u8(FIELD.DF61.offset);
  if (memory.u8(FIELD.state.offset) === 0) return { sw: SW_9000_SUCCESS, data };
  if (environment.interface === 'contactless' || switches.lockedFciOnContact === 'at-once') {
    return { sw: SW_6283_SELECTED_FILE_INVALIDATED, data };
  }
  session.pendingResponse = data;
  return { sw: SW_6283_SELECTED_FILE_INVALIDATED };
}

/** A blank application can be selected to be personalised. */
export function selectBlankAnswer(aid: Uint8Array): CommandResult {
  const body = concat(encodeTlv('84', aid), encodeTlv('A5', new Uint8Array(0)));
  return { sw: SW_9000_SUCCESS, data: concat(Uint8Array.of(0x6f), encodeLength(body.length), body) };
}
