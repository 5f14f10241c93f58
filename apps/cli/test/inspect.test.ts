import { fileURLToPath } from 'node:url';
import { fileApplications } from '@polycard/blueprint';
import { type CardChannel, encodeResponse, fromHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { Region, readBlueprint } from '@polycard/platform';
import { type ConnectedCard, wholeResponses } from '@polycard/readers';
import { describe, expect, it } from 'vitest';
import { issueOneCard } from '../../../e2e/interleaved/one-card.ts';
import { purseCard } from '../../../packages/card/test/purse-card.ts';
import { personalisedCard, recordedPan } from '../../../packages/card/test/transcript-card.ts';
import { diffDumps } from '../src/inspect/dump.ts';
import { inspectCard } from '../src/inspect/inspect-card.ts';
import { NO_REGION, regionRecords } from '../src/inspect/region-records.ts';

const GUANGDONG = fileURLToPath(new URL('../../../blueprints/guangdong', import.meta.url));
const connected = (channel: CardChannel): ConnectedCard => ({
  ...{ reader: 'test', atr: fromHex('3B80800101'), protocol: 'T=1', transmit: (command) => channel.transmit(command) },
  ...{ reset: () => undefined, close: () => undefined },
});

describe('inspection of a foreign PBOC card', () => {
  const dump = inspectCard(connected(personalisedCard()), NO_REGION);
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
    const before = inspectCard(connected(card), NO_REGION);
    const after = inspectCard(connected(card), NO_REGION);
    const paths = diffDumps(before, after).map(({ path }) => path);
    expect(paths.every((path) => /9F36|options/.test(path))).toBe(true);
    expect(diffDumps(before, before)).toEqual([]);
  });

  it('never holds the whole account number', () => {
    expect(JSON.stringify(dump)).not.toContain(recordedPan);
    expect(JSON.stringify(dump)).toContain(`${recordedPan.slice(0, 6)}*`);
  });
});

describe('inspection of a T-Union purse', () => {
  const dump = inspectCard(connected(purseCard({ balanceFen: 1234, overdraftLimitFen: 500 })), NO_REGION);
  const purse = dump.applications.find(({ aid }) => aid === 'A000000632010105');

  it('shows balance and overdraft, the public files in words and the ride records', () => {
    expect(dump.stopped).toBeUndefined();
    expect(purse).toMatchObject({ name: { en: 'T-Union purse' }, sw: '9000' });
    const balances = new Map(purse!.balances.map(({ name, fen }) => [name.en, fen]));
    expect([balances.get('purse, available'), balances.get('purse, actual')]).toEqual([1734, 1234]);
    expect(balances.get('overdraft limit')).toBe(500);
    expect(purse!.files.map(({ what }) => what)).toEqual(expect.arrayContaining(['file 15', 'file 17']));
    expect(purse!.files.find(({ what }) => what === 'file 15')!.parts.length).toBeGreaterThan(4);
  });

  it('stars the serial, which is the account number', () => {
    expect(JSON.stringify(purse)).not.toContain('2280000100001117');
  });
});

describe('inspection of a card with industry applications of the region', () => {
  const region = regionRecords(new Region(readBlueprint(GUANGDONG)));
  const dump = inspectCard(connected(issueOneCard()), region);
  const industry = (name: string) => dump.applications.find((application) => application.name.en === name);

  it('finds each by its AID and reads what is free to read, by the names of the specification', () => {
    for (const { name, aid } of region.applications) expect(industry(name.en)?.aid).toBe(aid);
    expect(JSON.stringify(industry('Water')!.fci)).toContain(
      '"DF61 life-cycle state","zh":"生命周期状态"},"hex":"01","text":"Active"',
    );
    const [information] = industry('Water')!.files;
    expect(information).toMatchObject({ what: 'file 01', name: { en: 'Public information' } });
    expect(information!.parts.map(({ name }) => name.en)).toContain('Layout version');
  });

  it('holds no file that asks for a key or a PIN', () => {
    const free = fileApplications(readBlueprint(GUANGDONG)).flatMap(({ name, files }) =>
      files.filter(({ access }) => access.read === 'free').map(({ sfi }) => `${name.en} file ${sfi}`),
    );
    const shown = region.applications.flatMap(({ name }) =>
      industry(name.en)!
        .files.filter(({ what }) => what.startsWith('file '))
        .map(({ what }) => `${name.en} ${what}`),
    );
    expect(shown.filter((what) => !free.includes(what))).toEqual([]);
  });
});

describe('inspection of a card that misbehaves', () => {
  it('with random answers ends, with what was read', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seededRandom(`inspect ${seed}`);
      const hostile: CardChannel = {
        transmit: () => encodeResponse(random(1)[0]! < 128 ? 0x9000 : 0x6a88, random(random(1)[0]!)),
      };
      const dump = inspectCard(connected(hostile), NO_REGION);
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
    const dump = inspectCard(card, NO_REGION);
    expect(dump.stopped !== undefined || dump.applications.length > 0).toBe(true);
  });
});
