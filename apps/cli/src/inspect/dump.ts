/** What an inspection found, as plain data: printed, saved, compared. Account numbers are starred before they come here. */
import type { ExplanationPart, TwoLanguages } from '@polycard/emv';

/** One thing the card gave: an object, a record, a file. */
export interface DumpEntry {
  /** Unique in its application: `GET DATA 9F79`, `SFI 15 record 2`. */
  readonly what: string;
  readonly name: TwoLanguages;
  /** Bytes as hexadecimal, starred where personal; absent where they are personal as a whole. */
  readonly hex?: string;
  readonly parts: readonly ExplanationPart[];
}

export interface ApplicationDump {
  readonly aid: string;
  readonly name: TwoLanguages;
  /** How it was found: named by a directory, or tried by its known identifier. */
  readonly source: 'directory' | 'known';
  /** Status word of SELECT, e.g. 6283 for a blocked application. */
  readonly sw: string;
  readonly fci: readonly ExplanationPart[];
  readonly options?: { readonly sw: string; readonly parts: readonly ExplanationPart[] };
  readonly balances: readonly { readonly name: TwoLanguages; readonly fen: number }[];
  readonly objects: readonly DumpEntry[];
  readonly records: readonly DumpEntry[];
  readonly logs: readonly DumpEntry[];
  readonly files: readonly DumpEntry[];
}

export interface CardDump {
  readonly format: 'polycard-dump-1';
  readonly reader: string;
  readonly atr: string;
  readonly directories: readonly DumpEntry[];
  readonly applications: readonly ApplicationDump[];
  /** Exchanges it took. */
  readonly exchanges: number;
  /** Why the reading ended early, e.g. the card was taken away. */
  readonly stopped?: string;
}

export interface DumpDifference {
  /** Where: application, section, entry, and the path of names inside it. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Leaves by path. What differs from reading to reading (the reader's name, the number of exchanges) is left out. */
function leavesOf({ atr, directories, applications }: CardDump): Map<string, string> {
  const leaves = new Map<string, string>([['ATR', atr]]);
  const addParts = (path: string, parts: readonly ExplanationPart[]): void => {
    for (const [index, { name, hex, text, children }] of parts.entries()) {
      const isRepeated = parts.findIndex((other) => other.name.en === name.en) !== index;
      const inner = `${path} / ${name.en}${isRepeated ? ` #${index}` : ''}`;
      if (children !== undefined) addParts(inner, children);
      else leaves.set(inner, text === undefined ? (hex ?? '') : hex === undefined ? text : `${hex} = ${text}`);
    }
  };
  const addEntries = (path: string, entries: readonly DumpEntry[]): void => {
    for (const { what, hex, parts } of entries) {
      if (parts.length > 0) addParts(`${path} / ${what}`, parts);
      else leaves.set(`${path} / ${what}`, hex ?? '');
    }
  };
  addEntries('directory', directories);
  for (const application of applications) {
    leaves.set(`${application.aid} / SELECT`, application.sw);
    addParts(`${application.aid} / FCI`, application.fci);
    if (application.options !== undefined) addParts(`${application.aid} / options`, application.options.parts);
    for (const { name, fen } of application.balances)
      leaves.set(`${application.aid} / balance / ${name.en}`, (fen / 100).toFixed(2));
    for (const section of ['objects', 'records', 'logs', 'files'] as const)
      addEntries(`${application.aid} / ${section}`, application[section]);
  }
  return leaves;
}

/** In the order of the first dump, then what only the second has. */
export function diffDumps(before: CardDump, after: CardDump): DumpDifference[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}
