import { PolycardError } from '@polycard/bytes';
import type { ReceivedMessage } from '@polycard/iso8583';

/** A field's digits or text; undefined when it is missing or holds a nibble that is no digit (fields are decoded late). */
export function readable(message: ReceivedMessage, field: number): string | undefined {
  try {
    return message.text(field);
  } catch (error) {
    if (error instanceof PolycardError && error.code.startsWith('POLYCARD_ISO8583_')) return undefined;
    throw error;
  }
}
