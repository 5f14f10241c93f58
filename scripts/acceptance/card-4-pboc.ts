/** Exhaustive power cuts of the PBOC application. */
import type { CardSnapshot } from '@polycard/card';
import { CUT_FLOWS, runCuts } from '../../packages/card/test/power-cuts.ts';
import { type Findings, figure } from './item.ts';

/** A balance of which half the bytes are new: what a card without a journal could leave. */
function torn(snapshot: CardSnapshot): CardSnapshot {
  const applications = Object.fromEntries(
    Object.entries(snapshot.applications).map(([aid, application]) => {
      const { memory } = application;
      if (memory === undefined) return [aid, application];
      const bytes = Buffer.from(memory.bytes, 'base64');
      bytes[bytes.length - 1]! ^= 0xff;
      bytes[80]! ^= 0x01;
      return [aid, { ...application, memory: { ...memory, bytes: bytes.toString('base64') } }];
    }),
  );
  return { ...snapshot, applications };
}

export function pbocCuts(plant: string | undefined, findings: Findings): void {
  let total = 0;
  for (const flow of CUT_FLOWS) {
    const report = runCuts(flow, plant === 'commit-torn' && flow.name === 'CAPP with two updates' ? torn : undefined);
    total += report.cutPoints;
    figure(`${report.name}: cut points, states`, `${report.cutPoints}, ${report.states}`);
    findings.list.push(...report.violations);
    findings.expect(report.cutPoints > 2, `${report.name} writes nothing`);
  }
  figure('cut points in all', total);
}
