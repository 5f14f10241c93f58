/**
 * PSAMs: issued with the management keys their terminals' journeys need, dispersed as far as no card is needed, and
 * nothing else; while a key is rotated with both its versions. The inventory says what each holds and where it is; a
 * stopped one gets no more keys.
 */
import { factorsFor } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import type { Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { bulkInsert } from '../../store/bulk.ts';
import type { Tables } from '../../store/tables.ts';
import { audit } from '../audit/service.ts';
import type { SamKey } from './api.ts';

export interface IssuedPsamKey extends SamKey {
  readonly algorithm: '3DES' | 'SM4';
  readonly enciphered: string;
}

const LISTED_MAX = 1000;
const samNoOf = (terminalNo: string): string => `S${terminalNo}`;

export class SamService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** Every version of the region's management keys that may serve terminals now, enciphered for the zone. */
  async psamKeys(zoneId: string): Promise<IssuedPsamKey[]> {
    const { vault, region, now } = this.#context;
    const labels = [...new Set([...region.records.values()].map((record) => record.managementKey))].sort();
    const time = now().toISOString();
    const versions = (await vault.list()).filter(
      ({ label, state, overlapEndsAt }) =>
        labels.includes(label) && (state === 'active' || (state === 'retired' && (overlapEndsAt ?? '') > time)),
    );
    return Promise.all(
      versions.map(async ({ label, version, algorithm }) => {
        const { fixedPrefix } = factorsFor(region.keyTree(label), region.blueprint.manifest, {});
        const key = await vault.issuePsamKey(`${label}#${version}`, zoneId, fixedPrefix);
        return {
          ...{ label, version, algorithm: algorithm as IssuedPsamKey['algorithm'] },
          enciphered: toHex(key.enciphered),
          checkValue: toHex(key.checkValue),
        };
      }),
    );
  }

  /** Notes which keys the PSAMs of these terminals hold from now on. Refuses a stopped one by name. */
  async bind(
    transaction: Transaction<Tables>,
    zoneId: string,
    terminalNos: readonly string[],
    keys: readonly IssuedPsamKey[],
  ): Promise<void> {
    if (terminalNos.length === 0) return;
    const stopped = await transaction
      .selectFrom('sam')
      .select('sam_no')
      .where('terminal_no', 'in', terminalNos)
      .where('state', '=', 'stopped')
      .executeTakeFirst();
    if (stopped !== undefined) throw problem('POLYCARD_SAM_STOPPED', `PSAM ${stopped.sam_no} is stopped`, 'terminals');
    const held: SamKey[] = keys.map(({ label, version, checkValue }) => ({ label, version, checkValue }));
    const issuedAt = this.#context.now().toISOString();
    await bulkInsert(
      'sam',
      [
        ...['sam_no', 'terminal_no', 'zone_id', 'state'].map((name) => ({ name, type: 'text' as const })),
        { name: 'keys', type: 'jsonb' },
        { name: 'issued_at', type: 'timestamptz' },
      ],
      terminalNos.map((terminalNo) => ({
        ...{ sam_no: samNoOf(terminalNo), terminal_no: terminalNo, zone_id: zoneId, state: 'issued' },
        ...{ keys: held, issued_at: issuedAt },
      })),
      'ON CONFLICT (sam_no) DO UPDATE SET zone_id = excluded.zone_id, keys = excluded.keys, issued_at = excluded.issued_at',
    ).execute(transaction);
  }

  /** Keys again for PSAMs that are out already: a new version came, or an old one ended. */
  async reissue(zoneId: string, terminalNos: readonly string[], who: string): Promise<IssuedPsamKey[]> {
    const { store, now } = this.#context;
    const keys = await this.psamKeys(zoneId);
    await store.database.transaction().execute(async (transaction) => {
      const known = await transaction
        .selectFrom('terminal')
        .select('terminal_no')
        .where('terminal_no', 'in', terminalNos)
        .execute();
      const missing = terminalNos.find((terminalNo) => !known.some((row) => row.terminal_no === terminalNo));
      if (missing !== undefined) throw problem('POLYCARD_TERMINAL_UNKNOWN', `no terminal ${missing}`, 'terminals');
      await this.bind(transaction, zoneId, terminalNos, keys);
      await audit(transaction, now(), {
        ...{ who, what: 'psams.reissued', subject: zoneId },
        detail: { count: terminalNos.length, keys: keys.map(({ label, version }) => `${label}#${version}`) },
      });
    });
    return keys;
  }

  async list(filter: { readonly state?: 'issued' | 'stopped'; readonly terminalNo?: string }) {
    let query = this.#context.store.database
      .selectFrom('sam')
      .innerJoin('terminal', 'terminal.terminal_no', 'sam.terminal_no')
      .select(['sam_no', 'sam.terminal_no', 'operator_id', 'zone_id', 'sam.state', 'keys', 'issued_at'])
      .select(['last_seen_at', 'stopped_at', 'stop_reason']);
    if (filter.state !== undefined) query = query.where('sam.state', '=', filter.state);
    if (filter.terminalNo !== undefined) query = query.where('sam.terminal_no', '=', filter.terminalNo);
    const rows = await query.orderBy('sam_no').limit(LISTED_MAX).execute();
    return {
      total: rows.length,
      sams: rows.map((row) => ({
        ...{ samNo: row.sam_no, terminalNo: row.terminal_no, operatorId: row.operator_id, zoneId: row.zone_id },
        ...{
          state: row.state as 'issued' | 'stopped',
          keys: row.keys as SamKey[],
          issuedAt: row.issued_at.toISOString(),
        },
        ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at.toISOString() }),
        ...(row.stopped_at === null ? {} : { stoppedAt: row.stopped_at.toISOString() }),
        ...(row.stop_reason === null ? {} : { stopReason: row.stop_reason }),
      })),
    };
  }

  async stop(samNo: string, reason: string, who: string): Promise<void> {
    const { store, now } = this.#context;
    await store.database.transaction().execute(async (transaction) => {
      const stopped = await transaction
        .updateTable('sam')
        .set({ state: 'stopped', stopped_at: now(), stop_reason: reason })
        .where('sam_no', '=', samNo)
        .returning('terminal_no')
        .executeTakeFirst();
      if (stopped === undefined) throw problem('POLYCARD_SAM_UNKNOWN', `no PSAM ${samNo}`, 'samNo');
      await audit(transaction, now(), {
        ...{ who, what: 'psam.stopped', subject: samNo },
        detail: { reason, terminalNo: stopped.terminal_no },
      });
    });
  }
}
