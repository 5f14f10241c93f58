/** Set `MOD`: mode orders of the whole network, as far back as a gate or counter may need them, and ended campaigns. */
import { deflateSync } from 'node:zlib';
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { CHUNK_BYTES_MAX, encodeParameterAnswer, type ParameterAnswer, type ParameterRequest } from '@polycard/iso8583';
import type { PlatformContext } from '../context.ts';
import { endedCampaigns } from '../modules/campaigns/given.ts';
import { ordersSince } from '../modules/operating-modes/store.ts';
import type { SetPage } from './handlers/parameters.ts';
import { RC_00_APPROVED } from './response-codes.ts';
import type { TerminalDirectory } from './terminal-directory.ts';

export const MODE_SET = 'MOD';

export function modePages(context: PlatformContext, terminals: TerminalDirectory): SetPage {
  const set = new ModeSet(context);
  return async ({ terminal }, request) => {
    const answer = await set.page(request);
    if (answer.status !== 'more') await terminals.holdsModes(terminal, answer.version);
    return { code: RC_00_APPROVED, fields: { 62: encodeParameterAnswer(answer) } };
  };
}

/** Read afresh for each first page: an order reaches a station with its next download. */
class ModeSet {
  readonly #context: PlatformContext;
  #current: { readonly version: string; readonly bytes: Uint8Array } | undefined;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async page({ version, page }: ParameterRequest): Promise<ParameterAnswer> {
    const { store, region, now } = this.#context;
    let set = this.#current;
    if (page === 0 || set === undefined) {
      const orders = await ordersSince(store.database, region.localTime(now()));
      const content = JSON.stringify({ orders, ended: await endedCampaigns(this.#context) });
      const bytes = deflateSync(content);
      set = { version: toHex(sha256(bytes)).slice(0, 8), bytes };
      if (set.version !== this.#current?.version) await this.#keep(set.version, content);
      this.#current = set;
    }
    if (page === 0 && version === set.version)
      return { status: 'nothing-newer', version, page: 0, chunk: new Uint8Array(0) };
    const start = page * CHUNK_BYTES_MAX;
    const isLast = start + CHUNK_BYTES_MAX >= set.bytes.length;
    const chunk = set.bytes.subarray(start, start + CHUNK_BYTES_MAX);
    return { status: isLast ? 'last' : 'more', version: set.version, page, chunk };
  }

  /** What this version says, for those who ask later what a terminal knew. */
  async #keep(version: string, content: string): Promise<void> {
    await this.#context.store.database
      .insertInto('mode_set')
      .values({ version, content, made_at: this.#context.now().toISOString() })
      .onConflict((conflict) => conflict.column('version').doNothing())
      .execute();
  }
}
