/** The host cases against our own host, whole or broken in one way. */
import type { CaseResult } from '../case.ts';
import { WatchingProxy } from '../line/watching-proxy.ts';
import { issueOwnCards, testCardOf } from '../self/own-card.ts';
import { enrolFresh, type OwnPlatform } from '../self/own-platform.ts';
import type { BrokenHost } from './broken-hosts.ts';
import { type HostRun, runHostCases } from './run-host.ts';

export async function runOwnHost(
  own: OwnPlatform,
  run: Pick<HostRun, 'localTime' | 'only' | 'cases' | 'onResult'>,
  broken?: BrokenHost,
): Promise<CaseResult[]> {
  const identity = await enrolFresh(own);
  const [issued] = await issueOwnCards(own, 1);
  const card = { card: testCardOf(issued!.snapshot, own.random), random: own.random };
  if (broken === undefined) return runHostCases({ ...run, identity, card, address: own.platform.gateway });
  const proxy = new WatchingProxy(own.platform.gateway, identity, broken.make());
  const address = await proxy.listen();
  try {
    return await runHostCases({ ...run, identity, card, address });
  } finally {
    await proxy.close();
  }
}
