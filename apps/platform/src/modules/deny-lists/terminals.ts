/** What terminals say of their list: the version they hold, and listed cards that were held to them. */
import type { DenyListHit } from '@polycard/terminal';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { bulkInsert } from '../../store/bulk.ts';
import { maskedPan } from './entries.ts';

export interface Acknowledgement {
  readonly terminalNo: string;
  /** Verified by the terminal and held by it. */
  readonly version: number;
}

/** One statement for all that came together; of two of one terminal the later counts. */
export async function saveAcknowledgements(
  { store, now }: Pick<PlatformContext, 'store' | 'now'>,
  acknowledgements: readonly Acknowledgement[],
): Promise<undefined[]> {
  const at = now().toISOString();
  const rows = new Map(acknowledgements.map(({ terminalNo, version }) => [terminalNo, version]));
  await sql`${bulkInsert(
    'terminal_deny_list',
    [
      { name: 'terminal_no', type: 'text' },
      { name: 'version', type: 'integer' },
      { name: 'acknowledged_at', type: 'timestamptz' },
      { name: 'confirmed_at', type: 'timestamptz' },
    ],
    [...rows].map(([terminal_no, version]) => ({ terminal_no, version, acknowledged_at: at, confirmed_at: at })),
    `ON CONFLICT (terminal_no) DO UPDATE SET confirmed_at = excluded.confirmed_at,
      acknowledged_at = CASE WHEN terminal_deny_list.version = excluded.version
        THEN terminal_deny_list.acknowledged_at ELSE excluded.acknowledged_at END,
      version = excluded.version`,
  )}`.execute(store.database);
  return acknowledgements.map(() => undefined);
}

export interface ReceivedHit {
  readonly terminalNo: string;
  readonly hit: DenyListHit;
}

/** Durable before the terminal forgets them; the same hit sent twice is one. */
export async function saveHits(
  { store, vault, now }: Pick<PlatformContext, 'store' | 'vault' | 'now'>,
  hits: readonly ReceivedHit[],
): Promise<undefined[]> {
  const receivedAt = now().toISOString();
  await bulkInsert(
    'deny_hit',
    [
      ...['card_token', 'terminal_no', 'at', 'pan_masked', 'scope', 'reason', 'outcome'].map((name) => ({
        name,
        type: 'text' as const,
      })),
      { name: 'hit_no', type: 'integer' },
      { name: 'list_version', type: 'integer' },
      { name: 'received_at', type: 'timestamptz' },
    ],
    hits.map(({ terminalNo, hit }) => ({
      card_token: vault.token(hit.pan),
      terminal_no: terminalNo,
      hit_no: hit.hitNo,
      at: localTime(hit.at),
      pan_masked: maskedPan(hit.pan),
      scope: hit.scope,
      reason: hit.reason,
      outcome: hit.outcome,
      list_version: hit.listVersion,
      received_at: receivedAt,
    })),
    'ON CONFLICT (card_token, terminal_no, hit_no, at) DO NOTHING',
  ).execute(store.database);
  return hits.map(() => undefined);
}

/** YYYYMMDDhhmmss as YYYY-MM-DDThh:mm:ss. */
const localTime = (at: string): string =>
  at.replace(/^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/, '$1-$2-$3T$4:$5:$6');
