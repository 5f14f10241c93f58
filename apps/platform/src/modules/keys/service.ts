/** Keys as people see them: labels, versions, states, who may do what, what stands behind them. Never the keys. */
import { factorsFor } from '@polycard/blueprint';
import { fromHex, toHex } from '@polycard/bytes';
import { type KeyInfo, keyName, rightTo } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { Words } from '../api-types.ts';
import { dutyMatrix, isCustodianOf } from '../approvals/permissions.ts';
import type { ActivationBody } from './api.ts';
import { type BlastRadius, blastRadius } from './blast-radius.ts';

export class KeyService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async list() {
    const { vault } = this.#context;
    const keys = await vault.list();
    return { backend: vault.backend, keys: keys.map((key) => this.#row(key)) };
  }

  async detail(name: string) {
    const { vault, region } = this.#context;
    const key = await vault.show(name);
    const versions = (await vault.list()).filter(({ label }) => label === key.label);
    const tree = region.blueprint.keys.find((candidate) => candidate.label === key.label.split(':').at(-1));
    const right = rightTo(key.usage);
    const custody = region.blueprint.duties?.custody.find((candidate) => candidate.tree === right);
    const radius = await blastRadius(this.#context, keyName(key));
    return {
      key: this.#row(key),
      versions: versions.map((version) => this.#row(version)),
      levels: (tree?.dispersion ?? []).map(({ level, factor, value, pad }) => ({
        level,
        factor,
        value: value ?? (pad === undefined ? '' : `… ${pad}`),
      })),
      custodians: this.#custodians(right, key.label),
      ...(custody === undefined ? {} : { shares: { needed: custody.needed, of: custody.of } }),
      blastRadius: radius,
      rotation: { words: rotationWords(right, radius) },
    };
  }

  /** The finished command that opens an application on one card; uses the activation key in the name of who asks. */
  async activate(body: ActivationBody): Promise<{ command: string }> {
    const { store, vault, region } = this.#context;
    const record = region.records.get(body.record);
    if (record === undefined) throw problem('POLYCARD_API_INPUT', `there is no record ${body.record}`, 'record');
    const card = await store.database
      .selectFrom('card')
      .select(['pan_sealed', 'psn', 'home_city'])
      .where('token', '=', body.cardToken)
      .executeTakeFirst();
    if (card === undefined) throw problem('POLYCARD_CARD_UNKNOWN', `there is no card ${body.cardToken}`, 'cardToken');
    // the account number is opened by the platform; only the activation is the asking person's act
    const pan = new TextDecoder().decode(
      this.#context.keyUses.asPlatform(() => vault.open(card.pan_sealed, `card:${body.cardToken}`)),
    );
    const identity = { pan, psn: card.psn, homeCityCode: card.home_city };
    const [command] = await vault.activate(record.activationKey, record.managementKey, [
      {
        activationFactors: region.factors(record.activationKey, identity),
        managementFactors: region.factors(record.managementKey, identity),
        atc: body.atc,
        sfi: record.sfi,
        record: fromHex(body.content),
      },
    ]);
    return { command: toHex(command!) };
  }

  /** A management key for a PSAM, as far down as no card is needed, for a zone; in the name of who asks. */
  async issuePsamKey(label: string, zoneId: string) {
    const { vault, region } = this.#context;
    const { fixedPrefix } = factorsFor(region.keyTree(label), region.blueprint.manifest, {});
    const key = await vault.issuePsamKey(label, zoneId, fixedPrefix);
    return { label, enciphered: toHex(key.enciphered), checkValue: toHex(key.checkValue) };
  }

  #row(key: KeyInfo) {
    const [party, label] = key.label.includes(':') ? key.label.split(':') : [undefined, key.label];
    const { blueprint } = this.#context.region;
    const tree = blueprint.keys.find((candidate) => candidate.label === label);
    const owner = blueprint.parties.find(({ id }) => id === party)?.name;
    const name: Words = tree?.name ?? { en: key.label, zh: key.label };
    return {
      name: keyName(key),
      label: key.label,
      version: key.version,
      title: owner === undefined ? name : { en: `${owner.en}: ${name.en}`, zh: `${owner.zh}：${name.zh}` },
      usage: key.usage,
      tree: rightTo(key.usage),
      algorithm: key.algorithm,
      bits: key.bits,
      owner: key.owner,
      exportability: key.exportability,
      origin: key.origin,
      state: key.state,
      stateSince: key.stateSince,
      ...(key.overlapEndsAt === undefined ? {} : { overlapEndsAt: key.overlapEndsAt }),
      checkValue: key.checkValue,
      createdAt: key.createdAt,
    };
  }

  #custodians(right: string, label: string) {
    if (this.#context.region.blueprint.duties === undefined) return [];
    const matrix = dutyMatrix(this.#context);
    const { permissions, people, roles } = matrix.duties;
    return people.flatMap((person) => {
      const held = matrix.ofPerson(person);
      const decides = isCustodianOf(this.#context, { name: person.id, role: '' }, label);
      const may = permissions
        .filter(({ id }) => id.startsWith(`keys.${right}.`) && held.has(id))
        .filter(({ kind }) => !['request', 'approve'].includes(kind) || decides)
        .map(({ name }) => name);
      if (may.length === 0) return [];
      const role = roles.find(({ id }) => person.roles.includes(id))?.name ?? person.name;
      return [{ id: person.id, name: person.name, role, may }];
    });
  }
}

function rotationWords(right: string, { cards, terminals }: BlastRadius): Words {
  if (right === 'management')
    return {
      en: `${terminals} terminals take the new version at their next sign-in; ${cards} cards are updated at their next tap or counter visit, the old version serves them until its overlap ends.`,
      zh: `${terminals} 台终端下次签到时取得新版本；${cards} 张卡在下次交易或柜面时更新，重叠期内旧版本仍可用。`,
    };
  if (right === 'activation')
    return {
      en: `New cards carry the new opening key; ${cards} cards keep the old one until they are replaced.`,
      zh: `新卡使用新的开通密钥；${cards} 张卡在换卡前保留旧密钥。`,
    };
  if (right === 'issuer')
    return {
      en: `New cards carry keys of the new version; ${cards} cards are proved by the old one until they expire.`,
      zh: `新卡使用新版本密钥；${cards} 张卡到期前由旧版本验证。`,
    };
  return { en: 'Agreed or made anew; no card is touched.', zh: '重新协商或生成，不涉及卡片。' };
}
