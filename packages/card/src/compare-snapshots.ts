/**
 * What differs between two snapshots of cards, in words a person can follow: the card's life cycle, its load files and
 * applications, the issuer domain's keys (by version and check value, never their bytes), and of each application the
 * groupings and the memory that changed.
 */
import { equalBytes, toHex } from '@polycard/bytes';
import { maskedResponseHex } from '@polycard/emv';
import { keyCheckValue, keyTypeOf } from '@polycard/globalplatform';
import { FIELD, LOG_OFFSET } from './applets/pboc/layout.ts';
import type { AppletSnapshot } from './os/applet.ts';
import { type CardSnapshot, registryOf } from './os/card.ts';
import { AID_PBOC_DEBIT, AID_PPSE, AID_PSE } from './os/load-files.ts';
import { fromBase64 } from './os/memory.ts';
import type { RegistryKeySet, RegistryState } from './os/registry.ts';
import { unpackGroupings } from './os/store-data.ts';
import { isSecretGrouping } from './personalisation.ts';

export interface SnapshotDifference {
  /** E.g. `registry/applications/A000000333010101/state`, `applications/A000000333010101/memory/9F79`. */
  readonly path: string;
  /** Undefined where the card has it not. */
  readonly before?: string;
  readonly after?: string;
}

type Facts = ReadonlyMap<string, string>;

function keyFacts({ version, keys, counter }: RegistryKeySet, scp: 2 | 3): [string, string][] {
  const path = `registry/keys/${toHex(Uint8Array.of(version))}`;
  const type = keyTypeOf(scp);
  const checkValues = [keys.enc, keys.mac, keys.dek].map((key) => toHex(keyCheckValue(type, key)));
  return [
    [`${path}/checkValues`, checkValues.join(' ')],
    [`${path}/counter`, String(counter)],
  ];
}

function registryFacts(state: RegistryState): Map<string, string> {
  const byte = (value: number): string => toHex(Uint8Array.of(value));
  const { scp, i } = state.protocol;
  return new Map([
    ['registry/cardState', byte(state.cardState)],
    ['registry/domainAid', state.domainAid],
    ['registry/chipId', toHex(state.chipId)],
    ['registry/secureChannel', `SCP${byte(scp)} i=${byte(i)}`],
    ...state.loadFiles.map((aid): [string, string] => [`registry/loadFiles/${aid}`, 'loaded']),
    ...state.applications.flatMap(({ aid, module, loadFile, privileges, state: own }): [string, string][] => [
      [`registry/applications/${aid}/module`, module],
      [`registry/applications/${aid}/loadFile`, loadFile],
      [`registry/applications/${aid}/privileges`, toHex(privileges)],
      [`registry/applications/${aid}/state`, byte(own)],
    ]),
    ...state.keySets.flatMap((set) => keyFacts(set, scp)),
    ...[...state.objects].map(([tag, value]): [string, string] => [`registry/objects/${tag}`, toHex(value)]),
  ]);
}

function differencesOf(before: Facts, after: Facts): SnapshotDifference[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [{ path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
}

/** Modules whose groupings are card data anybody can read; account numbers in them are shown masked. */
const READABLE: ReadonlySet<string> = new Set([AID_PPSE, AID_PSE, AID_PBOC_DEBIT].map(toHex));

function groupingsOf({ image }: AppletSnapshot): ReadonlyMap<string, Uint8Array> {
  return image === undefined ? new Map() : unpackGroupings(fromBase64(image));
}

/** Secret groupings, and all of other modules, only by their length. */
function groupingDifferences(
  aid: string,
  module: string | undefined,
  before: AppletSnapshot,
  after: AppletSnapshot,
): SnapshotDifference[] {
  const [old, now] = [groupingsOf(before), groupingsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((dgi) => {
    const [was, is] = [old.get(dgi), now.get(dgi)];
    if (was !== undefined && is !== undefined && equalBytes(was, is)) return [];
    const isShown = module !== undefined && READABLE.has(module) && !isSecretGrouping(dgi);
    const name = isSecretGrouping(dgi) ? 'secret, ' : '';
    const show = (value: Uint8Array): string => (isShown ? maskedResponseHex(value) : `${name}${value.length} bytes`);
    const [shownWas, shownIs] = [was === undefined ? undefined : show(was), is === undefined ? undefined : show(is)];
    const isAlike = shownWas === shownIs;
    return [
      {
        path: `applications/${aid}/groupings/${dgi}`,
        ...(shownWas === undefined ? {} : { before: shownWas }),
        ...(shownIs === undefined ? {} : { after: isAlike ? `${shownIs}, with other content` : shownIs }),
      },
    ];
  });
}

/** Fields of the PBOC application's memory that nobody outside may see. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['pin']);

/** By field where the application's memory has named ones. */
function fieldDifferences(path: string, old: Uint8Array, now: Uint8Array): SnapshotDifference[] {
  return Object.entries(FIELD).flatMap(([name, { offset, lengthBytes }]) => {
    const [before, after] = [old, now].map((bytes) => bytes.subarray(offset, offset + lengthBytes)) as [
      ...[Uint8Array, Uint8Array],
    ];
    if (equalBytes(before, after)) return [];
    const show = (bytes: Uint8Array): string => (SECRET_FIELDS.has(name) ? 'secret' : toHex(bytes));
    return [{ path: `${path}/${name}`, before: show(before), after: show(after) }];
  });
}

/** Behind the named fields lie records and, among them, keys: only how much changed is told. */
function memoryDifferences(
  aid: string,
  module: string | undefined,
  before: AppletSnapshot,
  after: AppletSnapshot,
): SnapshotDifference[] {
  if (before.memory === undefined || after.memory === undefined) return [];
  const [old, now] = [fromBase64(before.memory.bytes), fromBase64(after.memory.bytes)];
  const path = `applications/${aid}/memory`;
  const hasFields = module === toHex(AID_PBOC_DEBIT);
  const from = hasFields ? LOG_OFFSET : 0;
  const named = hasFields ? fieldDifferences(path, old, now) : [];
  let changed = 0;
  for (let offset = from; offset < Math.max(old.length, now.length); offset++)
    if (old[offset] !== now[offset]) changed++;
  if (changed === 0) return named;
  const show = (bytes: Uint8Array): string => `${bytes.length - from} bytes`;
  return [...named, { path: `${path}/records`, before: show(old), after: `${show(now)}, ${changed} of them other` }];
}

/** Empty when both cards are the same to everybody outside. Throws when a snapshot is none of this card's. */
export function compareSnapshots(before: CardSnapshot, after: CardSnapshot): SnapshotDifference[] {
  const [old, now] = [registryOf(before), registryOf(after)];
  const modules = new Map([...old.applications, ...now.applications].map(({ aid, module }) => [aid, module]));
  const aids = [...new Set([...Object.keys(before.applications), ...Object.keys(after.applications)])];
  return [
    ...differencesOf(registryFacts(old), registryFacts(now)),
    ...aids.flatMap((aid) => {
      const pair = [aid, modules.get(aid), before.applications[aid] ?? {}, after.applications[aid] ?? {}] as const;
      return [...groupingDifferences(...pair), ...memoryDifferences(...pair)];
    }),
  ];
}
