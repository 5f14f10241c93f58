/** Names by identifier for answers: parties, places, card classes, products. Small tables, read whole. */
import { NO_CODE } from '@polycard/terminal';
import type { PlatformContext } from '../context.ts';
import type { Words } from './api-types.ts';

export interface Names {
  party(id: string): { id: string; name: Words };
  place(code: string | null): { code: string; name: Words } | undefined;
  cardClass(id: string): Words;
  product(id: string): Words;
}

/** Where no record states one: a purchase in a shop reads none. */
const NONE: Words = { en: '–', zh: '–' };

export async function loadNames(context: PlatformContext): Promise<Names> {
  const { database } = context.store;
  const [parties, places] = await Promise.all([
    database.selectFrom('party').select(['id', 'name_en', 'name_zh']).execute(),
    database.selectFrom('place').select(['code', 'name_en', 'name_zh']).execute(),
  ]);
  const partyNames = new Map(parties.map((row) => [row.id, { en: row.name_en, zh: row.name_zh }]));
  const placeNames = new Map(places.map((row) => [row.code, { en: row.name_en, zh: row.name_zh }]));
  const { classes, products } = context.region.blueprint.cards;
  const unknown = (id: string): Words => ({ en: id, zh: id });
  return {
    party: (id) => ({ id, name: partyNames.get(id) ?? unknown(id) }),
    place: (code) => {
      const name = code === null ? undefined : placeNames.get(code);
      return name === undefined || code === null ? undefined : { code, name };
    },
    cardClass: (id) =>
      id === NO_CODE ? NONE : (classes.find((candidate) => candidate.id === id)?.name ?? unknown(id)),
    product: (id) => products.find((candidate) => candidate.id === id)?.name ?? unknown(id),
  };
}
