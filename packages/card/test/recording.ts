/**
 * Recorded dialogues of an independent PBOC card with its keys, personalisation data and checks: the copy in
 * test/vectors, or another file of the same kind as it was recorded.
 */
import { readFileSync } from 'node:fs';
import { fromHex } from '@polycard/bytes';
import type { CardInterface, DataGrouping } from '../src/index.ts';

export interface Step {
  readonly c?: string;
  readonly r?: string;
  readonly event?: string;
  readonly note?: string;
}

/** One thing separate software recomputed of a step; `observation` instead of `what` notes a defect of the card. */
export interface RecordedCheck {
  readonly step: number;
  readonly what?: string;
  readonly observation?: string;
  readonly expected?: unknown;
  readonly mac?: string;
  readonly plaintext?: string;
  readonly accepted?: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly interface: CardInterface;
  readonly variant: string;
  readonly steps: readonly Step[];
  readonly checks: readonly RecordedCheck[];
}

export interface RecordedGrouping {
  readonly dgi: string;
  readonly data: string;
}

interface CaKey {
  readonly rid: string;
  readonly index: string;
  readonly modulus: string;
  readonly exponent: string;
}

interface Application {
  readonly dgis: readonly RecordedGrouping[];
}

/** A file as recorded, or our copy of it with repeated strings taken out. */
export interface RecordingFile {
  readonly strings?: readonly string[];
  readonly scenarios: readonly (Omit<Scenario, 'interface'> & { readonly interface: string })[];
  readonly card: {
    readonly pan: string;
    readonly psn: string;
    readonly keys: {
      readonly issuerMaster: Readonly<Record<'ac' | 'mac' | 'enc', string>>;
      readonly card: Readonly<Record<'ac' | 'mac' | 'enc', string>>;
      readonly openingKeys: Readonly<Record<string, string>>;
      /** By `sfi15`, `sfi1E` …; one key for all records of a file. */
      readonly recordManagementKeys: Readonly<Record<string, string>>;
    };
    readonly capk?: Readonly<Record<string, CaKey>>;
    readonly keySets?: Readonly<Record<string, { readonly capk: CaKey }>>;
    readonly keySetOfVariant?: Readonly<Record<string, string>>;
    readonly personalisation: {
      readonly application: Application;
      readonly ppse: Application;
      readonly pse: Application;
      readonly variants: Readonly<
        Record<string, { readonly differsFromBase: readonly RecordedGrouping[]; readonly keySet?: string } | undefined>
      >;
    };
  };
}

const BASE_KEY_SET = 'k1024';
const dataOf = ({ dgis }: Application): DataGrouping[] => dgis.map(({ dgi, data }) => ({ dgi, data: fromHex(data) }));

export class Recording {
  readonly #file: RecordingFile;
  readonly scenarios: readonly Scenario[];

  constructor(file: RecordingFile) {
    this.#file = file;
    const expand = (text: string): string => (text.startsWith('#') ? file.strings![Number(text.slice(1))]! : text);
    this.scenarios = file.scenarios.map((scenario) => ({
      ...scenario,
      interface: scenario.interface as CardInterface,
      checks: scenario.checks ?? [],
      steps: scenario.steps.map((step) => ({
        ...step,
        ...(step.c === undefined ? {} : { c: expand(step.c) }),
        ...(step.r === undefined ? {} : { r: expand(step.r) }),
      })),
    }));
  }

  static read(path: string | URL): Recording {
    return new Recording(JSON.parse(readFileSync(path, 'utf8')) as RecordingFile);
  }

  get pan(): string {
    return this.#file.card.pan;
  }

  get keys(): RecordingFile['card']['keys'] {
    return this.#file.card.keys;
  }

  caKeyOf(variant: string): CaKey {
    const { capk, keySets, keySetOfVariant, personalisation } = this.#file.card;
    const name = personalisation.variants[variant]?.keySet ?? keySetOfVariant?.[variant] ?? BASE_KEY_SET;
    return capk?.[name] ?? keySets![name]!.capk;
  }

  get ppse(): DataGrouping[] {
    return dataOf(this.#file.card.personalisation.ppse);
  }

  get pse(): DataGrouping[] {
    return dataOf(this.#file.card.personalisation.pse);
  }

  /** Groupings of the base card with those of a variant in their place. */
  groupingsOf(variant: string, changes: readonly RecordedGrouping[] = []): DataGrouping[] {
    const { application, variants } = this.#file.card.personalisation;
    const differing = [...(variants[variant]?.differsFromBase ?? []), ...changes];
    const base = application.dgis;
    const inPlace = base.map(({ dgi, data }) => ({
      dgi,
      data: differing.findLast((other) => other.dgi === dgi)?.data ?? data,
    }));
    const added = differing.filter(({ dgi }) => !base.some((grouping) => grouping.dgi === dgi));
    return [...inPlace, ...added].map(({ dgi, data }) => ({ dgi, data: fromHex(data) }));
  }
}
