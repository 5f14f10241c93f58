import { describe, expect, it } from 'vitest';
import { recording, scenarios } from './transcript-card.ts';
import { checkTranscript } from './transcript-checks.ts';

describe('our host and terminal on the recorded dialogues', () => {
  it.each(scenarios)('$name: every check is recomputed', (scenario) => {
    const report = checkTranscript(recording, scenario);
    expect(report.problems).toEqual([]);
    expect(report.confirmed + report.departures.length).toBe(scenario.checks.length);
  });

  it('one flipped bit in a cryptogram, a MAC or a proof the card gave is noticed', () => {
    let flipped = 0;
    for (const scenario of scenarios) {
      const given = checkTranscript(recording, scenario).checks.filter(
        ({ index, computed }) => computed !== '' && scenario.steps[index]!.r!.includes(computed),
      );
      for (const { index, computed } of given.filter((_, number) => number % 7 === 0)) {
        const report = checkTranscript(recording, scenario, (step, answer) => {
          if (step !== index) return answer;
          const at = answer.indexOf(computed);
          return (
            answer.slice(0, at) +
            (Number.parseInt(answer[at]!, 16) ^ 1).toString(16).toUpperCase() +
            answer.slice(at + 1)
          );
        });
        expect(report.problems, `${scenario.name} step ${index}`).not.toEqual([]);
        flipped++;
      }
    }
    expect(flipped).toBeGreaterThan(40);
  });
});
