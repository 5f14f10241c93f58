/** Answers: the list of versions, one version with everything about it, which terminal holds what. */
import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import type { Words } from '../api-types.ts';
import { loadNames } from '../names.ts';
import type { HeldRow, StageProgress, VersionDetail, VersionRow } from './api.ts';
import { judgeCanary } from './canary.ts';
import { changesOf, terminalsOfStages } from './proposal.ts';
import { rehearsalNow } from './rehearsal.ts';
import { SINCE_EVER } from './schedule.ts';
import { parsedContent, readVersion, readVersions, type StoredVersion } from './store.ts';

type Row = Static<typeof VersionRow>;

export async function listVersions(context: PlatformContext): Promise<Row[]> {
  const held = await heldCounts(context);
  return (await readVersions(context)).map((row) => versionRow(context, row, held));
}

async function heldCounts({ store }: PlatformContext): Promise<Map<string, number>> {
  const rows = await store.database
    .selectFrom('terminal')
    .select(({ fn }) => ['tariff_version', fn.countAll<number>().as('terminals')])
    .groupBy('tariff_version')
    .execute();
  return new Map(rows.map(({ tariff_version, terminals }) => [tariff_version, terminals]));
}

function versionRow({ parameters }: PlatformContext, row: StoredVersion, held: ReadonlyMap<string, number>): Row {
  const from = parameters.schedule.filter(({ version, rollout }) => version === row.version && rollout === version);
  const effectiveAt =
    from
      .map(({ fromAt }) => fromAt)
      .sort()
      .at(-1) ?? row.plan?.effectiveAt;
  return {
    ...{ version: row.version, title: row.title, state: row.state, findings: (row.findings as unknown[]).length },
    ...(row.based_on === null ? {} : { basedOn: row.based_on }),
    ...{ createdBy: row.created_by, createdAt: row.created_at.toISOString(), changedAt: row.changed_at.toISOString() },
    terminals: held.get(row.version) ?? 0,
    ...(effectiveAt === undefined || effectiveAt === SINCE_EVER ? {} : { effectiveAt }),
  };
}

export async function versionDetail(context: PlatformContext, version: string): Promise<Static<typeof VersionDetail>> {
  const row = await readVersion(context, version);
  const summary = versionRow(context, row, await heldCounts(context));
  const rehearsal = rehearsalNow(context, version, row.rehearsal);
  const canary = await judgeCanary(context, row);
  const stages = row.plan === null ? [] : await stageProgress(context, row);
  const events = await context.store.database
    .selectFrom('parameter_event')
    .selectAll()
    .where('version', '=', version)
    .orderBy('number')
    .execute();
  const { content, digest } = row;
  return {
    ...summary,
    headline: headline(row, stages),
    content: parsedContent({ content }) as unknown as Static<typeof VersionDetail>['content'],
    digest,
    problems: row.findings as Static<typeof VersionDetail>['problems'],
    ...(row.checked_at === null ? {} : { checkedAt: row.checked_at.toISOString() }),
    changes: changesOf(context, row),
    ...(rehearsal === undefined ? {} : { rehearsal }),
    ...(row.plan === null ? {} : { plan: row.plan }),
    ...(row.approval_id === null ? {} : { approvalId: row.approval_id }),
    stages,
    ...(canary === undefined ? {} : { canary }),
    events: events.map(({ at, who, what, detail }) => ({ at: at.toISOString(), who, what, detail })),
  };
}

async function stageProgress(context: PlatformContext, row: StoredVersion): Promise<Static<typeof StageProgress>[]> {
  const { store, parameters } = context;
  const plan = row.plan!;
  const opened = parameters.schedule.filter(({ rollout, act }) => rollout === row.version && act === 'stage');
  const decided = await store.database
    .selectFrom('parameter_schedule')
    .select(['stage', 'decided_at'])
    .where('rollout', '=', row.version)
    .where('act', '=', 'stage')
    .execute();
  const openedAt = new Map(decided.map(({ stage, decided_at }) => [stage, decided_at.toISOString()]));
  const figures =
    opened.length === 0
      ? (await terminalsOfStages(context, row.version, plan)).map((terminals, stage) => ({
          ...{ stage, terminals, taken: 0, using: 0 },
        }))
      : await progressOf(context, row.version, plan.stages.length);
  return plan.stages.map(({ name, effectiveAt = plan.effectiveAt }, stage) => {
    const row = opened.find((candidate) => candidate.stage === stage);
    const found = figures.find((candidate) => candidate.stage === stage);
    return {
      ...{ stage, name, terminals: found?.terminals ?? 0, taken: found?.taken ?? 0, using: found?.using ?? 0 },
      ...(row === undefined ? { effectiveAt } : { openedAt: openedAt.get(stage)!, effectiveAt: row.fromAt }),
    };
  });
}

