/**
 * Rotation of a management key while taps go on. The vault has the new version, asked for and approved (act
 * `keys.management.rotate`); the old one still serves until its overlap ends. PSAMs get both, so that a gate can write on a card with either; every card gets its records'
 * next keys at its next tap or counter visit, by commands that only the card can open. The report counts who is still
 * on an older version.
 */
import { toHex } from '@polycard/bytes';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { RegionRecord } from '../../region.ts';
import { bulkInsert } from '../../store/bulk.ts';
import { audit } from '../audit/service.ts';
import type { Replaced, Rotation } from './api.ts';

/** A management key whose newest version is not its first. */
interface Rotated {
  readonly label: string;
  readonly version: number;
  readonly previousVersion: number;
  readonly startedAt: string;
  readonly overlapEndsAt?: string;
}

export class KeyRotationService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** The latest rotation of every key, with who is still on an older version. */
  async report(): Promise<Rotation[]> {
    return Promise.all((await this.#rotated()).map((rotated) => this.#describe(rotated)));
  }

  /** Prepared commands for these cards, in the order asked: one for each record still on an older version. */
  async commandsFor(pans: readonly string[]) {
    const { vault, store, region } = this.#context;
    const tokens = pans.map((pan) => vault.token(pan));
    if (tokens.length === 0) return { cards: [] };
    const panOf = new Map(tokens.map((token, index) => [token, pans[index]!]));
    const cards = await store.database
      .selectFrom('card')
      .select(['token', 'psn', 'home_city', 'issued_at'])
      .where('token', 'in', tokens)
      .execute();
    const done = await store.database
      .selectFrom('card_record_key')
      .select(['card_token', 'record', 'version'])
      .where('card_token', 'in', tokens)
      .execute();
    const versionOf = new Map(done.map((row) => [`${row.card_token}|${row.record}`, row.version]));
    const commands = new Map<string, { label: string; record: string; version: number; command: string }[]>();
    for (const { label, version, startedAt } of await this.#rotated()) {
      for (const [name, record] of this.#recordsUnder(label)) {
        const due = cards.filter(
          (card) => card.issued_at.toISOString() < startedAt && (versionOf.get(`${card.token}|${name}`) ?? 0) < version,
        );
        const finished = await vault.replaceManagementKeys(
          record.activationKey,
          `${label}#${version}`,
          due.map((card) => {
            const identity = { pan: panOf.get(card.token)!, psn: card.psn, homeCityCode: card.home_city };
            return {
              activationFactors: region.factors(record.activationKey, identity),
              managementFactors: region.factors(label, identity),
              sfi: record.sfi,
              recordId: recordIdOf(record),
            };
          }),
        );
        due.forEach((card, index) => {
          const list = commands.get(card.token) ?? [];
          list.push({ label, record: name, version, command: toHex(finished[index]!) });
          commands.set(card.token, list);
        });
      }
    }
    // account numbers are not sent back
    return { cards: tokens.map((token) => commands.get(token) ?? []) };
  }

  /** Terminals say which records have taken their next key. Sent twice, it is noted once. */
  async replaced(items: readonly Replaced[], who: string): Promise<{ noted: number }> {
    if (items.length === 0) return { noted: 0 };
    const { vault, store, now } = this.#context;
    const time = now();
    await store.database.transaction().execute(async (transaction) => {
      await bulkInsert(
        'card_record_key',
        [
          ...['card_token', 'record', 'label'].map((name) => ({ name, type: 'text' as const })),
          { name: 'version', type: 'integer' },
          { name: 'replaced_at', type: 'timestamptz' },
        ],
        items.map(({ card, record, label, version }) => ({
          ...{ card_token: vault.token(card), record, label, version, replaced_at: time.toISOString() },
        })),
        'ON CONFLICT (card_token, record) DO UPDATE SET version = GREATEST(card_record_key.version, excluded.version), replaced_at = excluded.replaced_at',
      ).execute(transaction);
      await audit(transaction, time, {
        ...{ who, what: 'record-keys.replaced', subject: [...new Set(items.map(({ label }) => label))].join(' ') },
        detail: { count: items.length },
      });
    });
    return { noted: items.length };
  }

  async #rotated(): Promise<Rotated[]> {
    const { vault, region } = this.#context;
    const labels = new Set([...region.records.values()].map((record) => record.managementKey));
    const keys = (await vault.list()).filter(({ label }) => labels.has(label));
    return [...labels].sort().flatMap((label) => {
      const versions = keys.filter((key) => key.label === label).sort((x, y) => y.version - x.version);
      const newest = versions.find(({ state }) => state === 'active');
      const previous = versions.find(({ version }) => version < (newest?.version ?? 0));
      if (newest === undefined || previous === undefined) return [];
      const { overlapEndsAt } = previous;
      const rotated = {
        label,
        version: newest.version,
        previousVersion: previous.version,
        startedAt: newest.createdAt,
      };
      return [overlapEndsAt === undefined ? rotated : { ...rotated, overlapEndsAt }];
    });
  }

  #recordsUnder(label: string): [name: string, record: RegionRecord][] {
    return [...this.#context.region.records].filter(([, record]) => record.managementKey === label);
  }

  async #describe(rotated: Rotated): Promise<Rotation> {
    const { database } = this.#context.store;
    const records = this.#recordsUnder(rotated.label).length;
    const { rows: cards } = await sql<{ total: number; issued: number; updated: number }>`
      SELECT (SELECT count(*) FROM card)::int AS total,
             (SELECT count(*) FROM card WHERE issued_at >= ${rotated.startedAt}::timestamptz)::int AS issued,
             (SELECT count(*) FROM (
                SELECT card_token FROM card_record_key
                WHERE label = ${rotated.label} AND version >= ${rotated.version}
                GROUP BY card_token HAVING count(*) >= ${records}) AS whole)::int AS updated`.execute(database);
    const { rows: psams } = await sql<{ total: number; new: number }>`
      SELECT count(*)::int AS total,
             count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM jsonb_array_elements(keys) AS held
               WHERE held ->> 'label' = ${rotated.label} AND (held ->> 'version')::int >= ${rotated.version}))::int AS new
      FROM sam WHERE state = 'issued'`.execute(database);
    const holders = (total: number, onNew: number) => ({ total, onNew, onOld: total - onNew });
    const { total, issued, updated } = cards[0]!;
    const sams = holders(psams[0]!.total, psams[0]!.new);
    return {
      ...rotated,
      cards: holders(total, issued + updated),
      // a terminal is as new as the PSAM that is bound to it
      ...{ psams: sams, terminals: sams },
    };
  }
}

function recordIdOf(record: RegionRecord): number {
  const id = record.codec.recordId;
  return record.type === 'cyclic' || id === undefined ? 0 : (id[0]! << 8) | id[1]!;
}
