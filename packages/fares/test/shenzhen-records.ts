/** Real records of Shenzhen where they are at hand: from POLYCARD_TAPS, else from the shared data beside the checkout. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SHARED = fileURLToPath(new URL('../../../../shared/data/shenzhen-taps/taps.csv', import.meta.url));

export interface ShenzhenRecord {
  readonly card: string;
  /** Local time, sortable. */
  readonly at: string;
  readonly kind: 'entry' | 'exit' | 'boarding';
  readonly chargedFen: number;
  readonly baseFen: number;
  readonly terminalNo: string;
  readonly operator: string;
  readonly station: string;
}

const KIND: Readonly<Record<string, ShenzhenRecord['kind']>> = {
  地铁入站: 'entry',
  地铁出站: 'exit',
  巴士: 'boarding',
};

export function shenzhenRecords(): ShenzhenRecord[] | undefined {
  const path = process.env['POLYCARD_TAPS'] ?? SHARED;
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))
    .map((cells) => ({
      card: cells[0]!,
      at: cells[1]!,
      kind: KIND[cells[2]!]!,
      chargedFen: Number(cells[3]),
      baseFen: Number(cells[4]),
      terminalNo: cells[5]!,
      operator: cells[6]!,
      station: cells[7]!,
    }));
}
