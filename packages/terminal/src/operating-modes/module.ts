/**
 * Orders of the centre on the terminal, modes of stations and ends of campaigns: downloaded after each sign-in as set `MOD`, kept over a loss of power, in force at their
 * instant without the host. A station that is offline orders its own modes at once (a button); what it did is in its
 * taps, and clearing asks who ordered it.
 */
import type { EndedCampaign, ModeOrder } from '@polycard/blueprint';
import { StoredShelf } from '../docking/kept-state.ts';
import type { DockingModule, DockingSession } from '../docking/module.ts';
import type { TerminalStorage } from '../docking/storage.ts';
import { type DownloadedSet, openSet } from '../parameters/sets.ts';
import type { Terminal } from '../terminal.ts';

const SET = 'MOD';

export class ModeOrders implements DockingModule {
  #shelf: StoredShelf | undefined;
  #version = '';
  #orders: readonly ModeOrder[] = [];
  #own: ModeOrder[] = [];
  #ended: readonly EndedCampaign[] = [];

  /** Orders of the network and of this station's own button. */
  get orders(): readonly ModeOrder[] {
    return [...this.#orders, ...this.#own];
  }

  /** Campaigns whose budget is used up. */
  get endedCampaigns(): readonly EndedCampaign[] {
    return this.#ended;
  }

  restore(storage: TerminalStorage): void {
    this.#shelf = new StoredShelf(storage);
    const held = this.#shelf.get(SET);
    if (held !== undefined) this.#take(held);
  }

  async afterSignIn(session: DockingSession): Promise<void> {
    const downloaded = await session.download(SET, this.#version);
    if (downloaded === undefined) return;
    this.#take(downloaded);
    this.#shelf?.set(SET, downloaded);
  }

  beforeTap(terminal: Terminal): void {
    terminal.modeOrders = this.orders;
    terminal.endedCampaigns = this.#ended;
  }

  /** The button at the station itself. */
  orderHere(order: ModeOrder): void {
    this.#own = [...this.#own.filter(({ id }) => id !== order.id), order];
  }

  #take(set: DownloadedSet): void {
    const { orders, ended = [] } = openSet<{
      readonly orders: readonly ModeOrder[];
      readonly ended?: readonly EndedCampaign[];
    }>(SET, set);
    this.#orders = orders;
    this.#ended = ended;
    this.#version = set.version;
  }
}
