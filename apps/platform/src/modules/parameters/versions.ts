/** Parameter versions from draft to proposal: begun from the version in force, edited, checked. */
import type { BlueprintProblem } from '@polycard/blueprint';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import type { SignedIn } from '../session/service.ts';
import type { Content, DraftBody, SaveBody } from './api.ts';
import { checkContent, contentDigest, contentText, type ParameterContent, regionUnder } from './content.ts';
import { changeVersion, noteAct, parsedContent, readVersion, readVersions, type StoredVersion } from './store.ts';

const EDITABLE = ['draft', 'checked', 'refused'] as const;

export async function inForce(context: PlatformContext): Promise<StoredVersion> {
  const version = (await readVersions(context)).find(({ state }) => state === 'in-force');
  if (version === undefined) throw problem('POLYCARD_PARAMETERS_STATE', 'no version is in force');
  return version;
}

/** Begins a draft. The same request sent twice gives the same draft. */
export async function beginDraft(
  context: PlatformContext,
  body: Static<typeof DraftBody>,
  account: SignedIn,
): Promise<string> {
  const { store, now, parameters } = context;
  const base = await inForce(context);
  const content =
    body.from === 'blueprint'
      ? contentText(parameters.blueprintContent)
      : (body.from === undefined ? base : await readVersion(context, body.from)).content;
  return store.database.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom('parameter_version')
      .select('version')
      .where('request_id', '=', body.id)
      .executeTakeFirst();
    if (known !== undefined) return known.version;
    const taken = await transaction.selectFrom('parameter_version').select('version').execute();
    const version = freeName(parameters.localNow(), new Set(taken.map((row) => row.version)));
    await transaction
      .insertInto('parameter_version')
      .values({
        ...{ version, title: body.title, request_id: body.id, based_on: base.version, state: 'draft', content },
        ...{ digest: contentDigest(content), created_by: account.name, created_at: now(), changed_at: now() },
      })
      .execute();
    const act = {
      version,
      who: account.name,
      what: 'parameters.drafted',
      detail: { title: body.title, basedOn: base.version },
    };
    await noteAct(transaction, now(), act, { before: 'none', after: 'draft' });
    return version;
  });
}

/** Eight characters as terminals name it: the day it was begun and a number, `261125-1`. */
function freeName(localNow: string, taken: ReadonlySet<string>): string {
  const day = localNow.slice(2, 10).replaceAll('-', '');
  for (const digit of '123456789abcdefghijklmnopqrstuvwxyz') {
    const name = `${day}-${digit}`;
    if (!taken.has(name)) return name;
  }
  throw problem('POLYCARD_PARAMETERS_STATE', `there are 35 drafts of ${day} already; go on with one of them`);
}

/** Replaces a draft's content. What was found and rehearsed before does not hold for it. */
export async function saveDraft(
  context: PlatformContext,
  version: string,
  body: Static<typeof SaveBody>,
  account: SignedIn,
): Promise<void> {
  const content = contentText(body.content as unknown as ParameterContent);
  const digest = contentDigest(content);
  const act = { version, who: account.name, what: 'parameters.edited', from: EDITABLE, detail: { digest } };
  await changeVersion(context, act, (row) => ({
    ...(body.title === undefined ? {} : { title: body.title }),
    ...(digest === row.digest
      ? {}
      : { state: 'draft', content, digest, findings: '[]', checked_at: null, rehearsal: null, approval_id: null }),
  }));
}

/** Holds a draft against every rule of the blueprint and of fares. Only one without findings is `checked`. */
export async function checkVersion(context: PlatformContext, version: string, account: SignedIn): Promise<void> {
  const act = { version, who: account.name, what: 'parameters.checked', from: EDITABLE };
  await changeVersion(context, act, (row) => {
    const findings = findingsOf(context, parsedContent(row));
    return {
      ...{ state: findings.length === 0 ? 'checked' : 'draft', findings: JSON.stringify(findings) },
      ...{ checked_at: context.now(), approval_id: null },
    };
  });
}

export function findingsOf(context: PlatformContext, content: ParameterContent): BlueprintProblem[] {
  const { region, parameters } = context;
  const findings = checkContent(parameters.files, region.blueprint, content);
  if (findings.length > 0) return findings;
  // what no rule names must still compile: gates compute with it
  regionUnder(region, content, 'draft');
  return [];
}

export type SentContent = Static<typeof Content>;
