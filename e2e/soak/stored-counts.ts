/** What the store holds after a soak, by terminal and in total: read by SQL, beside the platform. */
import pg from 'pg';

export interface StoredCounts {
  /** By terminal number. */
  readonly terminals: ReadonlyMap<string, StoredTerminal>;
  readonly postingSumFen: number;
  readonly exceptions: Readonly<Record<string, number>>;
}

export interface StoredTerminal {
  readonly uploads: Sum;
  /** Taps that clearing proved and posted. */
  readonly cleared: Sum;
  /** Fares of the ledger's postings. */
  readonly posted: Sum;
  readonly batches: readonly StoredBatch[];
}

export interface Sum {
  readonly count: number;
  readonly fen: number;
}

export interface StoredBatch {
  readonly batchNo: number;
  readonly terminal: Sum;
  readonly host: Sum;
  readonly totals: string;
}

type Row = Record<string, string>;

const QUERIES = {
  uploads: 'SELECT terminal_no, count(*) AS count, sum(charged_fen) AS fen FROM upload GROUP BY terminal_no',
  cleared: `SELECT terminal_no, count(*) AS count, sum(charged_fen) AS fen FROM tap
    WHERE state = 'cleared' AND cryptogram = 'verified' GROUP BY terminal_no`,
  posted: `SELECT tap.terminal_no, count(DISTINCT posting.entry_id) AS count, -sum(posting.amount_fen) AS fen
    FROM posting JOIN tap ON tap.id = posting.tap_id
    WHERE posting.what = 'fare' AND posting.amount_fen < 0 GROUP BY tap.terminal_no`,
} as const;

export async function countStored(url: string): Promise<StoredCounts> {
  return withClient(url, async (client) => {
    const rows = async (text: string): Promise<Row[]> => (await client.query<Row>(text)).rows;
    const sums = async (text: string): Promise<Map<string, Sum>> =>
      new Map((await rows(text)).map((row) => [row['terminal_no']!, sumOf(row, 'count', 'fen')]));
    const [uploads, cleared, posted] = [
      await sums(QUERIES.uploads),
      await sums(QUERIES.cleared),
      await sums(QUERIES.posted),
    ];
    const batches = Map.groupBy(
      await rows('SELECT * FROM batch ORDER BY terminal_no, batch_no'),
      (row) => row['terminal_no']!,
    );
    const none: Sum = { count: 0, fen: 0 };
    const terminals = (await rows('SELECT terminal_no FROM terminal')).map(({ terminal_no: terminalNo }) => {
      const no = terminalNo!;
      return [
        no,
        {
          uploads: uploads.get(no) ?? none,
          cleared: cleared.get(no) ?? none,
          posted: posted.get(no) ?? none,
          batches: (batches.get(no) ?? []).map((row) => ({
            batchNo: Number(row['batch_no']),
            terminal: sumOf(row, 'terminal_count', 'terminal_fen'),
            host: sumOf(row, 'host_count', 'host_fen'),
            totals: row['totals']!,
          })),
        },
      ] as const;
    });
    const [sum] = await rows('SELECT coalesce(sum(amount_fen), 0) AS fen FROM posting');
    const exceptions = await rows('SELECT reason, count(*) AS count FROM exception GROUP BY reason ORDER BY reason');
    return {
      terminals: new Map(terminals),
      postingSumFen: Number(sum!['fen']),
      exceptions: Object.fromEntries(exceptions.map((row) => [row['reason']!, Number(row['count'])])),
    };
  });
}

/** Taps that clearing has not looked at yet. */
export function tapsWaiting(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<Row>("SELECT count(*) AS count FROM tap WHERE state = 'received'");
    return Number(rows[0]!['count']);
  });
}

/** A planted fault: one fare posting is taken out of the ledger. */
export function dropPosting(url: string): Promise<void> {
  return withClient(url, async (client) => {
    await client.query(
      "DELETE FROM posting WHERE (entry_id, line) = (SELECT entry_id, line FROM posting WHERE what = 'fare' AND amount_fen < 0 LIMIT 1)",
    );
  });
}

const sumOf = (row: Row, count: string, fen: string): Sum => ({ count: Number(row[count]), fen: Number(row[fen]) });

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
