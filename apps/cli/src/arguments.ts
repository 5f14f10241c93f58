/** Parsers of option values; a wrong value says what it must be. */
import { InvalidArgumentError } from 'commander';

export function integerOption(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** Fen of an amount in yuan. */
export function yuanOption(text: string): number {
  const parts = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('expected yuan with at most two decimals, e.g. 2.00');
  return Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
}

const FAULTS = ['cryptogram', 'duplicate', 'gap', 'mac'] as const;
export type FaultCounts = Partial<Record<(typeof FAULTS)[number], number>>;

/** `cryptogram=10,duplicate=10` */
export function faultsOption(text: string): FaultCounts {
  const counts: FaultCounts = {};
  for (const part of text.split(',')) {
    const [name, count, ...rest] = part.split('=');
    const fault = FAULTS.find((candidate) => candidate === name);
    if (fault === undefined || rest.length > 0 || !/^\d{1,6}$/.test(count ?? '')) {
      throw new InvalidArgumentError(`expected NAME=COUNT, ... with NAME one of ${FAULTS.join(', ')}; found "${part}"`);
    }
    counts[fault] = Number(count);
  }
  return counts;
}
