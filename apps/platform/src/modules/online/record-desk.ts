/**
 * Industry records rewritten by a counter that is on the line (行业信息更新): the counter says which record, as it read it
 * and as it shall be; the vault makes the finished command for the running transaction of the card. What the card's
 * issue settled, its class and its home city, no counter changes.
 */
import { equalBytes, PolycardError } from '@polycard/bytes';
import type { PlatformContext } from '../../context.ts';
import type { RegionRecord } from '../../region.ts';
import { actAs } from '../audit/acting.ts';
import { audit } from '../audit/service.ts';
import { INDUSTRY_CODES, type IndustryAnswer, type IndustryAsker } from './industry-desk.ts';
import type { OnlineKey } from './transactions.ts';

export interface RecordChange {
  readonly token: string;
  readonly application: string;
  readonly sfi: number;
  /** 2 bytes. */
  readonly recordId: Uint8Array;
  /** Counter of the card's running transaction. */
  readonly atc: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Fields that a card has from its issue. */
const FIXED_FIELDS: ReadonlySet<string> = new Set(['cardClass', 'homeCity']);

export class RecordDesk {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /**
   * The finished UPDATE CAPP DATA CACHE under one version of the management key, the newest first (`part` 1): while a key
   * is rotated a card may have an older one, and refuses the other's MAC without harm.
   */
  async command(asker: IndustryAsker, change: RecordChange, part: number): Promise<IndustryAnswer> {
    const { region, store, vault } = this.#context;
    const record = await this.#record(change);
    if (record === undefined) return { code: INDUSTRY_CODES.notForCard };
    const fields = changedFields(record, change);
    if (fields === undefined) return { code: INDUSTRY_CODES.format };
    if (fields.some((field) => FIXED_FIELDS.has(field))) return { code: INDUSTRY_CODES.notForCard };
    const card = await store.database
      .selectFrom('card')
      .select(['pan_sealed', 'psn', 'home_city'])
      .where('token', '=', change.token)
      .executeTakeFirstOrThrow();
    const pan = new TextDecoder().decode(vault.open(card.pan_sealed, `card:${change.token}`));
    const versions = await this.#keyVersions(change.token, record);
    const version = versions[part - 1];
    if (version === undefined) return { code: INDUSTRY_CODES.format };
    const { cappMacAlgorithm } = region.blueprint.cards.profile;
    const [command] = await actAs({ who: `terminal ${asker.terminalNo}` }, () =>
      vault.updateRecords(`${record.managementKey}#${version}`, [
        {
          factors: region.factors(record.managementKey, { pan, psn: card.psn, homeCityCode: card.home_city }),
          ...{ atc: change.atc, sfi: change.sfi, record: change.after },
          ...(cappMacAlgorithm === undefined ? {} : { macAlgorithm: cappMacAlgorithm }),
        },
      ]),
    );
    return { code: INDUSTRY_CODES.approved, parts: versions.length, command: Buffer.from(command!).toString('hex') };
  }

  /** The card has it: one entry in the audit trail, however often it is told. */
  async done(asker: IndustryAsker, key: OnlineKey, change: RecordChange): Promise<IndustryAnswer> {
    const record = await this.#record(change);
    const fields = record === undefined ? undefined : changedFields(record, change);
    if (record === undefined || fields === undefined) return { code: INDUSTRY_CODES.notForCard };
    const { store, now } = this.#context;
    await store.database.transaction().execute(async (transaction) => {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('record_update')
        .values({
          ...{ terminal_no: key.terminalNo, batch_no: key.batchNo, trace_no: key.traceNo, card_token: change.token },
          ...{ application: change.application, record: record.codec.name, atc: change.atc },
          updated_at: now(),
        })
        .onConflict((conflict) => conflict.columns(['terminal_no', 'batch_no', 'trace_no']).doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return;
      const values = (bytes: Uint8Array) => record.codec.decode(bytes);
      const [before, after] = [values(change.before), values(change.after)];
      await audit(transaction, now(), {
        ...{ who: `terminal ${asker.terminalNo}`, what: 'record.updated', subject: change.token },
        detail: {
          ...{ application: change.application, record: record.codec.name, atc: change.atc },
          changes: Object.fromEntries(fields.map((field) => [field, [before[field] ?? '', after[field] ?? '']])),
        },
      });
    });
    return { code: INDUSTRY_CODES.approved };
  }

  /** The record, where the card's product carries its application. */
  async #record({ token, application, sfi, recordId }: RecordChange): Promise<RegionRecord | undefined> {
    const { region, store } = this.#context;
    const card = await store.database
      .selectFrom('card')
      .select('product')
      .where('token', '=', token)
      .executeTakeFirst();
    const product = region.blueprint.cards.products.find(({ id }) => id === card?.product);
    if (product?.applications.includes(application) !== true) return undefined;
    return [...region.records.values()].find(
      (record) =>
        record.application === application &&
        record.sfi === sfi &&
        record.codec.recordId !== undefined &&
        equalBytes(record.codec.recordId, recordId),
    );
  }

  /** Of the key in this record of this card: the one it was given last, or all that may be on it, newest first. */
  async #keyVersions(token: string, { managementKey, codec }: RegionRecord): Promise<number[]> {
    const { store, vault } = this.#context;
    const known = await store.database
      .selectFrom('card_record_key')
      .select('version')
      .where('card_token', '=', token)
      .where('record', '=', codec.name)
      .executeTakeFirst();
    if (known !== undefined) return [known.version];
    const keys = await vault.list();
    return keys
      .filter(({ label, state }) => label === managementKey && (state === 'active' || state === 'retired'))
      .map(({ version }) => version)
      .sort((a, b) => b - a);
  }
}

/** Names of the fields that differ; undefined for what is no image of this record. */
function changedFields({ codec }: RegionRecord, { before, after }: RecordChange): string[] | undefined {
  if (before.length !== after.length || before.length !== codec.lengthBytes) return undefined;
  if (![before, after].every((bytes) => equalBytes(bytes.subarray(0, 2), codec.recordId!))) return undefined;
  try {
    const [from, to] = [codec.decode(before), codec.decode(after)];
    return Object.keys(to).filter((field) => from[field] !== to[field]);
  } catch (error) {
    if (error instanceof PolycardError) return undefined;
    throw error;
  }
}
