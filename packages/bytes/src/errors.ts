/**
 * The one error class of Polycard's pure packages: a code from the catalogue, a sentence for people, and where it happened.
 *
 * A *fault* is thrown; an *outcome* (a refused card, an unequal MAC) is a value. The message is always safe to log:
 * it names fields, offsets and lengths, never key bytes or a full PAN.
 */
export class PolycardError extends Error {
  readonly code: string;
  /** Path of the field or file that was wrong, outermost first, e.g. `F55.9F10` or `tariffs/metro.yaml#/bands/2`. */
  readonly where: string | undefined;
  /** What was expected there, in words. */
  readonly expected: string | undefined;

  constructor(code: string, message: string, details: { where?: string; expected?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PolycardError';
    this.code = code;
    this.where = details.where;
    this.expected = details.expected;
  }
}
