/** The host cases against our own host, whole or broken in one way. */
import type { CaseResult } from '../case.ts';
import { TlsFront } from '../line/tls-front.ts';
import { WatchingProxy } from '../line/watching-proxy.ts';
import { issueOwnCards, testCardOf } from '../self/own-card.ts';
import { enrolFresh, type OwnPlatform } from '../self/own-platform.ts';
import type { BrokenHost } from './broken-hosts.ts';
import type { KitCard } from './kit-card.ts';
import { type HostRun, runHostCases } from './run-host.ts';
import type { HostAddress } from './terminal-player.ts';

/** One card of each platform serves all its runs: its counter goes on. */
const kitCards = new WeakMap<OwnPlatform, Promise<KitCard>>();

function kitCardOf(own: OwnPlatform): Promise<KitCard> {
  const known =
    kitCards.get(own) ??
    issueOwnCards(own, 1).then(([issued]) => ({
      ...{ card: testCardOf(issued!.snapshot, own.random), random: own.random },
    }));
  kitCards.set(own, known);
  return known;
}

export async function runOwnHost(
  own: OwnPlatform,
  run: Pick<HostRun, 'localTime' | 'only' | 'cases' | 'onResult'>,
  broken?: BrokenHost,
): Promise<CaseResult[]> {
  const identity = await enrolFresh(own);
  const card = await kitCardOf(own);
  const bench = (address: HostAddress) => ({
    ...{ address, authority: own.authority.own.certificate },
    certificateOf: own.authority.certificateOf.bind(own.authority),
  });
  const tls = bench(own.platform.gatewayTls!);
  if (broken === undefined) return runHostCases({ ...run, identity, card, tls, address: own.platform.gateway });
  if (broken.credulity !== undefined) {
    const front = new TlsFront(
      own.hostCertificate,
      own.authority.own.certificate,
      own.platform.gateway,
      broken.credulity,
    );
    try {
      const credulous = bench(await front.listen());
      return await runHostCases({ ...run, identity, card, tls: credulous, address: own.platform.gateway });
    } finally {
      await front.close();
    }
  }
  const proxy = new WatchingProxy(own.platform.gateway, identity, broken.make());
  const address = await proxy.listen();
  try {
    return await runHostCases({ ...run, identity, card, tls, address });
  } finally {
    await proxy.close();
  }
}
