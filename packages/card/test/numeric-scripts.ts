/**
 * The numeric checks of pre-authorisation, segment deduction and completion (certification scripts 47-002 and 46-007,
 * reference pboc.md §3.6) on a card: amounts in, balance and allowance used out.
 */
import { toHex } from '@polycard/bytes';
import { activateMetro, CardTerminal, metroRecord, SFI_METRO } from './card-terminal.ts';
import { personalisedCard } from './transcript-card.ts';

interface NumericStep {
  /** DF60. */
  readonly capp: 1 | 2 | 3;
  readonly recordId: number;
  readonly amount: number;
  /** 9F79 and DF63 afterwards. */
  readonly balance: number;
  readonly used: number;
}

interface NumericScript {
  readonly name: string;
  readonly steps: readonly NumericStep[];
}

const SCRIPTS: readonly NumericScript[] = [
  {
    name: '47-002',
    steps: [
      { capp: 2, recordId: 2, amount: 60_000, balance: 40_000, used: 0 },
      { capp: 1, recordId: 2, amount: 80_000, balance: 0, used: 40_000 },
      { capp: 3, recordId: 2, amount: 30_000, balance: 0, used: 10_000 },
    ],
  },
  {
    name: '46-007',
    steps: [
      { capp: 2, recordId: 2, amount: 1000, balance: 99_000, used: 0 },
      { capp: 2, recordId: 3, amount: 2000, balance: 97_000, used: 0 },
      { capp: 2, recordId: 4, amount: 3000, balance: 94_000, used: 0 },
      { capp: 3, recordId: 2, amount: 4000, balance: 91_000, used: 0 },
      { capp: 3, recordId: 3, amount: 5000, balance: 88_000, used: 0 },
      { capp: 3, recordId: 4, amount: 6000, balance: 85_000, used: 0 },
    ],
  },
];

/** Runs all scripts; `offByFen` plants a wrong expectation. */
export function runNumericScripts(offByFen = 0): { steps: number; differences: string[] } {
  const differences: string[] = [];
  let steps = 0;
  for (const { name, steps: script } of SCRIPTS) {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    for (const id of new Set(script.map(({ recordId }) => recordId))) {
      if (id !== 2) terminal.activate(SFI_METRO, metroRecord(id, 0));
    }
    for (const [index, step] of script.entries()) {
      steps++;
      terminal.select();
      terminal.readCapp(SFI_METRO, step.recordId);
      const answer = terminal.purchase({ amount: step.amount, capp: step.capp });
      const shown = answer.tlv.get('9F5D');
      terminal.update(SFI_METRO, metroRecord(step.recordId, index + 1), terminal.atcOf(answer));
      terminal.last();
      const found = [terminal.balance(), terminal.balance('DF63'), shown === undefined ? -1 : Number(toHex(shown))];
      const expected = [step.balance + offByFen, step.used, step.balance];
      if (found.join() !== expected.join()) {
        differences.push(
          `${name} step ${index}: 9F79, DF63, 9F5D are ${found.join(', ')}, expected ${expected.join(', ')}`,
        );
      }
    }
  }
  return { steps, differences };
}
