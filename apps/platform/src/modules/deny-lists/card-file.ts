/**
 * A file of cards: one account number a line, or comma-separated columns named in its first line: `cardNo` and, as
 * wanted, `scope` and `reason`. Blank lines and lines that begin with `#` are left out; a byte-order mark is no content.
 */
import { wrongEntry } from './rules.ts';

export interface CsvLine {
  /** From 1. */
  readonly line: number;
  readonly cardNo: string;
  readonly scope: string;
  readonly reason: string;
}

const COLUMNS = ['cardNo', 'scope', 'reason'] as const;

/** Throws `POLYCARD_DENY_LIST_ENTRY` for a first line with unknown columns. */
export function* parseCsv(
  text: string,
  defaults: { readonly scope: string; readonly reason: string },
): Generator<CsvLine> {
  let columns: readonly string[] | undefined;
  let [start, line] = [text.startsWith('\uFEFF') ? 1 : 0, 0];
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const raw = text.slice(start, end === -1 ? text.length : end).trim();
    start = end === -1 ? text.length : end + 1;
    line += 1;
    if (raw === '' || raw.startsWith('#')) continue;
    const cells = raw.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (columns === undefined) {
      if (/[A-Za-z]/.test(cells[0]!)) {
        columns = headed(cells);
        continue;
      }
      columns = COLUMNS;
    }
    const cell = (name: string): string => cells[columns!.indexOf(name)] ?? '';
    yield {
      line,
      cardNo: cell('cardNo'),
      scope: cell('scope') || defaults.scope,
      reason: cell('reason') || defaults.reason,
    };
  }
}

function headed(cells: readonly string[]): readonly string[] {
  const unknown = cells.find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined || !cells.includes('cardNo'))
    throw wrongEntry(
      'csv',
      `the first line names columns ${COLUMNS.join(', ')}; ${unknown ?? 'no cardNo'} is none of them`,
    );
  return cells;
}
