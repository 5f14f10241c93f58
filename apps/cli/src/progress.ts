/** A progress bar on standard error for people; nothing when that is no terminal. */

import type { ProgressReport } from '@polycard/fleet';
import { Presets, SingleBar } from 'cli-progress';

const WORDS: Readonly<Record<Parameters<ProgressReport>[0], string>> = {
  terminals: 'terminals sign in ',
  cards: 'cards personalised',
  taps: 'taps              ',
  settlement: 'batches settled   ',
  clearing: 'taps cleared      ',
};

export function progressBar(isWanted: boolean): { report: ProgressReport; stop: () => void } {
  if (!isWanted || !process.stderr.isTTY) return { report: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{phase} [{bar}] {value}/{total}  {duration_formatted}',
      hideCursor: true,
      clearOnComplete: false,
    },
    Presets.shades_grey,
  );
  let current = '';
  return {
    report: (phase, done, total) => {
      if (phase !== current) {
        if (current !== '') bar.stop();
        current = phase;
        bar.start(total, done, { phase: WORDS[phase] });
      }
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
