/** Cards as the platform knows them: issued value minus cleared taps, and the records their taps uploaded. */
import { applicationKeys } from '@polycard/blueprint';
import { type SqlBool, sql } from 'kysely';
import type { Static } from 'typebox';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { loadNames, type Names } from '../names.ts';
import { decodeRecordImages, type RecordImage } from '../taps/decode-records.ts';
import { selectTapRows, tapRow } from '../taps/rows.ts';
import type { CardRow, CardsQuery } from './api.ts';

const RECENT_TAPS = 100;

interface CardFigures {
  token: string;
  pan_masked: string;
  issuer_id: string;
  product: string;
  card_class: string;
  state: string;
  issued_balance_fen: number;
  issued_at: Date;
  taps: number;
  charged_fen: number;
  last_at: string | null;
}

const SORTS: Readonly<Record<string, string>> = {
  taps: 'taps',
  lastTapAt: 'last_at',
  issuer: 'issuer_id',
  product: 'product',
  panMasked: 'pan_masked',
};

const FIGURES = sql`SELECT card.token, card.pan_masked, card.issuer_id, card.product, card.card_class, card.state, card.issued_balance_fen,
    card.issued_at, coalesce(f.taps, 0)::bigint AS taps, coalesce(f.charged_fen, 0)::bigint AS charged_fen, f.last_at
  FROM card LEFT JOIN (
    SELECT card_token, count(*) AS taps, max(at) AS last_at,
      sum(charged_fen) FILTER (WHERE NOT ('duplicate' = ANY(exceptions))) AS charged_fen
    FROM tap GROUP BY card_token
  ) f ON f.card_token = card.token`;

export async function listCards(context: PlatformContext, query: Static<typeof CardsQuery>) {
  const { database } = context.store;
  const page = query.page ?? 1;
  const pageSize = query.pageSize ?? 50;
  const conditions = [sql<SqlBool>`true`];
  if (query.issuer !== undefined) conditions.push(sql`card.issuer_id = ${query.issuer}`);
  if (query.cardClass !== undefined) conditions.push(sql`card.card_class = ${query.cardClass}`);
  if (query.product !== undefined) conditions.push(sql`card.product = ${query.product}`);
  const text = query.q?.trim() ?? '';
  if (text !== '') conditions.push(sql`(card.token = ${text.toUpperCase()} OR card.pan_last4 = ${text.slice(-4)})`);
  const where = sql.join(conditions, sql` AND `);
  const descending = query.sort?.startsWith('-') ?? true;
  const column = SORTS[(query.sort ?? '-lastTapAt').replace(/^-/, '')] ?? 'last_at';
  const [count, rows, names] = await Promise.all([
    sql<{ total: number }>`SELECT count(*)::bigint AS total FROM card WHERE ${where}`.execute(database),
    sql<CardFigures>`${FIGURES} WHERE ${where} ORDER BY ${sql.raw(column)} ${sql.raw(descending ? 'DESC NULLS LAST' : 'ASC NULLS LAST')}, card.token
      LIMIT ${pageSize} OFFSET ${(page - 1) * pageSize}`.execute(database),
    loadNames(context),
  ]);
  return { total: count.rows[0]!.total, page, pageSize, rows: rows.rows.map((row) => cardRow(row, names)) };
}

export async function cardDetail(context: PlatformContext, token: string) {
  const { database } = context.store;
  const found = await sql<CardFigures>`${FIGURES} WHERE card.token = ${token}`.execute(database);
  const row = found.rows[0];
  if (row === undefined) throw problem('POLYCARD_CARD_UNKNOWN', `there is no card ${token}`, 'token');
  const [taps, images, names] = await Promise.all([
    selectTapRows(database)
      .where('tap.card_token', '=', token)
      .orderBy('tap.at', 'desc')
      .orderBy('tap.atc', 'desc')
      .limit(RECENT_TAPS)
      .execute(),
    database
      .selectFrom('tap')
      .select('industry_data')
      .where('card_token', '=', token)
      .orderBy('atc', 'desc')
      .limit(RECENT_TAPS)
      .execute(),
    loadNames(context),
  ]);
  const card = cardRow(row, names);
  const product = context.region.blueprint.cards.products.find((candidate) => candidate.id === row.product);
  return {
    card,
    headline: {
      en: `${card.productName.en} of ${card.issuer.name.en}, ${card.taps} taps`,
      zh: `${card.issuer.name.zh} ${card.productName.zh}，${card.taps} 笔交易`,
    },
    issuedAt: new Date(row.issued_at).toISOString(),
    applications: context.region.blueprint.applications
      .filter(
        (application) =>
          application.kind === 'financial' || (product?.applications.includes(application.application) ?? true),
      )
      .map((application) => ({
        id: application.application,
        name: application.name,
        sfis: application.files.map((file) => file.sfi),
        keys: applicationKeys(application),
        memoryBytes: application.memoryBytes,
      })),
    records: decodeRecordImages(
      context.region,
      lastImages(images.map((image) => image.industry_data as { records?: RecordImage[] })),
    ),
    taps: taps.map((tap) => tapRow(tap, names)),
  };
}

/** The newest image of each record: taps come newest first. */
function lastImages(taps: readonly { records?: RecordImage[] }[]): RecordImage[] {
  const newest = new Map<string, RecordImage>();
  for (const tap of taps) {
    for (const image of tap.records ?? []) {
      const key = `${image.sfi}/${image.hex.slice(0, 4)}`;
      const cyclic = image.sfi === '1E' ? '1E' : key;
      if (!newest.has(cyclic)) newest.set(cyclic, image);
    }
  }
  return [...newest.values()].sort((a, b) => (a.sfi < b.sfi ? -1 : 1));
}

function cardRow(row: CardFigures, names: Names): Static<typeof CardRow> {
  return {
    token: row.token,
    panMasked: row.pan_masked,
    issuer: names.party(row.issuer_id),
    product: row.product,
    productName: names.product(row.product),
    cardClass: row.card_class,
    cardClassName: names.cardClass(row.card_class),
    state: row.state,
    balanceFen: row.issued_balance_fen - row.charged_fen,
    taps: row.taps,
    ...(row.last_at === null ? {} : { lastTapAt: row.last_at }),
  };
}
