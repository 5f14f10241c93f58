/**
 * Keys handed over and taken in, as acts that others approve. What could never be carried out is refused at once, by
 * name: a key that stays, a zone of the other half, a package whose keys are weak, known, of another use.
 */
import { fromHex, PolycardError } from '@polycard/bytes';
import {
  type ExchangeForm,
  type ExportedKey,
  type ExportOptions,
  type ImportOptions,
  type KeyAlgorithm,
  type KeyPackage,
  type KeySpecification,
  type KeyUsage,
  parsePackage,
  rightTo,
} from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';

export type ExchangeTree = 'activation' | 'management' | 'issuer';
type Parameters = Readonly<Record<string, string>>;

const FORMS: readonly ExchangeForm[] = ['X9.143-B', 'X9.143-D', 'ECB', 'SM2'];
/** Our SM2 key: others envelope keys for us under its public half. */
export const ENVELOPE_KEY = 'platform:key-envelope';

/** The keys of an export: names, each with its factors where a key below it goes. `NAME` or `NAME/FACTOR.FACTOR`. */
export const exportedKeys = (subject: string): ExportedKey[] =>
  subject.split(',').map((entry) => {
    const [name, factors] = entry.trim().split('/') as [string, string | undefined];
    return { name, factors: factors?.split('.').map((factor) => fromHex(factor)) };
  });

export async function requireExport(
  context: PlatformContext,
  tree: ExchangeTree,
  subject: string,
  parameters: Parameters,
): Promise<void> {
  const options = exportOptions(context, parameters);
  for (const { name, factors } of exportedKeys(subject)) {
    const key = await context.vault.show(name);
    if (rightTo(key.usage) !== tree)
      throw problem('POLYCARD_APPROVAL_ACT', `${name} is a key for ${key.usage}, this act is for ${tree} keys`, 'act');
    const leaves = factors === undefined ? key.exportability === 'key-block' : key.exportability !== 'none';
    if (!leaves)
      throw new PolycardError('POLYCARD_VAULT_EXPORT', `${name} was made to stay: exportability ${key.exportability}`, {
        where: name,
        expected: 'factors of a key below it, or a key made with exportability key-block',
      });
  }
  if (options.form !== 'SM2') await requireZone(context, tree, options.zoneId);
  await requireOneHalf(context, tree, options.receiver);
}

/** Opens the package and judges each key, taking none in; the first that would be refused is the answer. */
export async function requireImport(
  context: PlatformContext,
  tree: ExchangeTree,
  subject: string,
  parameters: Parameters,
): Promise<void> {
  const { keys, options } = importOf(context, subject, parameters);
  const foreign = options.expected.find(({ usage }) => rightTo(usage) !== tree);
  if (foreign !== undefined)
    throw problem(
      'POLYCARD_APPROVAL_ACT',
      `${foreign.label} is ordered for ${foreign.usage}, this act is for ${tree} keys`,
      'act',
    );
  if (keys.mac !== undefined) await requireZone(context, tree, options.zoneId);
  const { receipt } = await context.vault.importKeys(keys, { ...options, onlyJudged: true });
  const refused = receipt.keys.find(({ accepted }) => !accepted);
  if (refused !== undefined)
    throw new PolycardError(refused.code ?? 'POLYCARD_VAULT_IMPORT', refused.refusal ?? 'refused', {
      where: refused.label,
      expected: 'a package whose keys are all as they were ordered',
    });
}

export async function carryOutExport(context: PlatformContext, id: string, subject: string, parameters: Parameters) {
  const { store, vault, now } = context;
  const options = exportOptions(context, parameters);
  const keys = exportedKeys(subject);
  const keyPackage = await vault.exportKeys(keys, options);
  const { usage } = await vault.show(keys[0]!.name);
  await store.database
    .insertInto('exchange')
    .values({
      ...{ id, direction: 'out', tree: rightTo(usage), zone_id: options.zoneId, counterpart: options.receiver },
      ...{ package: JSON.stringify(keyPackage), state: 'handed-over', at: now() },
    })
    .execute();
  const handed = keyPackage.keys.map(({ label, checkValue }) => `${label} ${checkValue}`).join(', ');
  return { before: null, after: { keys: handed, receiver: options.receiver }, outcome: `handed over: ${handed}` };
}

