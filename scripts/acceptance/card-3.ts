/**
 * card.3: published vectors, recorded secure channel sessions and recorded card dialogues, on the card and on the host
 * side. Each section is a function of its own; `--plant` names begin with the section they break.
 */
import { existsSync, readFileSync } from 'node:fs';
import {
  recomputeCryptograms,
  replayOnCard,
  replayOnHost,
  type SessionVector,
} from '../../packages/globalplatform/test/session-vectors.ts';
import { dialogues, numericScripts } from './card-3-dialogues.ts';
import { PURSE_PLANTS, purseVectors } from './card-3-purse.ts';
import { SECTION_8, v4OnCard } from './card-3-vectors.ts';
import { type AcceptanceItem, Findings, figure } from './item.ts';

interface Section {
  readonly plants: readonly string[];
  readonly run: (plant: string | undefined, findings: Findings) => Promise<void>;
}

const OWN_SESSIONS = new URL('../../packages/globalplatform/test/vectors/sessions.json', import.meta.url);
const SHARED_SESSIONS = new URL('../../../shared/data/globalplatform-vectors.json', import.meta.url);

/** POLYCARD_GP_VECTORS names a file; else the shared data beside the checkout; else the copy in the repository. */
function sessionVectors(): { from: string; vectors: readonly SessionVector[] } {
  const named = process.env['POLYCARD_GP_VECTORS'];
  const file = named ?? (existsSync(SHARED_SESSIONS) ? SHARED_SESSIONS : OWN_SESSIONS);
  const read = JSON.parse(readFileSync(file, 'utf8')) as SessionVector[] | { sessions: SessionVector[] };
  return {
    from: String(file).replace(/.*\/(?=[^/]+\/[^/]+$)/, '…/'),
    vectors: Array.isArray(read) ? read : read.sessions,
  };
}

/** One bit of the first wrapped command after EXTERNAL AUTHENTICATE. */
function withChangedMac(vector: SessionVector): SessionVector {
  const steps = vector.steps.map((step, index) => {
    if (index !== 1) return step;
    const changed = (Number.parseInt(step.wrapped[20]!, 16) ^ 1).toString(16);
    return { ...step, wrapped: step.wrapped.slice(0, 20) + changed + step.wrapped.slice(21) };
  });
  return { ...vector, steps };
}

const secureChannels: Section = {
  plants: ['session-mac', 'session-key'],
  async run(plant, findings) {
    const { from, vectors } = sessionVectors();
    figure('secure channel sessions from', from);
    let compared = 0;
    for (const recorded of vectors) {
      let vector = recorded;
      if (plant === 'session-mac') vector = withChangedMac(recorded);
      if (plant === 'session-key') vector = { ...recorded, mac: `${'0'.repeat(recorded.mac.length - 1)}1` };
      try {
        const replays = [recomputeCryptograms(vector), await replayOnHost(vector), replayOnCard(vector)];
        compared += replays.reduce((sum, replay) => sum + replay.compared, 0);
        findings.list.push(...replays.flatMap((replay) => replay.differences));
      } catch (error) {
        findings.list.push(`session ${vector.name}: ${(error as Error).message}`);
      }
    }
    figure('sessions, byte strings compared', `${vectors.length}, ${compared}`);
    findings.expect(vectors.length > 0, 'there is no session to replay');
  },
};

const vectors: Section = {
  plants: ['vector-changed'],
  async run(plant, findings) {
    for (const { name, expected, compute } of SECTION_8) {
      const wanted = plant === 'vector-changed' && name === 'V5 ARQC' ? `0${expected.slice(1)}` : expected;
      findings.equal(compute(), wanted, name);
    }
    const onCard = v4OnCard();
    figure('vectors of section 8; V4 compared on the card', `${SECTION_8.length}; ${onCard.compared}`);
    findings.list.push(...onCard.differences);
  },
};

const SECTIONS: readonly Section[] = [
  secureChannels,
  vectors,
  { plants: ['numeric-changed'], run: async (plant, findings) => numericScripts(plant, findings) },
  { plants: ['answer-changed', 'check-skipped'], run: dialogues },
  { plants: PURSE_PLANTS, run: async (plant, findings) => purseVectors(plant, findings) },
];

export const CARD_3: AcceptanceItem = {
  title: 'vectors, secure channel sessions and card dialogues on both sides',
  plants: SECTIONS.flatMap((section) => section.plants),
  async run(plant) {
    const findings = new Findings();
    for (const section of SECTIONS) await section.run(plant, findings);
    return findings.list;
  },
};
