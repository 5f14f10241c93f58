/** What a platform must hold before it can work: the blueprint's parties and places in the store, its keys in the vault. */

import { PolycardError } from '@polycard/bytes';
import type { KeySpecification } from '@polycard/vault';
import type { PlatformContext } from './context.ts';
import { audit } from './modules/audit/service.ts';
import { LIST_KEY_LABEL } from './modules/deny-lists/publication.ts';
import { CA_KEY_LABEL, issuerCertificateKeyLabel, issuerKeyLabel } from './region.ts';

const LIST_KEY: KeySpecification = {
  ...{ label: LIST_KEY_LABEL, usage: 'list-signature', algorithm: 'RSA', owner: 'platform' },
  bits: 2048,
};

export async function seedFromBlueprint(context: PlatformContext): Promise<void> {
  await refuseOtherRegion(context);
  await seedKeys(context);
  const { blueprint } = context.region;
  await context.store.database.transaction().execute(async (transaction) => {
    const before = await transaction.selectFrom('party').select('id').limit(1).execute();
    for (const party of blueprint.parties) {
      await transaction
        .insertInto('party')
        .values({
          id: party.id,
          kind: party.kind,
          code: party.code,
          name_en: party.name.en,
          name_zh: party.name.zh,
          city: party.city ?? null,
          mode: party.mode ?? null,
          origin: 'blueprint',
          discounts: party.discounts ?? 'tariff',
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    }
    for (const network of blueprint.networks) {
      await transaction
        .insertInto('place')
        .values(
          network.stations.map((station) => ({
            code: station.code,
            name_en: station.name.en,
            name_zh: station.name.zh,
            origin: 'blueprint',
          })),
        )
        .onConflict((conflict) => conflict.column('code').doNothing())
        .execute();
    }
    for (const { stops } of blueprint.busNetworks) {
      await transaction
        .insertInto('place')
        .values(stops.map(({ code, name }) => ({ code, name_en: name.en, name_zh: name.zh, origin: 'blueprint' })))
        .onConflict((conflict) => conflict.column('code').doNothing())
        .execute();
    }
    if (before.length === 0) {
      await audit(transaction, context.now(), {
        who: 'platform',
        what: 'region.seeded',
        subject: blueprint.manifest.blueprint,
        detail: { version: blueprint.manifest.version },
      });
    }
  });
}

/** Data of one region under the blueprint of another would mix their parties, cards and keys. */
async function refuseOtherRegion({ store, region }: PlatformContext): Promise<void> {
  const { manifest, parties } = region.blueprint;
  const own = parties.find((party) => party.kind === 'platform')?.id;
  const kept = await store.database
    .selectFrom('party')
    .select(['id', 'name_en'])
    .where('kind', '=', 'platform')
    .where('origin', '=', 'blueprint')
    .executeTakeFirst();
  if (kept === undefined || kept.id === own) return;
  throw new PolycardError(
    'POLYCARD_BLUEPRINT_OTHER_REGION',
    `the data are of ${kept.name_en} (${kept.id}), the blueprint ${manifest.blueprint} is of ${own}`,
    { where: '--data, --blueprint', expected: 'the blueprint these data were begun with, or another --data folder' },
  );
}

/**
 * Every master key of the blueprint's trees, the certification authority and each issuer's certificate key. A tree whose
 * algorithm the vault does not have (SM4 in a token) is left out and named: the region works without it, and who asks
 * for such a key is told that there is none.
 */
export async function seedKeys({
  vault,
  region,
  log,
}: Pick<PlatformContext, 'vault' | 'region'> & Partial<Pick<PlatformContext, 'log'>>): Promise<void> {
  const { blueprint } = region;
  const issuers = blueprint.parties.filter((party) => party.kind === 'issuer');
  const { profile } = blueprint.cards;
  const specifications: KeySpecification[] = [
    ...blueprint.keys.flatMap(({ label, usage, algorithm, scope, custodian }) =>
      scope === 'issuer'
        ? issuers.map(({ id }) => ({ label: issuerKeyLabel(id, label), usage, algorithm, owner: id }))
        : [{ label, usage, algorithm, owner: custodian }],
    ),
    {
      ...{ label: CA_KEY_LABEL, usage: 'certificate-authority', algorithm: 'RSA', owner: 'region' },
      bits: profile.caRsaBits,
    },
    ...(blueprint.denyLists === undefined ? [] : [LIST_KEY]),
    ...issuers.map(
      ({ id }): KeySpecification => ({
        ...{ label: issuerCertificateKeyLabel(id), usage: 'issuer-certificate', algorithm: 'RSA', owner: id },
        bits: profile.issuerRsaBits,
      }),
    ),
  ];
  for (const [label, why] of await vault.ensureAll(specifications)) log?.info({ label }, `left out: ${why}`);
}
