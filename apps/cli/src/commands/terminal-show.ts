/** What a terminal has in its memory: who it is, parameters, journal, torn taps, what is wrong with it. */
import { existsSync } from 'node:fs';
import { maskPan, PolycardError } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import {
  type ClosingBatch,
  Journal,
  JournalLog,
  loadState,
  PARAMETER_SETS,
  StoredShelf,
  type TapData,
} from '@polycard/terminal';
import { Command } from 'commander';
import { knownTerminal } from '../terminal/enrolment.ts';
import { FileStorage } from '../terminal/file-storage.ts';

export function terminalShowCommand(): Command {
  return new Command('show')
    .description("Show a terminal's memory: parameters, journal, torn taps, conditions")
    .requiredOption('--dir <directory>', 'its memory, as `terminal run --dir` made it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Account numbers are masked, keys are not shown.

Examples:
  polycard terminal show --dir gate
  polycard terminal show --dir gate --json | jq .journal.waiting`,
    )
    .action(show);
}

/** A batch between its settlement and its end: a loss of power, or a lost line, may leave it there. */
function settling(closing: ClosingBatch | undefined) {
  if (closing === undefined) return null;
  const { details, ...batch } = closing;
  return { ...batch, totals: batch.totals ?? null, detailsLeft: details.length };
}

function show({ dir, json }: { readonly dir: string; readonly json?: boolean }): void {
  if (!existsSync(dir))
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no directory ${dir}`, {
      where: '--dir',
      expected: 'the memory of a terminal, as `polycard terminal run --dir` makes it',
    });
  const storage = new FileStorage(dir, systemRandom);
  const { enrolled, psam } = knownTerminal({}, storage);
  const state = loadState(storage);
  const shelf = new StoredShelf(storage);
  const journal = new Journal(new JournalLog(storage), enrolled.batchNo);
  const tap = ({ pan, atc, amountFen, industry }: TapData) => ({
    ...{ panMasked: maskPan(pan), atc, amountFen, kind: industry.kind, at: industry.at },
    tornOutcome: industry.tornOutcome,
  });
  const shown = {
    ...{ terminalNo: enrolled.terminalNo, merchantNo: enrolled.merchantNo, operatorCode: enrolled.operatorCode },
    ...{ placeCode: enrolled.placeCode, isSignedIn: state.keys !== undefined, psamKeys: psam.length },
    parameters: Object.fromEntries([...PARAMETER_SETS, 'MOD'].map((set) => [set, shelf.get(set)?.version ?? null])),
    parametersConfirmedAt: state.parametersConfirmedAt ?? null,
    conditions: state.conditions,
    journal: {
      ...journal.counters,
      full: journal.full.map(({ uploaded: _uploaded, ...totals }) => totals),
      settling: settling(journal.closing),
      waiting: journal.entries.map((entry) => ({
        sequenceNo: entry.sequenceNo,
        traceNo: entry.traceNo,
        ...tap(entry),
      })),
      torn: journal.pending.map((pending) => tap(pending.tap)),
      late: journal.late.map(({ entry }) => ({ sequenceNo: entry.sequenceNo, ...tap(entry) })),
    },
  };
  process.stdout.write(json === true ? `${JSON.stringify(shown)}\n` : `${JSON.stringify(shown, null, 2)}\n`);
}
