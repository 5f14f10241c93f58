/** Orders a station's operating modes and ends them. An act and its audit entry are one transaction. */
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { modeConflict, modesAt } from '@polycard/fares';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit/service.ts';
import type { EndModeOrder, NewModeOrder, OrderedModes } from './api.ts';
import { stations } from './queries.ts';
import { digits, ordersSince } from './store.ts';

export class OperatingModeService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /**
   * From now unless it says when; one order a station, all of them or none. One person orders, because an emergency cannot
   * wait for a second. Throws for a station that is none and for modes that cannot stand together.
   */
  async order(request: NewModeOrder, who: string): Promise<OrderedModes> {
    const { store, region, now } = this.#context;
    const time = now();
    const from = digits(request.from ?? region.localTime(time));
    const to = request.to === undefined ? undefined : digits(request.to);
    if (to !== undefined && to <= from) throw problem('POLYCARD_MODE_ORDER', 'it ends before it begins', 'to');
    const places = this.#places(request);
    const ids = places.map((place) => this.#idOf(request, place));
    await store.database.transaction().execute(async (transaction) => {
      const orders = await ordersSince(transaction, from);
      const { modes, reason } = request;
      for (const [index, place] of places.entries()) {
        const id = ids[index]!;
        const isKnown = await transaction.selectFrom('mode_order').select('id').where('id', '=', id).executeTakeFirst();
        if (isKnown !== undefined) continue;
        const standing = modesAt(orders, place, from);
        const conflict = modeConflict([...new Set([...standing, ...modes])]);
        if (conflict !== undefined) throw problem('POLYCARD_MODE_ORDER', `station ${place}: ${conflict}`, 'modes');
        const row = { id, place_code: place, modes, from_at: from, to_at: to ?? null };
        await transaction
          .insertInto('mode_order')
          .values({ ...row, reason, ordered_by: who, ordered_at: time.toISOString() })
          .execute();
        await audit(transaction, time, {
          who,
          what: 'mode.ordered',
          subject: place,
          detail: { id, modes, from, to, reason },
        });
      }
    });
    return { id: ids[0]!, ids };
  }

  #places({ place, places }: NewModeOrder): readonly string[] {
    const asked = [...new Set([...(place === undefined ? [] : [place]), ...(places ?? [])])];
    if (asked.length === 0) throw problem('POLYCARD_MODE_ORDER', 'it names no station', 'places');
    const known = new Set(stations(this.#context).map(({ code }) => code));
    const unknown = asked.find((code) => !known.has(code));
    if (unknown !== undefined) throw problem('POLYCARD_MODE_ORDER', `there is no station ${unknown}`, 'place');
    return asked;
  }

  #idOf({ id }: NewModeOrder, place: string): string {
    const { random } = this.#context;
    const bytes = id === undefined ? random(6) : sha256(new TextEncoder().encode(`${id} ${place}`)).slice(0, 6);
    return `M${toHex(bytes)}`;
  }

  async end(id: string, request: EndModeOrder, who: string): Promise<{ ended: boolean }> {
    const { store, region, now } = this.#context;
    const time = now();
    const to = digits(request.to ?? region.localTime(time));
    return store.database.transaction().execute(async (transaction) => {
      const row = await transaction.selectFrom('mode_order').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw problem('POLYCARD_MODE_ORDER', `there is no order ${id}`, 'id');
      if (row.to_at !== null && row.to_at <= to) return { ended: false };
      await transaction
        .updateTable('mode_order')
        .set({ to_at: to, ended_by: who, ended_at: time })
        .where('id', '=', id)
        .execute();
      await audit(transaction, time, { who, what: 'mode.ended', subject: row.place_code, detail: { id, to } });
      return { ended: true };
    });
  }
}