export async function carryOutImport(context: PlatformContext, id: string, subject: string, parameters: Parameters) {
  const { store, vault, now } = context;
  const { keys, options } = importOf(context, subject, parameters);
  const { imported, receipt } = await vault.importKeys(keys, options);
  await store.database
    .insertInto('exchange')
    .values({
      ...{ id, direction: 'in', tree: rightTo(options.expected[0]!.usage), zone_id: options.zoneId },
      ...{ counterpart: keys.sender, package: JSON.stringify(keys), receipt: JSON.stringify(receipt) },
      ...{ state: imported.length > 0 ? 'taken' : 'refused', at: now(), receipt_at: now() },
    })
    .execute();
  const words = receipt.keys.map(({ label, accepted, refusal }) => (accepted ? `${label} taken` : `${refusal}`));
  return { before: null, after: { keys: words.join('; '), sender: keys.sender }, outcome: words.join('; ') };
}

function exportOptions(context: PlatformContext, parameters: Parameters): ExportOptions {
  const { zone, form = 'X9.143-B', receiver, sm2PublicKey } = parameters;
  if (!FORMS.includes(form as ExchangeForm))
    throw problem('POLYCARD_API_INPUT', `there is no form ${form}: ${FORMS.join(', ')}`, 'parameters/form');
  if (receiver === undefined || receiver === '')
    throw problem('POLYCARD_API_INPUT', 'it is not said who receives the keys', 'parameters/receiver');
  if (form === 'SM2' && !/^[0-9A-F]{128}$/.test(sm2PublicKey ?? ''))
    throw problem('POLYCARD_API_INPUT', "the receiver's SM2 public key is 64 bytes", 'parameters/sm2PublicKey');
  if (form !== 'SM2' && zone === undefined) throw problem('POLYCARD_API_INPUT', 'no zone is named', 'parameters/zone');
  return {
    ...{ zoneId: zone ?? receiver, form: form as ExchangeForm, receiver, sender: senderName(context) },
    ...(form === 'SM2' ? { sm2PublicKey: fromHex(sm2PublicKey!) } : {}),
  };
}

/** `LABEL usage algorithm` of each key that was ordered, joined by commas, is the subject. */
function importOf(
  context: PlatformContext,
  subject: string,
  parameters: Parameters,
): { keys: KeyPackage; options: ImportOptions } {
  const keys = parsePackage(parameters['package'] ?? '');
  const expected = subject.split(',').map((order): KeySpecification => {
    const [label, usage, algorithm] = order.trim().split(' ');
    if (label === undefined || usage === undefined || algorithm === undefined)
      throw problem('POLYCARD_API_INPUT', `${order} is no order: LABEL USAGE ALGORITHM`, 'subject');
    const tree = context.region.blueprint.keys.find((candidate) => candidate.label === label);
    return {
      ...{ label, usage: usage as KeyUsage, algorithm: algorithm as KeyAlgorithm },
      owner: tree?.custodian ?? keys.sender,
    };
  });
  const isEnveloped = keys.keys.some(({ form }) => form === 'SM2');
  return {
    keys,
    options: {
      ...{ zoneId: parameters['zone'] ?? keys.zone, expected, receiver: senderName(context) },
      ...(isEnveloped ? { envelopeKey: ENVELOPE_KEY } : {}),
    },
  };
}

const senderName = ({ region }: PlatformContext): string => region.blueprint.manifest.name.en;

async function requireZone({ vault }: PlatformContext, tree: ExchangeTree, zoneId: string): Promise<void> {
  const zone = await vault.show(`zone:${zoneId}`);
  if (zone.state !== 'active' || !(zone.carries ?? []).includes(tree))
    throw new PolycardError(
      'POLYCARD_VAULT_ZONE',
      `zone ${zoneId} is ${zone.state} and carries ${(zone.carries ?? []).join(', ')}: not for ${tree} keys`,
      { where: zoneId, expected: `an active zone opened for ${tree} keys` },
    );
}

/** Who was given keys of one half is not given keys of the other, under whatever transport key. */
async function requireOneHalf({ store }: PlatformContext, tree: ExchangeTree, receiver: string): Promise<void> {
  if (tree === 'issuer') return;
  const other = tree === 'activation' ? 'management' : 'activation';
  const earlier = await store.database
    .selectFrom('exchange')
    .select('id')
    .where('counterpart', '=', receiver)
    .where('direction', '=', 'out')
    .where('tree', '=', other)
    .executeTakeFirst();
  if (earlier !== undefined)
    throw problem('POLYCARD_EXCHANGE_BOTH', `${receiver} holds ${other} keys (${earlier.id})`, 'parameters/receiver');
}
