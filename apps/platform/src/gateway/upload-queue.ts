/** Uploaded taps on their way into the store, once for each (terminal, batch, trace), durable before the answer. */
import { PolycardError } from '@polycard/bytes';
import { sql } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { type BulkColumn, rowsAsRecordset, selectList } from '../store/bulk.ts';
import { GroupCommit } from './group-commit.ts';

export interface Upload {
  readonly id: string;
  readonly terminalNo: string;
  readonly batchNo: number;
  readonly traceNo: number;
  readonly cardToken: string;
  /** SHA-256 over the message: the same key with another content is no repeat. */
  readonly digest: string;
  readonly chargedFen: number;
  /** Columns of the tap table in their JSON form. */
  readonly tap: Record<string, unknown>;
}

/** `accepted` now or before; `conflict` when the key was used for another message. */
export type UploadOutcome = 'accepted' | 'repeated' | 'conflict';

const TAP_COLUMNS = [
  ...['card_token', 'id'].map((name) => ({ name, type: 'text' as const })),
  { name: 'received_no', type: 'bigint' },
  { name: 'terminal_no', type: 'text' },
  ...['batch_no', 'trace_no', 'sequence_no'].map((name) => ({ name, type: 'integer' as const })),
  ...[
    'kind',
    'state',
    'at',
    'business_date',
    'operator_id',
    'place_code',
    'place_name',
    'entry_place_code',
    'entry_at',
  ].map((name) => ({
    name,
    type: 'text' as const,
  })),
  { name: 'charged_fen', type: 'bigint' },
  { name: 'base_fen', type: 'bigint' },
  { name: 'transfer', type: 'boolean' },
  { name: 'card_class', type: 'text' },
  { name: 'atc', type: 'integer' },
  { name: 'application_cryptogram', type: 'text' },
  { name: 'cryptogram', type: 'text' },
  { name: 'clearing_data', type: 'jsonb' },
  { name: 'industry_data', type: 'jsonb' },
  { name: 'tariff_version', type: 'text' },
  { name: 'frame_sealed', type: 'hex' },
  { name: 'received_at', type: 'timestamptz' },
] as const;

/** Beside the tap's own columns: what tells a repeat from another message. */
const COLUMNS: readonly BulkColumn[] = [...TAP_COLUMNS, { name: 'digest', type: 'text' }];
const UPLOAD_KEY = ['terminal_no', 'batch_no', 'trace_no'] as const;
const UPLOAD_COLUMNS = [...UPLOAD_KEY, 'card_token', 'digest', 'charged_fen', 'received_at'].join(', ');
const isSameKey = (other: string): string => UPLOAD_KEY.map((name) => `${other}.${name} = r.${name}`).join(' AND ');

export class UploadQueue {
  readonly #context: PlatformContext;
  readonly #group: GroupCommit<Upload, UploadOutcome>;
  #lastReceivedNo = 0;

  constructor(context: PlatformContext, onDurable: () => void) {
    this.#context = context;
    this.#group = new GroupCommit(async (uploads) => {
      const outcomes = await this.#commit(uploads);
      onDurable();
      return outcomes;
    });
  }

  /** Resolves when the upload is durable. */
  add(upload: Upload): Promise<UploadOutcome> {
    return this.#group.add(upload);
  }

  close(): Promise<void> {
    return this.#group.close();
  }

  async #commit(uploads: readonly Upload[]): Promise<UploadOutcome[]> {
    // two uploads of one group may be the same message sent twice: the first stands for both
    const byId = new Map<string, Upload>();
    for (const upload of uploads) if (!byId.has(upload.id)) byId.set(upload.id, upload);
    const receivedAt = this.#context.now().toISOString();
    const known = await this.#insert(
      [...byId.values()].map(({ tap, digest }) => ({
        ...tap,
        digest,
        received_no: this.#nextReceivedNo(),
        received_at: receivedAt,
      })),
    );
    const answered = new Set<string>();
    return uploads.map((upload) => {
      const digest = known.get(upload.id) ?? byId.get(upload.id)!.digest;
      if (digest !== upload.digest) return 'conflict';
      const isFirst = !known.has(upload.id) && !answered.has(upload.id);
      answered.add(upload.id);
      return isFirst ? 'accepted' : 'repeated';
    });
  }

  /**
   * The whole group in one statement and one round trip, atomic by itself. Gives the digests of those that were there
   * before, by id.
   */
  async #insert(rows: readonly object[]): Promise<Map<string, string>> {
    const { database } = this.#context.store;
    const found = await sql<{ id: string; digest: string | null }>`
      WITH r AS MATERIALIZED (SELECT * FROM ${rowsAsRecordset(COLUMNS, rows)}),
      fresh AS (
        INSERT INTO upload (${sql.raw(UPLOAD_COLUMNS)}) SELECT ${sql.raw(UPLOAD_COLUMNS)} FROM r
        ON CONFLICT (${sql.raw(UPLOAD_KEY.join(', '))}) DO NOTHING RETURNING ${sql.raw(UPLOAD_KEY.join(', '))}
      ),
      stored AS (
        INSERT INTO tap (${sql.raw(TAP_COLUMNS.map(({ name }) => name).join(', '))})
        SELECT ${sql.raw(selectList(TAP_COLUMNS))} FROM r JOIN fresh ON ${sql.raw(isSameKey('fresh'))}
      )
      SELECT r.id, upload.digest FROM r LEFT JOIN upload ON ${sql.raw(isSameKey('upload'))}
      WHERE NOT EXISTS (SELECT FROM fresh WHERE ${sql.raw(isSameKey('fresh'))})`.execute(database);
    return new Map(
      found.rows.map(({ id, digest }) => {
        // another platform on this store wrote it in the same moment: the terminal asks again and is told
        if (digest === null) throw new PolycardError('POLYCARD_GATEWAY_BUSY', `upload ${id} is being stored elsewhere`);
        return [id, digest];
      }),
    );
  }

  /** Strictly rising over restarts: microseconds of the clock, or one more than the last. */
  #nextReceivedNo(): number {
    this.#lastReceivedNo = Math.max(this.#lastReceivedNo + 1, this.#context.now().getTime() * 1000);
    return this.#lastReceivedNo;
  }
}
