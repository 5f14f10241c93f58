/** Stations as records spell them: with or without 站, by other names, damaged, or missing. */
import type { Network } from '@polycard/blueprint';

export interface ResolvedStation {
  readonly station: string | undefined;
  /** `terminal`: the name did not tell, the terminal's number did. */
  readonly how: 'name' | 'spelling' | 'terminal' | 'unknown';
}

export function stationResolver(network: Network): (name: string, terminalNo: string) => ResolvedStation {
  const byName = new Map(network.stations.map((station) => [station.name.zh, station.id]));
  const bySpelling = new Map<string, string>();
  const byPrefix = new Map<string, string>();
  for (const station of network.stations) {
    for (const spelling of [station.name.zh, station.name.en, ...(station.aliases ?? [])])
      bySpelling.set(normalise(spelling), station.id);
    for (const prefix of station.terminalPrefixes ?? []) byPrefix.set(prefix, station.id);
  }
  return (name, terminalNo) => {
    const exact = byName.get(name);
    if (exact !== undefined) return { station: exact, how: 'name' };
    const spelled = bySpelling.get(normalise(name));
    if (spelled !== undefined) return { station: spelled, how: 'spelling' };
    const numbered = byPrefix.get(terminalNo.slice(0, 6));
    return numbered === undefined ? { station: undefined, how: 'unknown' } : { station: numbered, how: 'terminal' };
  };
}

function normalise(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/(地铁)?站$/, '');
}
