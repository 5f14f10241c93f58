import { PolycardError } from '@polycard/bytes';

/** An error of a message: which field, at which offset, what was expected, what was found. Never field content. */
export function messageError(
  what: string,
  field: string,
  offset: number,
  expected: string,
  found: string,
): PolycardError {
  return new PolycardError(
    `POLYCARD_ISO8583_${what}`,
    `${field} at offset ${offset}: expected ${expected}, found ${found}`,
    {
      where: field,
      expected,
    },
  );
}
