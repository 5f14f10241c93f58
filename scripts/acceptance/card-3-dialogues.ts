/** The recorded dialogues of an independent card on both sides, and the numeric scripts of reference pboc.md §3.6. */
import { existsSync } from 'node:fs';
import { runNumericScripts } from '../../packages/card/test/numeric-scripts.ts';
import { Recording } from '../../packages/card/test/recording.ts';
import { checkTranscript } from '../../packages/card/test/transcript-checks.ts';
import { replayScenario } from '../../packages/card/test/transcript-replay.ts';
import { type Findings, figure } from './item.ts';

const OWN_COPY = new URL('../../packages/card/test/vectors/pboc-transcripts.json', import.meta.url);
const SHARED = new URL('../../../shared/data/pboc-transcripts.json', import.meta.url);

/** POLYCARD_PBOC_TRANSCRIPTS names a file of the same kind; else the shared data; else the copy in the repository. */
function recording(): { from: string; recording: Recording } {
  const named = process.env['POLYCARD_PBOC_TRANSCRIPTS'];
  const file = named ?? (existsSync(SHARED) ? SHARED : OWN_COPY);
  return { from: String(file).replace(/.*\/(?=[^/]+\/[^/]+$)/, '…/'), recording: Recording.read(file) };
}

/** One digit of a recorded cryptogram, or of a command's MAC, is another one. */
function changed(text: string, at: number): string {
  return text.slice(0, at) + (Number.parseInt(text[at]!, 16) ^ 1).toString(16).toUpperCase() + text.slice(at + 1);
}

export async function dialogues(plant: string | undefined, findings: Findings): Promise<void> {
  const { from, recording: read } = recording();
  figure('card dialogues from', from);
  const plantedStep = read.scenarios
    .flatMap((scenario) => scenario.steps.map((step, index) => ({ scenario, step, index })))
    .find(({ step }) => step.c?.startsWith('80AE') && step.r?.startsWith('801E'));
  const changeOf = (name: string) => (index: number, answer: string) =>
    plant === 'answer-changed' && name === plantedStep?.scenario.name && index === plantedStep.index
      ? changed(answer, 10)
      : answer;
  let [answers, confirmed, recomputed] = [0, 0, 0];
  const departures = new Map<string, number>();
  for (const scenario of read.scenarios) {
    const change = changeOf(scenario.name);
    const replay = await replayScenario(read, scenario, change);
    answers += replay.answers;
    findings.list.push(...replay.differences);
    for (const [name, count] of replay.departures) departures.set(name, (departures.get(name) ?? 0) + count);
    const report = checkTranscript(
      read,
      scenario,
      change,
      plant === 'check-skipped' ? 'issuer-authentication' : undefined,
    );
    confirmed += report.confirmed;
    recomputed += [...report.recomputed.values()].reduce((sum, count) => sum + count, 0);
    findings.list.push(...report.problems);
    // A check that nobody recomputed is as bad as one that does not hold.
    const looked = report.confirmed + report.departures.length + report.unconfirmed;
    findings.equal(looked, scenario.checks.length, `checks of ${scenario.name} that were looked at`);
  }
  figure('scenarios, answers of our card over SCP02', `${read.scenarios.length}, ${answers}`);
  figure('recorded checks confirmed by host and terminal', confirmed);
  figure('values they recomputed in all', recomputed);
  figure('departures of the recorded card', [...departures].map(([name, count]) => `${name} (${count})`).join('; '));
}

export function numericScripts(plant: string | undefined, findings: Findings): void {
  const { steps, differences } = runNumericScripts(plant === 'numeric-changed' ? 1 : 0);
  figure('steps of the numeric scripts of 3.6', steps);
  findings.list.push(...differences);
}
