/**
 * Zones whose transport key comes in components: each is entered by another person who holds a share of the tree, sealed
 * until the last one is there. A zone carries the keys of one tree; the people of that tree open it.
 */
import { fromHex } from '@polycard/bytes';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { humanOf, permissionsOf } from '../approvals/permissions.ts';
import { audit } from '../audit/service.ts';
import type { SignedIn } from '../session/service.ts';
import type { ZoneBody } from './api.ts';

const COMPONENT_LOCK = 20261125;
const sealedAs = (zoneId: string, who: string): string => `zone-component:${zoneId}:${who}`;

export class ExchangeZones {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async open(body: ZoneBody, account: SignedIn) {
    const { store, vault, now } = this.#context;
    this.#mustHave(account, `keys.${body.tree}.request`);
    if ((await vault.list()).some(({ label }) => label === `zone:${body.zoneId}`))
      throw problem('POLYCARD_VAULT_CONFLICT', `there is a zone ${body.zoneId} already`, 'zoneId');
    await store.database.transaction().execute(async (transaction) => {
      const made = await transaction
        .insertInto('exchange_zone')
        .values({
          ...{ zone_id: body.zoneId, counterpart: body.counterpart, tree: body.tree, algorithm: body.algorithm },
          ...{ components: body.components, check_value: body.checkValue ?? '', state: 'waiting' },
          ...{ opened_by: account.name, opened_at: now() },
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('zone_id')
        .executeTakeFirst();
      if (made === undefined)
        throw problem('POLYCARD_VAULT_CONFLICT', `there is a zone ${body.zoneId} already`, 'zoneId');
      await audit(transaction, now(), {
        ...{ who: account.name, what: 'exchange.zone-opened', subject: body.zoneId },
        detail: { counterpart: body.counterpart, tree: body.tree, components: body.components },
      });
    });
    return this.one(body.zoneId);
  }

  /** One person's component; the last one makes the key. Throws `POLYCARD_VAULT_COMPONENT` naming a wrong one. */
  async enter(zoneId: string, component: { component: string; checkValue: string }, account: SignedIn) {
    const { store, vault, now } = this.#context;
    const zone = await this.#row(zoneId);
    this.#mustHave(account, `keys.${zone.tree}.share`);
    if (zone.state === 'active') throw problem('POLYCARD_EXCHANGE_ZONE', `zone ${zoneId} has its key`, 'zoneId');
    const complete = await store.database.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${COMPONENT_LOCK})`.execute(transaction);
      const entered = await transaction
        .selectFrom('exchange_component')
        .select('who')
        .where('zone_id', '=', zoneId)
        .execute();
      const human = humanOf(this.#context, account.name);
      if (entered.some(({ who }) => humanOf(this.#context, who) === human))
        throw problem('POLYCARD_EXCHANGE_TWICE', `${account.name} has entered a component already`, 'zoneId');
      await transaction
        .insertInto('exchange_component')
        .values({
          ...{ zone_id: zoneId, who: account.name, check_value: component.checkValue, entered_at: now() },
          sealed: vault.seal(fromHex(component.component), sealedAs(zoneId, account.name)),
        })
        .execute();
      await audit(transaction, now(), {
        ...{ who: account.name, what: 'exchange.component-entered', subject: zoneId },
        detail: { checkValue: component.checkValue },
      });
      return entered.length + 1 >= zone.components;
    });
    if (complete) await this.#combine(zone);
    return this.one(zoneId);
  }

  async one(zoneId: string) {
    return this.#describe(await this.#row(zoneId));
  }

  async list() {
    const zones = await this.#context.store.database
      .selectFrom('exchange_zone')
      .selectAll()
      .orderBy('opened_at', 'desc')
      .execute();
    return Promise.all(zones.map((zone) => this.#describe(zone)));
  }

  /** All components are there: the key is made from them and they are deleted, whatever came of it. */
  async #combine(row: ZoneRow): Promise<void> {
    const { store, vault } = this.#context;
    const { zone_id: zoneId } = row;
    const parts = await store.database
      .selectFrom('exchange_component')
      .selectAll()
      .where('zone_id', '=', zoneId)
      .orderBy('entered_at')
      .execute();
    const components = parts.map(({ who, sealed, check_value: checkValue }) => ({
      bytes: vault.open(sealed!, sealedAs(zoneId, who)),
      checkValue,
    }));
    try {
      const label = `zone:${zoneId}`;
      const algorithm = row.algorithm as '3DES' | 'AES';
      const specification = { label, usage: 'zone', algorithm, owner: row.counterpart, carries: [row.tree] } as const;
      const stated = row.check_value === '' ? undefined : row.check_value;
      const key = await vault.importComponents(specification, components, stated);
      await vault.changeState(`${label}#${key.version}`, 'active');
      await store.database
        .updateTable('exchange_zone')
        .set({ state: 'active', check_value: key.checkValue })
        .where('zone_id', '=', zoneId)
        .execute();
      await store.database
        .updateTable('exchange_component')
        .set({ sealed: null })
        .where('zone_id', '=', zoneId)
        .execute();
    } catch (error) {
      // a wrong component is named by its number; everybody enters theirs again
      await store.database.deleteFrom('exchange_component').where('zone_id', '=', zoneId).execute();
      const number = /component (\d+)/.exec((error as Error).message)?.[1];
      const who = number === undefined ? undefined : parts[Number(number) - 1]?.who;
      const { code = 'POLYCARD_INTERNAL', message } = error as { code?: string; message: string };
      throw who === undefined ? error : problem(code, `${message} (entered by ${who})`, who);
    } finally {
      for (const { bytes } of components) bytes.fill(0);
    }
  }

  async #row(zoneId: string): Promise<ZoneRow> {
    const row = await this.#context.store.database
      .selectFrom('exchange_zone')
      .selectAll()
      .where('zone_id', '=', zoneId)
      .executeTakeFirst();
    if (row === undefined) throw problem('POLYCARD_EXCHANGE_UNKNOWN', `there is no zone ${zoneId}`, 'zoneId');
    return row;
  }

  async #describe(row: ZoneRow) {
    const entered = await this.#context.store.database
      .selectFrom('exchange_component')
      .select('who')
      .where('zone_id', '=', row.zone_id)
      .orderBy('entered_at')
      .execute();
    return {
      ...{
        zoneId: row.zone_id,
        counterpart: row.counterpart,
        tree: row.tree,
        algorithm: row.algorithm,
        state: row.state,
      },
      components: { needed: row.components, enteredBy: entered.map(({ who }) => who) },
      ...(row.state === 'active' ? { checkValue: row.check_value } : {}),
    };
  }

  #mustHave(account: SignedIn, permission: string): void {
    if (!permissionsOf(this.#context, account).has(permission))
      throw problem('POLYCARD_SESSION_FORBIDDEN', `this needs the permission ${permission}`);
  }
}

interface ZoneRow {
  readonly zone_id: string;
  readonly counterpart: string;
  readonly tree: 'activation' | 'management' | 'issuer';
  readonly algorithm: string;
  readonly components: number;
  readonly check_value: string;
  readonly state: 'waiting' | 'active';
}
