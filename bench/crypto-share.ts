/** How much of the time goes into cryptography: the sampling profiler of this process, stacks through `packages/crypto`. */
import { Session } from 'node:inspector/promises';

const SAMPLING_INTERVAL_US = 200;

/** Runs `work` under the profiler. Gives the share of its samples, 0 to 1, that are inside `packages/crypto`. */
export async function shareInCrypto(work: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const inside = new Set<number>();
    const enter = (id: number, isInside: boolean): void => {
      const node = nodes.get(id)!;
      const now = isInside || node.callFrame.url.includes('/packages/crypto/src/');
      if (now) inside.add(id);
      for (const child of node.children ?? []) enter(child, now);
    };
    enter(profile.nodes[0]!.id, false);
    const isIdle = (id: number): boolean => /^\((idle|program)\)$/.test(nodes.get(id)!.callFrame.functionName);
    const samples = (profile.samples ?? []).filter((id) => !isIdle(id));
    return samples.filter((id) => inside.has(id)).length / samples.length;
  } finally {
    session.disconnect();
  }
}
