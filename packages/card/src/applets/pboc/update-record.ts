/**
 * UPDATE RECORD (04 DC): an issuer script that replaces a payment record; no longer than it was personalised.
 * PBOC 3.0 Part 5 Annex B as publicly described.
 */
import {
  type CommandApdu,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { SCRIPT_MAC_BYTES } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { acceptScript, refusedScript } from './issuer-script.ts';
import { personalisedRecord, recordUpdateWrite } from './records.ts';

export function updateRecord(context: PbocContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x04) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if ((p2 & 0x07) !== 0x04) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length <= SCRIPT_MAC_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  const script = acceptScript(context, command);
  if (typeof script === 'number') return { sw: script };
  const name = { sfi: p2 >> 3, number: p1 };
  const personalised = personalisedRecord(context, name);
  if (personalised === undefined) {
    return refusedScript(context, script, { sw: SW_6A83_RECORD_NOT_FOUND, failed: false });
  }
  if (script.data.length > personalised.length) {
    return refusedScript(context, script, { sw: SW_6A83_RECORD_NOT_FOUND, failed: true });
  }
  context.memory.commit([...script.writes, recordUpdateWrite(context, name, personalised.length, script.data)]);
  return { sw: SW_9000_SUCCESS };
}
