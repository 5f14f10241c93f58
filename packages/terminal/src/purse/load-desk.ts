/**
 * A counter that loads purses: a load is noted before its CREDIT FOR LOAD is sent, and no card is loaded while an
 * earlier load of it is open, whichever counter it was torn at. The issuer's host is told how each load ended: it
 * gave MAC2 and waits to know whether the money arrived.
 */
import { type CardChannel, toHex } from '@polycard/bytes';
import type { LoadRequest } from '@polycard/emv';
import { CardSession, isCardLost } from '../kernel/exchange.ts';
import { Refusal } from '../kernel/outcome.ts';
import { type LoadOptions, type LoadOutcome, loadPurse, resolveLoad } from './load.ts';
import { PurseCard } from './purse-card.ts';

/** Loads whose end nobody knows yet. At the counter, at the host, or both: each forgets one when it is told. */
export interface OpenLoads {
  find(serial: string): LoadRequest | undefined;
  /** Durable when it returns. */
  opened(request: LoadRequest): void;
  ended(request: LoadRequest, end: LoadEnd): void;
}

export type LoadEnd =
  | { readonly result: 'loaded'; readonly tac: Uint8Array }
  /** The card refused CREDIT FOR LOAD, or its counter says that it never arrived. */
  | { readonly result: 'not-loaded' };

export type LoadDeskOutcome =
  | (Extract<LoadOutcome, { result: 'loaded' }> & { readonly recovered: boolean })
  | Exclude<LoadOutcome, { result: 'loaded' }>;

export class LoadDesk {
  readonly #loads: OpenLoads;

  constructor(loads: OpenLoads) {
    this.#loads = loads;
  }

  load(channel: CardChannel, options: LoadOptions): LoadDeskOutcome {
    const serial = serialOf(channel, options);
    const open = serial === undefined ? undefined : this.#loads.find(serial);
    if (open !== undefined) {
      const resolved = resolveLoad(channel, options, open);
      if (resolved.state === 'torn') return { result: 'torn', request: open };
      if (resolved.state === 'unclear')
        return {
          result: 'refused',
          reason: 'torn-unclear',
          detail: 'the card does not say whether its last load arrived',
        };
      if (resolved.state === 'loaded') {
        this.#loads.ended(open, { result: 'loaded', tac: resolved.tac });
        // the same load, asked for again: it is done
        if (open.amountFen === options.amountFen)
          return { result: 'loaded', request: open, tac: resolved.tac, recovered: true };
      } else {
        this.#loads.ended(open, { result: 'not-loaded' });
      }
    }
    const outcome = loadPurse(channel, { ...options, beforeCredit: (request) => this.#loads.opened(request) });
    if (outcome.result === 'loaded') {
      this.#loads.ended(outcome.request, { result: 'loaded', tac: outcome.tac });
      return { ...outcome, recovered: false };
    }
    if (outcome.result === 'refused' && outcome.request !== undefined)
      this.#loads.ended(outcome.request, { result: 'not-loaded' });
    return outcome;
  }
}

/** Undefined for a card that is no purse, or left. */
function serialOf(channel: CardChannel, { aid, at }: LoadOptions): string | undefined {
  const card = new PurseCard(new CardSession(channel, () => 0));
  try {
    card.select(aid);
    return toHex(card.identify(at).serial);
  } catch (error) {
    if (isCardLost(error) || error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Open loads in memory, by serial. */
export class OpenLoadList implements OpenLoads {
  readonly ends: { readonly request: LoadRequest; readonly end: LoadEnd }[] = [];
  readonly #open = new Map<string, LoadRequest>();

  find(serial: string): LoadRequest | undefined {
    return this.#open.get(serial);
  }

  opened(request: LoadRequest): void {
    this.#open.set(toHex(request.card.serial), request);
  }

  ended(request: LoadRequest, end: LoadEnd): void {
    if (this.#open.delete(toHex(request.card.serial))) this.ends.push({ request, end });
  }

  get openCount(): number {
    return this.#open.size;
  }
}
