/**
 * What a parameter version holds: the parts of a blueprint that terminals compute with and that may change while cards
 * and networks stay. It is valid where the blueprint with these parts in place of its own is.
 */
import {
  type Blueprint,
  type BlueprintFile,
  type BlueprintProblem,
  type CardClass,
  checkBlueprint,
  type Tariff,
  type Terminals,
} from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { Region } from '../../region.ts';

export interface ParameterContent {
  /** By file of the blueprint, e.g. `tariffs/metro.yaml`. */
  readonly tariffs: Readonly<Record<string, Tariff>>;
  /** `classes` of cards.yaml. */
  readonly cardClasses: readonly CardClass[];
  /** terminals.yaml without its list of devices: profiles, operating modes, further certification authority keys. */
  readonly terminals: Omit<Terminals, 'terminals'>;
}

const CARDS = 'cards.yaml';
const TERMINALS = 'terminals.yaml';
const TARIFFS = 'tariffs/';

/** The parameters a blueprint states itself: the first version, and what a draft may start from again. */
export function contentOf(blueprint: Blueprint, files: readonly BlueprintFile[]): ParameterContent {
  const { terminals: _devices, ...terminals } = blueprint.terminals;
  // a blueprint holds its tariffs in the order of their files
  const paths = files.map(({ path }) => path).filter((path) => path.startsWith(TARIFFS));
  return {
    tariffs: Object.fromEntries(blueprint.tariffs.map((tariff, index) => [paths[index]!, tariff])),
    cardClasses: blueprint.cards.classes,
    terminals,
  };
}

export function contentText(content: ParameterContent): string {
  return JSON.stringify(content);
}

export function contentDigest(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

/**
 * Findings of `blueprint check` with this content in the blueprint's place. The other files are given as they were read,
 * so that they are not read again.
 */
export function checkContent(
  files: readonly BlueprintFile[],
  blueprint: Blueprint,
  content: ParameterContent,
): BlueprintProblem[] {
  const { cards, terminals } = blueprint;
  return checkBlueprint([
    ...files.filter(({ path }) => path !== CARDS && path !== TERMINALS && !path.startsWith(TARIFFS)),
    asFile(CARDS, { ...cards, classes: content.cardClasses }),
    asFile(TERMINALS, { ...content.terminals, terminals: terminals.terminals }),
    ...Object.entries(content.tariffs).map(([path, tariff]) => asFile(path, tariff)),
  ]);
}

function asFile(path: string, value: unknown): BlueprintFile {
  // with an origin the text is read as the JSON it is
  return { path, text: JSON.stringify(value), origin: (pointer) => ({ file: path, path: pointer }) };
}

/** The region under a version. Content that was not checked may throw. */
export function regionUnder(base: Region, content: ParameterContent, version: string): Region {
  const { blueprint } = base;
  return new Region(
    {
      ...blueprint,
      tariffs: Object.values(content.tariffs),
      cards: { ...blueprint.cards, classes: [...content.cardClasses] },
      terminals: { ...content.terminals, terminals: blueprint.terminals.terminals },
    },
    { version, networks: base.networks },
  );
}
