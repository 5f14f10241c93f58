/** A replay's result for people. */
import type { ReplayResult } from '@polycard/fleet';

const yuan = (fen: number): string =>
  `¥${(fen / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const count = (value: number): string => value.toLocaleString('en');

export function summarise(result: ReplayResult): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, value]) => `${name} ${count(value)}`)
      .join(', ') || 'none';
  const { inferred, supplied } = result;
  const net = result.settlement.reduce((sum, position) => sum + position.netFen, 0);
  const lines = [
    ['records', `${count(result.records)} of ${count(result.cards)} cards at ${count(result.terminals)} terminals`],
    [
      'taps',
      `${count(result.taps.performed)} performed, ${count(result.taps.refused)} refused (${list(result.taps.refusedFor)})`,
    ],
    [
      'inferred',
      `transfer rights ${count(inferred.transferRights)}, coach rides ${inferred.coachRides}, operators without discount ${inferred.operatorsWithoutDiscount}, unexplained ${inferred.unexplained}`,
    ],
    ['supplied', `entries ${count(supplied.entries)}, combined-ride states ${count(supplied.combinedRides)}`],
    ['odd records', list(result.odd)],
    [
      'fares',
      `${count(result.fares.charged)} charged, ${count(result.fares.matched)} as recorded, ${yuan(result.fares.chargedFen)}`,
    ],
    [
      'base fares',
      `${count(result.baseFares.computed)} from the network, ${count(result.baseFares.matched)} as recorded`,
    ],
    ['cryptograms', `${count(result.cryptograms.verified)} verified, ${count(result.cryptograms.failed)} failed`],
    ['exceptions', list(result.exceptions)],
    ['ledger', `${count(result.ledger.postings)} postings, sum ${yuan(result.ledger.sumFen)}`],
    [
      'tap time',
      `median ${result.tapTime.p50Ms} ms, 99 % within ${result.tapTime.p99Ms} ms, ${count(result.tapTime.exchanges)} exchanges`,
    ],
    ['took', `${(result.elapsedMs / 1000).toFixed(1)} s`],
  ] as const;
  const table = lines.map(([name, text]) => `  ${name.padEnd(14)}${text}`).join('\n');
  const positions = result.settlement
    .map(({ party, netFen }) => `    ${party.padEnd(28)}${yuan(netFen).padStart(16)}`)
    .join('\n');
  return `${table}\n  net positions\n${positions}\n    ${'sum'.padEnd(28)}${yuan(net).padStart(16)}\n`;
}
