/** Return codes of PC/SC as errors by name (PC/SC Part 5; names and numbers as pcsc-lite has them). */
import { PolycardError } from '@polycard/bytes';

export const SCARD_S_SUCCESS = 0;
export const SCARD_E_TIMEOUT = 0x8010000a;
export const SCARD_E_NO_READERS_AVAILABLE = 0x8010002e;

interface Meaning {
  readonly code: string;
  readonly message: string;
  readonly expected?: string;
}

const LOST = 'POLYCARD_CHANNEL_CARD_LOST';

const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [
    0x8010001d,
    { code: 'POLYCARD_READER_NO_SERVICE', message: 'the PC/SC service is not running', expected: 'a running pcscd' },
  ],
  [
    0x8010001e,
    { code: 'POLYCARD_READER_NO_SERVICE', message: 'the PC/SC service was stopped', expected: 'a running pcscd' },
  ],
  [
    0x8010006a,
    {
      code: 'POLYCARD_READER_NOT_ALLOWED',
      message: 'this user may not use the PC/SC service',
      expected: 'a rule of polkit that allows it, or another user',
    },
  ],
  [SCARD_E_NO_READERS_AVAILABLE, { code: 'POLYCARD_READER_NO_READER', message: 'no reader is attached' }],
  [0x80100009, { code: 'POLYCARD_READER_NO_READER', message: 'there is no reader of that name' }],
  [0x80100017, { code: 'POLYCARD_READER_NO_READER', message: 'the reader was unplugged' }],
  [0x8010000c, { code: 'POLYCARD_READER_NO_CARD', message: 'no card is in the reader' }],
  [SCARD_E_TIMEOUT, { code: 'POLYCARD_READER_NO_CARD', message: 'no card came in time' }],
  [0x8010000b, { code: 'POLYCARD_READER_BUSY', message: 'another program uses the card for itself' }],
  [0x8010000f, { code: 'POLYCARD_READER_PROTOCOL', message: 'the card offers neither T=0 nor T=1' }],
  [0x80100066, { code: LOST, message: 'the card does not answer' }],
  [0x80100067, { code: LOST, message: 'the card has no power' }],
  [0x80100068, { code: LOST, message: 'the card was reset by somebody else' }],
  [0x80100069, { code: LOST, message: 'the card was removed' }],
  [0x80100016, { code: LOST, message: 'the exchange with the card failed' }],
  [0x8010002f, { code: LOST, message: 'the line to the card is disturbed' }],
  [0x80100001, { code: LOST, message: 'the reader had an error inside' }],
]);

/** The error of a call that did not succeed; `returned` as the library gives it. */
export function pcscError(call: string, returned: number, where?: string): PolycardError {
  const code = returned >>> 0;
  const known = MEANINGS.get(code);
  const hex = code.toString(16).toUpperCase().padStart(8, '0');
  return new PolycardError(
    known?.code ?? 'POLYCARD_READER_FAILED',
    `${known?.message ?? 'the PC/SC service refused'} (${call}: ${hex})`,
    {
      ...(where === undefined ? {} : { where }),
      ...(known?.expected === undefined ? {} : { expected: known.expected }),
    },
  );
}