async function progressOf({ store }: PlatformContext, version: string, stages: number) {
  const { rows } = await sql<{ stage: number; terminals: number; taken: number; using: number }>`
    SELECT coalesce(member.stage, ${stages - 1}::integer) AS stage, count(*)::bigint AS terminals,
      count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM parameter_told told JOIN parameter_schedule row ON row.sequence = told.sequence
        WHERE told.terminal_no = terminal.terminal_no AND row.version = ${version} AND row.rollout = ${version}
      ))::bigint AS taken,
      count(*) FILTER (WHERE terminal.tariff_version = ${version})::bigint AS "using"
    FROM terminal LEFT JOIN parameter_stage_terminal member
      ON member.terminal_no = terminal.terminal_no AND member.rollout = ${version}
    GROUP BY 1 ORDER BY 1`.execute(store.database);
  return rows;
}

/** Who has what: each terminal's version, the one it should have, the next it keeps. */
export async function heldByTerminals(
  context: PlatformContext,
  query: { readonly page: number; readonly pageSize: number; readonly rollout?: string; readonly stage?: number },
) {
  const { store, parameters } = context;
  const names = await loadNames(context);
  const terminals = await store.database
    .selectFrom('terminal')
    .select(['terminal_no', 'operator_id', 'place_code', 'route', 'tariff_version', 'last_seen_at'])
    .orderBy('terminal_no')
    .execute();
  const { rollout, stage } = query;
  const chosen = terminals.filter(
    ({ terminal_no }) =>
      rollout === undefined || stage === undefined || parameters.stageOf(rollout, terminal_no) === stage,
  );
  const shown = chosen.slice((query.page - 1) * query.pageSize, query.page * query.pageSize);
  const told = await toldOf(
    context,
    shown.map(({ terminal_no }) => terminal_no),
  );
  const rows = shown.map((terminal): Static<typeof HeldRow> => {
    const { current, next } = parameters.appointmentsFor(terminal.terminal_no);
    return {
      terminalNo: terminal.terminal_no,
      operator: names.party(terminal.operator_id).name,
      place: names.place(terminal.place_code)?.name ?? { en: terminal.route ?? '', zh: terminal.route ?? '' },
      ...(rollout === undefined ? {} : { stage: parameters.stageOf(rollout, terminal.terminal_no) }),
      ...{ current: terminal.tariff_version, expected: current.version },
      ...(next === undefined
        ? {}
        : {
            ...{ next: next.version, nextFrom: next.fromAt },
            isNextTold: told.has(`${terminal.terminal_no}|${next.sequence}`),
          }),
      ...(terminal.last_seen_at === null ? {} : { lastSeenAt: terminal.last_seen_at.toISOString() }),
    };
  });
  return { total: chosen.length, page: query.page, pageSize: query.pageSize, rows };
}

async function toldOf({ store }: PlatformContext, terminalNos: readonly string[]): Promise<Set<string>> {
  if (terminalNos.length === 0) return new Set();
  const rows = await store.database
    .selectFrom('parameter_told')
    .select(['terminal_no', 'sequence'])
    .where('terminal_no', 'in', terminalNos)
    .execute();
  return new Set(rows.map(({ terminal_no, sequence }) => `${terminal_no}|${sequence}`));
}

const NEXT_STEP: Readonly<Record<StoredVersion['state'], Words>> = {
  draft: { en: 'edit it, then check it', zh: '编辑后检查' },
  checked: { en: 'nothing was found: rehearse it, then propose it', zh: '检查通过：演练后提交审批' },
  waiting: { en: 'a second person decides', zh: '等待他人审批' },
  refused: { en: 'refused: edit it or propose it again', zh: '已驳回：可修改或重新提交' },
  approved: { en: 'approved: its roll-out may begin', zh: '已批准：可开始发布' },
  'rolling-out': { en: 'being rolled out', zh: '发布中' },
  'in-force': { en: 'in force on every terminal that has talked since', zh: '已生效' },
  superseded: { en: 'a later version is in force', zh: '已被后续版本取代' },
  stopped: {
    en: 'stopped at its canary: its terminals return to the version before',
    zh: '已在首批阶段停止，终端恢复前一版本',
  },
  'rolled-back': { en: 'rolled back: terminals return to the version before', zh: '已回退，终端恢复前一版本' },
};

function headline(row: StoredVersion, stages: readonly Static<typeof StageProgress>[]): Words {
  const open = stages.filter(({ openedAt }) => openedAt !== undefined);
  const next = NEXT_STEP[row.state];
  const progress =
    row.state === 'rolling-out'
      ? { en: `, ${open.length} of ${stages.length} stages open`, zh: `，已开放 ${open.length}/${stages.length} 阶段` }
      : { en: '', zh: '' };
  return {
    en: `Version ${row.version}, ${row.title}: ${next.en}${progress.en}`,
    zh: `版本 ${row.version}（${row.title}）：${next.zh}${progress.zh}`,
  };
}
