/** Uploaded taps on their way into the store, once for each (terminal, batch, trace), durable before the answer. */
import { sql } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { bulkInsert, rowsAsRecordset } from '../store/bulk.ts';
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
  { name: 'frame_sealed', type: 'hex' },
  { name: 'received_at', type: 'timestamptz' },
] as const;

const UPLOAD_COLUMNS = [
  { name: 'terminal_no', type: 'text' },
  { name: 'batch_no', type: 'integer' },
  { name: 'trace_no', type: 'integer' },
  { name: 'card_token', type: 'text' },
  { name: 'digest', type: 'text' },
  { name: 'charged_fen', type: 'bigint' },
  { name: 'received_at', type: 'timestamptz' },
] as const;

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
    const receivedAt = this.#context.now().toISOString();
    const key = (row: { terminal_no: string; batch_no: number; trace_no: number }): string =>
      `${row.terminal_no}-${row.batch_no}-${row.trace_no}`;
    const keyOf = (upload: Upload): string => `${upload.terminalNo}-${upload.batchNo}-${upload.traceNo}`;
    // two uploads of one group may be the same message sent twice: the first stands for both
    const byKey = new Map<string, Upload>();
    for (const upload of uploads) if (!byKey.has(keyOf(upload))) byKey.set(keyOf(upload), upload);
    const distinct = [...byKey.values()];
    const rows = distinct.map((upload) => ({
      terminal_no: upload.terminalNo,
      batch_no: upload.batchNo,
      trace_no: upload.traceNo,
      card_token: upload.cardToken,
      digest: upload.digest,
      charged_fen: upload.chargedFen,
      received_at: receivedAt,
    }));
    const inserted = new Set<string>();
    const digests = new Map<string, string>();
    await this.#context.store.database.transaction().execute(async (transaction) => {
      const fresh = await sql<{ terminal_no: string; batch_no: number; trace_no: number }>`${bulkInsert(
        'upload',
        UPLOAD_COLUMNS,
        rows,
        'ON CONFLICT (terminal_no, batch_no, trace_no) DO NOTHING RETURNING terminal_no, batch_no, trace_no',
      )}`.execute(transaction);
      for (const row of fresh.rows) inserted.add(key(row));
      const taps = distinct
        .filter((upload) => inserted.has(keyOf(upload)))
        .map((upload) => ({ ...upload.tap, received_no: this.#nextReceivedNo(), received_at: receivedAt }));
      if (taps.length > 0) await bulkInsert('tap', TAP_COLUMNS, taps).execute(transaction);
      if (inserted.size < distinct.length) {
        const stored = await sql<{ terminal_no: string; batch_no: number; trace_no: number; digest: string }>`
          SELECT upload.terminal_no, upload.batch_no, upload.trace_no, upload.digest
          FROM ${rowsAsRecordset(UPLOAD_COLUMNS.slice(0, 3), rows)}
          JOIN upload ON upload.terminal_no = r.terminal_no AND upload.batch_no = r.batch_no AND upload.trace_no = r.trace_no`.execute(
          transaction,
        );
        for (const row of stored.rows) digests.set(key(row), row.digest);
      }
      for (const upload of distinct) if (inserted.has(keyOf(upload))) digests.set(keyOf(upload), upload.digest);
    });
    const first = new Set<string>();
    return uploads.map((upload) => {
      const name = keyOf(upload);
      if (digests.get(name) !== upload.digest) return 'conflict';
      const isFirst = inserted.has(name) && !first.has(name);
      first.add(name);
      return isFirst ? 'accepted' : 'repeated';
    });
  }

  /** Strictly rising over restarts: microseconds of the clock, or one more than the last. */
  #nextReceivedNo(): number {
    this.#lastReceivedNo = Math.max(this.#lastReceivedNo + 1, this.#context.now().getTime() * 1000);
    return this.#lastReceivedNo;
  }
}
