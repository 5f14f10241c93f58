/** Orders a station's operating modes and ends them. An act and its audit entry are one transaction. */

import type { OperatingMode } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import { modeConflict, modesAt } from '@polycard/fares';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit/service.ts';
import type { EndModeOrder, ModeOrderAnswer, NewModeOrder } from './api.ts';
import { digits, iso, ordersSince } from './store.ts';

export class OperatingModeService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async list(): Promise<ModeOrderAnswer[]> {
    const rows = await this.#context.store.database
      .selectFrom('mode_order')
      .selectAll()
      .orderBy('from_at', 'desc')
      .orderBy('id')
      .limit(500)
      .execute();
    return rows.map((row) => ({
      ...{ id: row.id, place: row.place_code, modes: row.modes as OperatingMode[], from: iso(row.from_at) },
      ...(row.to_at === null ? {} : { to: iso(row.to_at) }),
      ...{ reason: row.reason, orderedBy: row.ordered_by, orderedAt: row.ordered_at.toISOString() },
    }));
  }

  /** From now unless it says when. Throws for a station that is none and for modes that cannot stand together. */
  async order(request: NewModeOrder, who: string): Promise<{ id: string }> {
    const { store, region, now, random } = this.#context;
    const time = now();
    const from = digits(request.from ?? region.localTime(time));
    const to = request.to === undefined ? undefined : digits(request.to);
    if (to !== undefined && to <= from) throw problem('POLYCARD_MODE_ORDER', 'it ends before it begins', 'to');
    const isStation = region.blueprint.networks.some(({ stations }) =>
      stations.some(({ code }) => code === request.place),
    );
    if (!isStation) throw problem('POLYCARD_MODE_ORDER', `there is no station ${request.place}`, 'place');
    const id = `M${toHex(random(6))}`;
    await store.database.transaction().execute(async (transaction) => {
      const standing = modesAt(await ordersSince(transaction, from), request.place, from);
      const conflict = modeConflict([...new Set([...standing, ...request.modes])]);
      if (conflict !== undefined) throw problem('POLYCARD_MODE_ORDER', conflict, 'modes');
      const row = { id, place_code: request.place, modes: request.modes, from_at: from, to_at: to ?? null };
      await transaction
        .insertInto('mode_order')
        .values({ ...row, reason: request.reason, ordered_by: who, ordered_at: time.toISOString() })
        .execute();
      const { modes, reason } = request;
      await audit(transaction, time, {
        who,
        what: 'mode.ordered',
        subject: request.place,
        detail: { id, modes, from, to, reason },
      });
    });
    return { id };
  }

  async end(id: string, request: EndModeOrder, who: string): Promise<{ ended: boolean }> {
    const { store, region, now } = this.#context;
    const time = now();
    const to = digits(request.to ?? region.localTime(time));
    return store.database.transaction().execute(async (transaction) => {
      const row = await transaction.selectFrom('mode_order').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw problem('POLYCARD_MODE_ORDER', `there is no order ${id}`, 'id');
      if (row.to_at !== null && row.to_at <= to) return { ended: false };
      await transaction.updateTable('mode_order').set({ to_at: to }).where('id', '=', id).execute();
      await audit(transaction, time, { who, what: 'mode.ended', subject: row.place_code, detail: { id, to } });
      return { ended: true };
    });
  }
}
