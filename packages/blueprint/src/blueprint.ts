import type { Application } from './schema/application.ts';
import type { Cards } from './schema/cards.ts';
import type { KeyTree } from './schema/keys.ts';
import type { Settlement, Terminals } from './schema/operation.ts';
import type { Manifest, Party } from './schema/region.ts';
import type { Network, Tariff } from './schema/tariff.ts';

/** A region as data: everything the platform, cards and terminals need to know about one province. */
export interface Blueprint {
  readonly manifest: Manifest;
  readonly parties: readonly Party[];
  readonly keys: readonly KeyTree[];
  readonly cards: Cards;
  readonly applications: readonly Application[];
  readonly tariffs: readonly Tariff[];
  readonly networks: readonly Network[];
  readonly terminals: Terminals;
  readonly settlement: Settlement;
}
