/** A rule a blueprint must keep: what it protects, what to do, and the smallest mistake that breaks it. */
import type { LocalName } from '../schema/primitives.ts';

/**
 * One edit of a blueprint, as RFC 6902 with the file beside it. `path` is a JSON Pointer into the file's value; with an
 * empty path `add` makes the file, `remove` removes it. `text` puts `value` in place of the file's text.
 */
export interface PatchOperation {
  readonly file: string;
  readonly op: 'add' | 'replace' | 'remove' | 'text';
  readonly path: string;
  readonly value?: unknown;
}

export interface Rule {
  readonly title: LocalName;
  readonly protects: LocalName;
  readonly remedy: LocalName;
  /** The folder of blueprints/ the patch is for; guangdong unless said. */
  readonly blueprint?: string;
  /** Applied to that blueprint it breaks this rule (others may break with it). */
  readonly patch: readonly PatchOperation[];
}

type Words = readonly [en: string, zh: string];
const words = ([en, zh]: Words): LocalName => ({ en, zh });

export const rule = (title: Words, protects: Words, remedy: Words, ...patch: readonly PatchOperation[]): Rule => ({
  title: words(title),
  protects: words(protects),
  remedy: words(remedy),
  patch,
});

export const set = (file: string, path: string, value: unknown): PatchOperation => ({
  file,
  op: 'replace',
  path,
  value,
});
export const put = (file: string, path: string, value: unknown): PatchOperation => ({ file, op: 'add', path, value });
export const drop = (file: string, path: string): PatchOperation => ({ file, op: 'remove', path });

/** Short names of the files the patches change. */
export const FILE = {
  metro: 'applications/metro.yaml',
  bus: 'applications/bus.yaml',
  transit: 'applications/transit.yaml',
  pboc: 'applications/pboc.yaml',
  water: 'applications/water.yaml',
  electricity: 'applications/electricity.yaml',
  health: 'applications/health.yaml',
  traffic: 'applications/traffic.yaml',
  keys: 'keys.yaml',
  cards: 'cards.yaml',
  parties: 'parties.yaml',
  terminals: 'terminals.yaml',
  settlement: 'settlement.yaml',
  denyLists: 'deny-lists.yaml',
  manifest: 'blueprint.yaml',
  metroTariff: 'tariffs/metro.yaml',
  busTariff: 'tariffs/bus.yaml',
  network: 'networks/shenzhen-metro.yaml',
  /** Of hunan. */
  busNetwork: 'bus-networks/zhuzhou-bus.yaml',
} as const;
