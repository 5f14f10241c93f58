/** What a platform must hold before it can work: the blueprint's parties and places in the store, its keys in the vault. */

import type { PlatformContext } from './context.ts';
import { audit } from './modules/audit/service.ts';
import { CA_KEY_LABEL, issuerCertificateKeyLabel, issuerKeyLabel } from './region.ts';

export async function seedFromBlueprint(context: PlatformContext): Promise<void> {
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

/** Every master key of the blueprint's trees, the certification authority and each issuer's certificate key. */
async function seedKeys({ vault, region }: PlatformContext): Promise<void> {
  const { blueprint } = region;
  const issuers = blueprint.parties.filter((party) => party.kind === 'issuer');
  for (const tree of blueprint.keys) {
    const labels =
      tree.scope === 'issuer'
        ? issuers.map((issuer) => ({ label: issuerKeyLabel(issuer.id, tree.label), owner: issuer.id }))
        : [{ label: tree.label, owner: tree.custodian }];
    for (const { label, owner } of labels) {
      await vault.ensure({ label, usage: tree.usage, algorithm: tree.algorithm, owner });
    }
  }
  const { profile } = blueprint.cards;
  await vault.ensure({
    label: CA_KEY_LABEL,
    usage: 'certificate-authority',
    algorithm: 'RSA',
    owner: 'region',
    bits: profile.caRsaBits,
  });
  for (const issuer of issuers) {
    await vault.ensure({
      label: issuerCertificateKeyLabel(issuer.id),
      usage: 'issuer-certificate',
      algorithm: 'RSA',
      owner: issuer.id,
      bits: profile.issuerRsaBits,
    });
  }
}
