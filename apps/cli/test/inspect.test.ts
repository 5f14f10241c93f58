import { type CardChannel, encodeResponse, fromHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { type ConnectedCard, wholeResponses } from '@polycard/readers';
import { describe, expect, it } from 'vitest';
import { personalisedCard, recordedPan } from '../../../packages/card/test/transcript-card.ts';
import { diffDumps } from '../src/inspect/dump.ts';
import { inspectCard } from '../src/inspect/inspect-card.ts';

const connected = (channel: CardChannel): ConnectedCard => ({
  ...{ reader: 'test', atr: fromHex('3B80800101'), protocol: 'T=1', transmit: (command) => channel.transmit(command) },
  ...{ reset: () => undefined, close: () => undefined },
});

describe('inspection of a foreign PBOC card', () => {
  const dump = inspectCard(connected(personalisedCard()), []);
  const [application] = dump.applications;

  it('finds its application, balance, records, logs and data objects', () => {
    expect(dump.stopped).toBeUndefined();
    expect(application).toMatchObject({ aid: 'A000000333010101', source: 'directory', sw: '9000' });
    expect(application!.balances[0]).toMatchObject({ fen: 100_000 });
    const records = application!.records.map(({ what }) => what);
    expect(records).toEqual(expect.arrayContaining(['SFI 01 record 1', 'SFI 02 record 1', 'SFI 03 record 1']));
    expect(application!.objects.map(({ what }) => what)).toContain('GET DATA 9F79');
  });

  it('changes nothing but the counter, and a second dump shows just that', () => {
    const card = personalisedCard();
    const before = inspectCard(connected(card), []);
    const after = inspectCard(connected(card), []);
    const paths = diffDumps(before, after).map(({ path }) => path);
    expect(paths.every((path) => /9F36|options/.test(path))).toBe(true);
    expect(diffDumps(before, before)).toEqual([]);
  });

  it('never holds the whole account number', () => {
    expect(JSON.stringify(dump)).not.toContain(recordedPan);
    expect(JSON.stringify(dump)).toContain(`${recordedPan.slice(0, 6)}*`);
  });
});

describe('inspection of a card that misbehaves', () => {
  it('with random answers ends, with what was read', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seededRandom(`inspect ${seed}`);
      const hostile: CardChannel = {
        transmit: () => encodeResponse(random(1)[0]! < 128 ? 0x9000 : 0x6a88, random(random(1)[0]!)),
      };
      const dump = inspectCard(connected(hostile), []);
      expect(dump.exchanges).toBeLessThanOrEqual(3001);
    }
  });

  it.each([
    ['that always has more data', '6110'],
    ['that gives bytes shorter than a status word', '90'],
    ['that knows everything', '9000'],
    ['that knows nothing', '6D00'],
  ])('%s ends with a reason or an empty dump', (_what, answer) => {
    const card = connected(wholeResponses({ transmit: () => fromHex(answer) }, 'T=1'));
    const dump = inspectCard(card, []);
    expect(dump.stopped !== undefined || dump.applications.length > 0).toBe(true);
  });
});
