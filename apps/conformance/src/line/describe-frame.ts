/** Frames in one line of evidence: fields in words, account numbers masked, keys hidden. */
import { PolycardError, toHex } from '@polycard/bytes';
import { CUP_TERMINAL, describeMessage, parseFrame, type ReceivedMessage, unpackMessage } from '@polycard/iso8583';

const SHOWN_MAX = 60;
const HIDDEN = [35, 36, 52, 55];

/** A frame without its length prefix. */
export function describeFrame(frame: Uint8Array): string {
  try {
    const { tpdu, header, message } = parseFrame(frame);
    const received = unpackMessage(CUP_TERMINAL, message);
    return `TPDU ${toHex(tpdu)} header ${toHex(header)} ${describeFields(received)}`;
  } catch (error) {
    if (!(error instanceof PolycardError)) throw error;
    return `${frame.length} bytes that are no message: ${error.message}`;
  }
}

function describeFields(received: ReceivedMessage): string {
  const hide = new Set(HIDDEN);
  if (received.mti === '0810') hide.add(62);
  // details of a batch upload have whole account numbers
  if (received.mti === '0320') hide.add(48);
  return describeMessage(received, hide)
    .map(({ field, text, hex }) => {
      const shown = text !== '' ? text.trim() : hex;
      return field === 'MTI' ? shown : `${field}=${shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown}`;
    })
    .join(' ');
}
