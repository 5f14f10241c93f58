/**
 * GET PROCESSING OPTIONS with whatever the card's PDOL asks for, and its answer in either format (EMV 4.4 Book 3
 * §6.5.8): template 77 with tags, or template 80 with AIP and AFL alone.
 */
import {
  buildDol,
  concat,
  encodeLength,
  findTlv,
  parseTlv,
  type ResponseApdu,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
} from '@polycard/bytes';
import { dolAlignment } from '@polycard/emv';
import type { CardSession, Phase } from './exchange.ts';
import { fromCard, refuse } from './outcome.ts';
import type { SelectedApplication } from './select.ts';
import type { TerminalData } from './terminal-data.ts';

const AIP_BYTES = 2;
const COMMAND_DATA_BYTES_MAX = 255;

export function sendProcessingOptions(
  session: CardSession,
  application: SelectedApplication,
  terminalData: TerminalData,
  phase: Phase = 'gpo',
): ResponseApdu {
  const values = buildDol(application.pdol, (tag) => terminalData.get(tag), dolAlignment);
  const data = concat(Uint8Array.of(0x83), encodeLength(values.length), values);
  if (data.length > COMMAND_DATA_BYTES_MAX)
    refuse('card-data', `the PDOL asks for ${values.length} bytes, more than a command carries`);
  return session.send(phase, { cla: 0x80, ins: 0xa8, p1: 0, p2: 0, data, le: 256 });
}

/** Objects of the answer by tag; refuses the card when it gives none. */
export function processingOptions(
  session: CardSession,
  application: SelectedApplication,
  terminalData: TerminalData,
  phase: Phase = 'gpo',
): ReadonlyMap<string, Uint8Array> {
  const answer = sendProcessingOptions(session, application, terminalData, phase);
  if (answer.sw !== SW_9000_SUCCESS) refuse('declined', `GET PROCESSING OPTIONS answered ${swHex(answer.sw)}`);
  return fromCard(() => objectsOf(answer.data));
}

function objectsOf(answer: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const nodes = parseTlv(answer, 'GPO answer');
  const format1 = nodes[0]?.tag === '80' ? findTlv(nodes, '80') : undefined;
  if (format1 === undefined) return tlvMap(nodes);
  if (format1.length < AIP_BYTES) refuse('card-data', 'the GPO answer (80) is shorter than an AIP');
  return new Map([
    ['82', format1.subarray(0, AIP_BYTES)],
    ['94', format1.subarray(AIP_BYTES)],
  ]);
}
