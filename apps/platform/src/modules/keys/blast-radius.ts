/** What stands behind a key: cards, terminals and money that depend on it. */
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';

export interface BlastRadius {
  readonly keys: number;
  readonly cards: number;
  readonly terminals: number;
  /** What was put on those cards at issue, less what was cleared since. */
  readonly balanceFen: number;
}

/** Of an issuer's key its cards; of a region's key every card; terminals where PSAMs hold keys below it. */
export async function blastRadius(context: PlatformContext, name: string | undefined): Promise<BlastRadius> {
  if (name === undefined) return { keys: 0, cards: 0, terminals: 0, balanceFen: 0 };
  const { store, vault, region } = context;
  const key = await vault.show(name);
  const label = key.label;
  const issuer = region.blueprint.parties.find((party) => party.kind === 'issuer' && label.startsWith(`${party.id}:`));
  const cards = await sql<{ cards: number; balance: number }>`
    SELECT count(*)::bigint AS cards,
      coalesce(sum(issued_balance_fen), 0)::bigint - coalesce((
        SELECT sum(charged_fen) FROM tap JOIN card c ON c.token = tap.card_token
        WHERE tap.state IN ('cleared', 'settled') AND (${issuer?.id ?? null}::text IS NULL OR c.issuer_id = ${issuer?.id ?? null})
      ), 0)::bigint AS balance
    FROM card WHERE ${issuer?.id ?? null}::text IS NULL OR issuer_id = ${issuer?.id ?? null}`.execute(store.database);
  const holdsCards = !['zone', 'data-at-rest'].includes(key.usage);
  const terminals =
    key.usage === 'management' || key.usage === 'data-at-rest' || key.usage === 'certificate-authority'
      ? await store.database
          .selectFrom('terminal')
          .select(({ fn }) => fn.countAll<number>().as('terminals'))
          .executeTakeFirstOrThrow()
      : { terminals: 0 };
  const levels = region.blueprint.keys.find((tree) => tree.label === label.split(':').at(-1))?.dispersion.length ?? 0;
  const found = cards.rows[0]!;
  return {
    keys: 1 + (holdsCards ? found.cards : 0) * (levels > 0 ? 1 : 0),
    cards: holdsCards ? found.cards : 0,
    terminals: terminals.terminals,
    balanceFen: holdsCards ? found.balance : 0,
  };
}
