/** How well distances over the network give the base fares that were really charged. */
import { expect, it } from 'vitest';
import { computeFare, stationResolver } from '../src/index.ts';
import { blueprint, network, tariffs } from './guangdong.ts';
import { shenzhenRecords } from './shenzhen-records.ts';

const resolve = stationResolver(blueprint.networks[0]!);

it('more than 97 of 100 complete journeys have the base fare of the network', () => {
  const records = shenzhenRecords();
  if (records === undefined) {
    console.log('the real records are not at hand: four journeys far from the ends of a band stand in');
    const ride = { cardClass: '', serviceClass: 'standard', operatorDiscounts: false };
    const fare = (entryStation: string, exitStation: string): number =>
      computeFare(tariffs.get('metro')!, { ...ride, entryStation, exitStation }).baseFen;
    // neighbours; 11.2 km along line 1; the length of line 4, 19.6 km; the length of line 11, 50.5 km
    expect([
      fare('luohu', 'guomao'),
      fare('luohu', 'chegongmiao'),
      fare('futian-checkpoint', 'qinghu'),
      fare('bitou', 'futian'),
    ]).toEqual([200, 400, 600, 1000]);
    return;
  }
  let journeys = 0;
  let agreed = 0;
  const byCard = Map.groupBy(
    records.filter((record) => record.kind !== 'boarding'),
    (record) => record.card,
  );
  for (const taps of byCard.values()) {
    const ordered = taps.toSorted((a, b) => (a.at < b.at ? -1 : 1));
    for (const [index, exit] of ordered.entries()) {
      const entry = ordered[index - 1];
      if (exit.kind !== 'exit' || entry?.kind !== 'entry') continue;
      const entryStation = resolve(entry.station, entry.terminalNo).station;
      const exitStation = resolve(exit.station, exit.terminalNo).station;
      if (entryStation === undefined || exitStation === undefined) continue;
      journeys++;
      if (networkBase(entryStation, exitStation) === exit.baseFen) agreed++;
    }
  }
  console.log(`${agreed} of ${journeys} complete journeys agree`);
  expect(agreed / journeys).toBeGreaterThan(0.97);
});

function networkBase(entryStation: string, exitStation: string): number {
  expect(network.hasStation(entryStation) && network.hasStation(exitStation)).toBe(true);
  return computeFare(tariffs.get('metro')!, {
    cardClass: '',
    serviceClass: 'standard',
    operatorDiscounts: false,
    entryStation,
    exitStation,
  }).baseFen;
}
