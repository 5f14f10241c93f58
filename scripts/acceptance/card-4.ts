/**
 * card.4: power cuts at every physical write of the card. Each section is a flow of its own and prints its number of cut
 * points; `--plant` names begin with the flow they break.
 */

import { type CutPlant, runPersonalisationCuts } from '../../packages/card/test/personalisation-cuts.ts';
import { APPLET_PLANTS, appletCuts } from './card-4-applets.ts';
import { pbocCuts } from './card-4-pboc.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

interface Section {
  readonly plants: readonly string[];
  readonly run: (plant: string | undefined, findings: Findings) => Promise<void>;
}

const PERSONALISATION = 'personalisation-';

const personalisation: Section = {
  plants: [`${PERSONALISATION}journal-lost`],
  async run(plant, findings) {
    const own = plant?.startsWith(PERSONALISATION) === true ? plant.slice(PERSONALISATION.length) : undefined;
    for (const protocol of [
      { scp: 2, i: 0x55 },
      { scp: 3, i: 0x70 },
    ] as const) {
      const report = await runPersonalisationCuts(protocol, { plant: own as CutPlant | undefined });
      figure(`personalisation, SCP0${protocol.scp}: cut points (commands)`, `${report.cutPoints} (${report.commands})`);
      findings.list.push(...report.violations.map((violation) => `personalisation, SCP0${protocol.scp}: ${violation}`));
    }
  },
};

const pboc: Section = {
  plants: ['commit-torn'],
  run: async (plant, findings) => pbocCuts(plant, findings),
};

const applets: Section = {
  plants: APPLET_PLANTS,
  run: async (plant, findings) => appletCuts(plant, findings),
};

const SECTIONS: readonly Section[] = [personalisation, pboc, applets];

export const CARD_4: AcceptanceItem = {
  title: 'power cut at every write of the card',
  plants: SECTIONS.flatMap((section) => section.plants),
  async run(plant) {
    const findings = new Findings();
    for (const section of SECTIONS) await section.run(plant, findings);
    return findings.list;
  },
};
