/**
 * A field is four choices: what its content is, how that is encoded, how its length is written, and on which side it is
 * filled. A dialect is a table of such rows (ISO 8583:1987; reference iso8583.md §1.2).
 */
export interface FieldSpecification {
  readonly field: number;
  readonly name: { readonly en: string; readonly zh: string };
  /** `n` digits; `z` track digits with separators A to F; `ans` text; `b` bytes. */
  readonly content: 'n' | 'z' | 'ans' | 'b';
  /** `bcd` packs two digits a byte; `ascii` one character a byte; `raw` as it is. */
  readonly encoding: 'bcd' | 'ascii' | 'raw';
  /** `fixed`, or a BCD length of one byte (LL) or two (LLL), counting digits for BCD content and bytes otherwise. */
  readonly prefix: 'fixed' | 'LL' | 'LLL';
  /** Digits for BCD content, bytes otherwise: exact when fixed, the maximum when not. */
  readonly length: number;
  /** Where an odd digit or short text is filled: `left` with leading zeros, `right` with a trailing zero or blanks. */
  readonly fill: 'left' | 'right';
  /** Never shown: PIN block, keys. */
  readonly secret?: boolean;
  /** Shown masked: account number, tracks. */
  readonly masked?: 'pan' | 'track';
}

export interface Dialect {
  readonly name: string;
  /** By field number, 2 to 64. */
  readonly fields: readonly (FieldSpecification | undefined)[];
}

export function makeDialect(name: string, rows: readonly FieldSpecification[]): Dialect {
  const fields: (FieldSpecification | undefined)[] = new Array(65).fill(undefined);
  for (const row of rows) fields[row.field] = row;
  return { name, fields };
}

/** An acquirer's variant: rows that replace or add to those of another dialect. */
export function overrideDialect(base: Dialect, name: string, rows: readonly FieldSpecification[]): Dialect {
  const fields = [...base.fields];
  for (const row of rows) fields[row.field] = row;
  return { name, fields };
}
