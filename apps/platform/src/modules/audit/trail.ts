/** The trail read back: pages for people, the export, its verification. */
import { AuditExport, dayOf } from '@polycard/audit';
import { type AuditVerdict, verifyAudit } from '@polycard/audit/verifier';
import { sql } from 'kysely';
import type { Database } from '../../store/database.ts';

const ROWS_AT_ONCE = 2000;

export interface TrailExport {
  readonly chain: string;
  readonly exportedAt: Date;
  readonly exportedBy: string;
}

/** The whole trail as it stands at the first row read, in pieces. */
export async function* exportTrail(database: Database, about: TrailExport): AsyncGenerator<string> {
  const { last } = await database
    .selectFrom('audit')
    .select(({ fn }) => fn.coalesce(fn.max<number>('sequence'), sql<number>`0`).as('last'))
    .executeTakeFirstOrThrow();
  const anchors = await database.selectFrom('audit_anchor').selectAll().where('last', '<', last).execute();
  const file = new AuditExport({ ...about, anchors });
  yield file.header();
  for (let after = 0; after < last; ) {
    const rows = await database
      .selectFrom('audit')
      .select(['sequence', 'at', 'text', 'sha256', 'sm3'])
      .where('sequence', '>', after)
      .where('sequence', '<=', last)
      .orderBy('sequence')
      .limit(ROWS_AT_ONCE)
      .execute();
    if (rows.length === 0) break;
    yield rows.map((row) => file.entry({ ...row, at: row.at.toISOString() })).join('');
    after = rows.at(-1)!.sequence;
  }
  yield file.end();
}

/** The anchor lines of finished days, to be kept elsewhere. */
export async function anchorLines(database: Database): Promise<string> {
  const anchors = await database.selectFrom('audit_anchor').selectAll().orderBy('last').execute();
  return anchors.map(({ text, sha256, sm3 }) => `{"anchor":${text},"sha256":"${sha256}","sm3":"${sm3}"}\n`).join('');
}

/** Verifies what the store holds now, by the same program that an outsider uses. */
export async function verifyTrail(database: Database, about: TrailExport): Promise<AuditVerdict> {
  const pieces: Uint8Array[] = [];
  for await (const piece of exportTrail(database, about)) pieces.push(new TextEncoder().encode(piece));
  const verdict = verifyAudit(Buffer.concat(pieces));
  if (verdict.verdict !== 'whole') return verdict;
  const moved = await columnsUnlikeText(database);
  if (moved === undefined) return verdict;
  const message = `the columns of entry ${moved} do not say what its text says`;
  return { ...verdict, verdict: 'broken', problem: { entry: moved, line: moved + 1, part: 'entry', message } };
}

/** The columns searched in are copies of what was hashed; a copy that differs would mislead a search. */
async function columnsUnlikeText(database: Database): Promise<number | undefined> {
  const { rows } = await sql<{ sequence: number }>`SELECT sequence FROM audit
    WHERE (text::jsonb->>'sequence')::bigint <> sequence OR text::jsonb->>'who' <> who
      OR text::jsonb->>'what' <> what OR text::jsonb->>'subject' <> subject
      OR (text::jsonb->>'at')::timestamptz <> at
    ORDER BY sequence LIMIT 1`.execute(database);
  return rows[0]?.sequence;
}

export interface TrailQuery {
  readonly who?: string | undefined;
  readonly what?: string | undefined;
  readonly subject?: string | undefined;
  readonly day?: string | undefined;
  readonly page?: number | undefined;
  readonly pageSize?: number | undefined;
}

interface EntryText {
  readonly sequence: number;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly why: string | null;
  readonly approvedBy: string[];
  readonly detail: Record<string, unknown>;
}

export async function searchTrail(database: Database, query: TrailQuery) {
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  let entries = database.selectFrom('audit');
  if (query.who !== undefined) entries = entries.where('who', '=', query.who);
  if (query.what !== undefined) entries = entries.where('what', 'like', `${query.what.replaceAll(/[%_\\]/g, '\\$&')}%`);
  if (query.subject !== undefined)
    entries = entries.where('subject', 'like', `%${query.subject.replaceAll(/[%_\\]/g, '\\$&')}%`);
  if (query.day !== undefined) {
    const from = new Date(`${query.day}T00:00:00Z`);
    entries = entries.where('at', '>=', from).where('at', '<', new Date(from.getTime() + 86_400_000));
  }
  const [{ total }, rows] = await Promise.all([
    entries.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow(),
    entries
      .select(['text', 'sha256', 'sm3'])
      .orderBy('sequence', 'desc')
      .limit(pageSize)
      .offset((page - 1) * pageSize)
      .execute(),
  ]);
  return {
    total,
    page,
    pageSize,
    rows: rows.map(({ text, sha256, sm3 }) => {
      const entry = JSON.parse(text) as EntryText;
      return { ...entry, day: dayOf(entry.at), sha256, sm3 };
    }),
  };
}
