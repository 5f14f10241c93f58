/**
 * Many rows in one statement: the rows travel as one JSON parameter and are unfolded by the database. The same text
 * runs on PGlite and PostgreSQL, without a limit on the number of parameters.
 */
import { type RawBuilder, sql } from 'kysely';

export interface BulkColumn {
  readonly name: string;
  /** SQL type as it stands in the JSON: bytea columns travel as hex text, arrays and jsonb as JSON. */
  readonly type: 'text' | 'integer' | 'bigint' | 'boolean' | 'timestamptz' | 'jsonb' | 'hex' | 'text[]';
}

/** `FROM` source with the rows, named `r`; columns of type `hex` must be read with `decode(r.x, 'hex')`. */
export function rowsAsRecordset(columns: readonly BulkColumn[], rows: readonly object[]): RawBuilder<unknown> {
  const definition = columns
    .map(({ name, type }) => `${name} ${type === 'hex' ? 'text' : type === 'text[]' ? 'jsonb' : type}`)
    .join(', ');
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(${sql.raw(definition)})`;
}

/** The select list that turns the recordset back into column values. */
export function selectList(columns: readonly BulkColumn[]): string {
  return columns
    .map(({ name, type }) => {
      if (type === 'hex') return `decode(r.${name}, 'hex')`;
      if (type === 'text[]') return `ARRAY(SELECT jsonb_array_elements_text(r.${name}))`;
      return `r.${name}`;
    })
    .join(', ');
}

/** `INSERT INTO table (...) SELECT ... FROM rows`, with a conflict clause when given. */
export function bulkInsert(
  table: string,
  columns: readonly BulkColumn[],
  rows: readonly object[],
  onConflict = '',
): RawBuilder<unknown> {
  const names = columns.map(({ name }) => name).join(', ');
  return sql`INSERT INTO ${sql.raw(table)} (${sql.raw(names)}) SELECT ${sql.raw(selectList(columns))} FROM ${rowsAsRecordset(columns, rows)} ${sql.raw(onConflict)}`;
}
