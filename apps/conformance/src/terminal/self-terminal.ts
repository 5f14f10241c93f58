/** The terminal cases against our own terminal, whole or broken in one way. */
import { readBlueprint } from '@polycard/platform';
import { ParameterCompiler } from '@polycard/terminal';
import type { CaseResult } from '../case.ts';
import { WatchingProxy } from '../line/watching-proxy.ts';
import { issueOwnCards, testCardOf } from '../self/own-card.ts';
import { OwnLists } from '../self/own-lists.ts';
import { enrolWithPsam, type OwnPlatform } from '../self/own-platform.ts';
import { OwnTerminal } from '../self/own-terminal.ts';
import type { BrokenTerminal } from './broken-terminals.ts';
import type { TerminalDriver } from './driver.ts';
import { runTerminalCases, type TerminalRun } from './run-terminal.ts';

/** A card as issued, and what every run shares; each case gets a terminal that was never there before. */
export async function prepareOwnTerminal(own: OwnPlatform) {
  const [issued] = await issueOwnCards(own, 1);
  const compiler = new ParameterCompiler();
  const { utcOffsetMinutes } = readBlueprint(own.blueprintDirectory).manifest.region;
  return async (
    run: Pick<TerminalRun, 'only' | 'cases' | 'onResult'>,
    broken?: BrokenTerminal,
  ): Promise<CaseResult[]> => {
    const lists = new OwnLists(own, issued!.token);
    const first = await enrolWithPsam(own);
    const proxy = new WatchingProxy(own.platform.gateway, first.identity);
    const bench = await proxy.listen();
    const inner: WatchingProxy[] = [];
    const driverFor = async (isFresh: boolean): Promise<TerminalDriver> => {
      const { identity, psam, listKey } = await enrolWithPsam(own);
      proxy.follow(identity);
      let gateway = bench;
      if (broken?.line !== undefined) {
        const spoilt = new WatchingProxy(bench, identity, broken.line(identity));
        inner.push(spoilt);
        gateway = await spoilt.listen();
      }
      const options = { identity, psam, listKey, gateway, random: own.random, compiler, utcOffsetMinutes };
      const terminal = broken?.make?.(options) ?? new OwnTerminal(options);
      if (!isFresh) for (const act of ['sign-in', 'download'] as const) await terminal.act(act, undefined);
      return terminal;
    };
    try {
      return await runTerminalCases({
        ...run,
        proxy,
        driverFor,
        lists,
        cardFor: () => testCardOf(issued!.snapshot, own.random),
      });
    } finally {
      for (const spoilt of inner) await spoilt.close();
      await proxy.close();
    }
  };
}
