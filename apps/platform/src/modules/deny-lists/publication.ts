/**
 * A version of the list: what people changed since the last one, through the number that was shown when it was asked
 * for, no further. Somebody else approves it; then it is built, signed and kept as a snapshot and a delta.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import { withSignature } from '@polycard/deny-list';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { acting } from '../audit/acting.ts';
import { denyRules } from './rules.ts';
import { countChanges, currentVersion, lastNumber, readChanges } from './store.ts';
import { VersionBuilder } from './version-builder.ts';

/** The act of duties.yaml. */
export const PUBLISH_LIST_ACT = 'deny-lists.publish';
export const LIST_SUBJECT = 'deny-list';
/** Key that terminals believe. */
export const LIST_KEY_LABEL = 'platform:list-signature';

export const snapshotContext = (version: number): string => `deny-version:${version}:snapshot`;
export const deltaContext = (version: number): string => `deny-version:${version}:delta`;

/** What is asked for: travels with the request, and is what is carried out. */
export interface PublicationParameters {
  readonly through: number;
  readonly added: number;
  readonly removed: number;
}

/** Everything that waits now. Throws `POLYCARD_DENY_LIST_UNCHANGED`. */
export async function waitingChanges({ store }: PlatformContext): Promise<PublicationParameters & { cards: number }> {
  const { through_no: from, cards } = await currentVersion(store.database);
  const through = await lastNumber(store.database);
  return { through, cards, ...(await countChanges(store.database, from, through)) };
}

export function parametersOf(parameters: Readonly<Record<string, string>>): PublicationParameters {
  const number = (name: string): number => {
    const text = parameters[name] ?? '';
    if (!/^\d{1,15}$/.test(text)) throw problem('POLYCARD_API_INPUT', `${name} is a number`, `parameters/${name}`);
    return Number(text);
  };
  return { through: number('through'), added: number('added'), removed: number('removed') };
}

/** Refuses a request that says other than what would happen; gives the words' figures. */
export async function publicationEffect(
  context: PlatformContext,
  parameters: Readonly<Record<string, string>>,
): Promise<{ added: number; removed: number; cards: number; terminals: number }> {
  denyRules(context);
  const { database } = context.store;
  const { through, added, removed } = parametersOf(parameters);
  const { through_no: from, cards } = await currentVersion(database);
  if (through <= from || through > (await lastNumber(database)))
    throw problem(
      'POLYCARD_DENY_LIST_UNCHANGED',
      'nothing has been changed since the last version',
      'parameters/through',
    );
  const counted = await countChanges(database, from, through);
  if (counted.added !== added || counted.removed !== removed)
    throw problem(
      'POLYCARD_DENY_LIST_UNCHANGED',
      `${counted.added} cards come and ${counted.removed} leave, not ${added} and ${removed}`,
      'parameters',
    );
  if (added + removed === 0)
    throw problem('POLYCARD_DENY_LIST_UNCHANGED', 'nothing has been changed since the last version', 'parameters');
  const { terminals } = await database
    .selectFrom('terminal')
    .select(({ fn }) => fn.countAll<number>().as('terminals'))
    .executeTakeFirstOrThrow();
  return { added, removed, cards: cards + added - removed, terminals };
}

export interface Published {
  readonly version: number;
  readonly cards: number;
  readonly snapshotBytes: number;
  readonly deltaBytes: number;
}

/** Builds, signs and keeps the version. Throws `POLYCARD_DENY_LIST_PUBLISHED` when another one has these changes already. */
export async function publish(
  context: PlatformContext,
  request: { readonly parameters: Readonly<Record<string, string>>; readonly why: string },
): Promise<Published & { before: number }> {
  const { store, vault, now } = context;
  const { through } = parametersOf(request.parameters);
  const { deltasKept } = denyRules(context);
  const before = await currentVersion(store.database);
  if (through <= before.through_no)
    throw problem('POLYCARD_DENY_LIST_PUBLISHED', `version ${before.version} holds these changes already`);
  const startedAt = performance.now();
  const version = before.version + 1;
  const issuedAt = now();
  const builder = new VersionBuilder();
  try {
    for (const what of ['leaving', 'coming'] as const) {
      for await (const rows of readChanges(store.database, what, before.through_no, through)) {
        builder.give(
          what,
          rows.map(({ scope, reason, lock_on_sight, card_token, pan_sealed }) => ({
            ...{ scope, reason, lockOnSight: lock_on_sight },
            cardNo: new TextDecoder().decode(vault.open(pan_sealed, `deny-entry:${card_token}`)),
          })),
        );
        // what waits for the gateway comes between
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const built = await builder.build(
      await readSnapshot(context, before.version),
      version,
      Math.floor(issuedAt.getTime() / 1000),
    );
    const snapshot = withSignature(built.snapshot, await vault.signList(LIST_KEY_LABEL, built.snapshot));
    const delta = withSignature(built.delta, await vault.signList(LIST_KEY_LABEL, built.delta));
    const { who, approvedBy = [] } = acting();
    await store.database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('deny_version')
        .values({
          ...{ version, through_no: through, issued_at: issuedAt },
          ...{ cards: built.cards, added: built.added, removed: built.removed },
          counts: JSON.stringify(built.counts),
          ...{ snapshot_bytes: snapshot.length, delta_bytes: delta.length, digest: toHex(built.digest) },
          snapshot_sealed: vault.seal(snapshot, snapshotContext(version)),
          delta_sealed: vault.seal(delta, deltaContext(version)),
          built_ms: Math.round(performance.now() - startedAt),
          ...{ requested_by: who, approved_by: [...approvedBy], why: request.why },
        })
        .execute();
      await transaction
        .updateTable('deny_version')
        .set({ snapshot_sealed: null })
        .where('version', '<', version)
        .where('snapshot_sealed', 'is not', null)
        .execute();
      await transaction
        .updateTable('deny_version')
        .set({ delta_sealed: null })
        .where('version', '<=', version - deltasKept)
        .where('delta_sealed', 'is not', null)
        .execute();
    });
    publishedHere.set(store.database, version);
    return {
      ...{ before: before.version, version, cards: built.cards },
      ...{ snapshotBytes: snapshot.length, deltaBytes: delta.length },
    };
  } finally {
    await builder.close();
  }
}

/** Versions published by this process, by their store: its own gateway gives them out at once. */
const publishedHere = new WeakMap<object, number>();

export function lastPublishedHere({ store }: Pick<PlatformContext, 'store'>): number {
  return publishedHere.get(store.database) ?? 0;
}

/** The signed snapshot of the current version; undefined when there is none yet. */
export async function readSnapshot(
  { store, vault }: Pick<PlatformContext, 'store' | 'vault'>,
  version: number,
): Promise<Uint8Array | undefined> {
  if (version === 0) return undefined;
  const row = await store.database
    .selectFrom('deny_version')
    .select('snapshot_sealed')
    .where('version', '=', version)
    .executeTakeFirst();
  if (row?.snapshot_sealed === undefined || row.snapshot_sealed === null)
    throw new PolycardError('POLYCARD_DENY_LIST_FORMAT', `the snapshot of version ${version} is gone`);
  return vault.open(row.snapshot_sealed, snapshotContext(version));
}
