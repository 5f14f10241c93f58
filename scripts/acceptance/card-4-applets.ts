/** Exhaustive power cuts of purse and industry file applications. */
import { APPLET_CUTS, halfWritten } from '../../packages/card/test/applet-cuts.ts';
import { type Findings, figure } from './item.ts';

export const APPLET_PLANTS = ['purse-torn'] as const;

export function appletCuts(plant: string | undefined, findings: Findings): void {
  let total = 0;
  for (const { name, run } of APPLET_CUTS) {
    const isTorn = plant === 'purse-torn' && name === 'purse: CAPP purchase with two updates';
    const report = run(isTorn ? halfWritten : undefined);
    total += report.cutPoints;
    figure(`${name}: cut points, states`, `${report.cutPoints}, ${report.states}`);
    findings.list.push(...report.violations);
  }
  figure('cut points of purse and industry files', total);
}
