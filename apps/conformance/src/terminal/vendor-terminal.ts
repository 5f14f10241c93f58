/**
 * The terminal cases against a vendor's terminal: it connects to this bench, cards are put into its reader over vpcd. What
 * it is to do is asked of a person or of a command of the vendor's.
 */
import { encodeAtr, PolycardError } from '@polycard/bytes';
import { serveOverVpcd } from '@polycard/readers';
import type { TestCard } from '../card/test-card.ts';
import type { CaseResult } from '../case.ts';
import type { HostAddress } from '../host/terminal-player.ts';
import type { TerminalIdentity } from '../line/identity.ts';
import { WatchingProxy } from '../line/watching-proxy.ts';
import { issueOwnCards, testCardOf } from '../self/own-card.ts';
import { OwnLists } from '../self/own-lists.ts';
import type { OwnPlatform } from '../self/own-platform.ts';
import type { Act, ActOutcome, TerminalDriver } from './driver.ts';
import { runTerminalCases, type TerminalRun } from './run-terminal.ts';

/** Has the terminal do it and says how it went. */
export type Asked = (act: Act, hours?: number) => Promise<ActOutcome>;

export interface VendorRun extends Pick<TerminalRun, 'only' | 'cases' | 'onResult'> {
  readonly listen: HostAddress;
  /** The bench's own reader line into the vendor's terminal; without it cards are tapped by hand and the card cases say so. */
  readonly vpcd?: HostAddress | undefined;
  readonly identity: TerminalIdentity;
  readonly ask: Asked;
  /** Told where the bench listens, before the first case. */
  readonly onListening: (address: HostAddress) => Promise<void>;
}

export async function runVendorTerminal(own: OwnPlatform, run: VendorRun): Promise<CaseResult[]> {
  const [issued] = await issueOwnCards(own, 1);
  const proxy = new WatchingProxy(own.platform.gateway, run.identity);
  await run.onListening(await proxy.listen(run.listen.port, run.listen.host));
  const driver = new VendorTerminal(run.ask, run.vpcd);
  try {
    return await runTerminalCases({
      ...run,
      proxy,
      driverFor: async () => driver,
      cardFor: () => testCardOf(issued!.snapshot, own.random),
      lists: new OwnLists(own, issued!.token),
    });
  } finally {
    await proxy.close();
  }
}

class VendorTerminal implements TerminalDriver {
  readonly #ask: Asked;
  readonly #vpcd: HostAddress | undefined;

  constructor(ask: Asked, vpcd: HostAddress | undefined) {
    this.#ask = ask;
    this.#vpcd = vpcd;
  }

  async act(act: Act, card: TestCard | undefined, hours?: number): Promise<ActOutcome> {
    if (card === undefined || this.#vpcd === undefined) return this.#ask(act, hours);
    const served = serveOverVpcd(
      leavingQuietly(card, () => served.stop()),
      this.#vpcd,
      () => undefined,
    );
    try {
      return await this.#ask(act);
    } finally {
      served.stop();
      await served.stopped.catch(() => undefined);
    }
  }

  close(): void {
    // it is the vendor's: it goes on
  }
}

/** A card that leaves the field ends the line to the reader instead of failing inside. */
function leavingQuietly(card: TestCard, leave: () => void) {
  return {
    atr: encodeAtr('contactless', new TextEncoder().encode('CONFORM')),
    reset: () => card.reset(),
    transmit: (command: Uint8Array): Uint8Array => {
      try {
        return card.transmit(command);
      } catch (error) {
        if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_CHANNEL_CARD_LOST') throw error;
        leave();
        return Uint8Array.of(0x6f, 0x00);
      }
    },
  };
}
