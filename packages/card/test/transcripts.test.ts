import { afterAll, describe, expect, it } from 'vitest';
import { recording, scenarios } from './transcript-card.ts';
import { replayScenario } from './transcript-replay.ts';

describe('the recorded transcripts, on a card personalised over SCP02', () => {
  const departures = new Map<string, number>();
  let answers = 0;

  it.each(scenarios)('$name', async (scenario) => {
    const report = await replayScenario(recording, scenario);
    expect(report.differences).toEqual([]);
    answers += report.answers;
    for (const [name, count] of report.departures) departures.set(name, (departures.get(name) ?? 0) + count);
  });

  it('one changed digit in a recorded answer is noticed', async () => {
    const scenario = scenarios.find(({ name }) => name === 'contact-online-arpc-tc')!;
    for (const step of [0, 9, 15, 20]) {
      const report = await replayScenario(recording, scenario, (index, recorded) =>
        index === step ? `${recorded[0] === '8' ? '9' : '8'}${recorded.slice(1)}` : recorded,
      );
      expect(report.differences.length, `step ${step}`).toBe(1);
    }
  });

  afterAll(() => {
    const list = [...departures].map(([name, count]) => `${name} (${count})`).join('; ');
    console.info(`${scenarios.length} scenarios, ${answers} answers; departures of the recording: ${list}`);
  });
});
