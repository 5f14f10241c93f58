import { factorsFor } from '@polycard/blueprint';
import { type CardChannel, toHex } from '@polycard/bytes';
import { PSAM_KEY_TYPE, VirtualPsam } from '@polycard/card';
import { disperseAlong, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  PsamCardClient,
  type PsamKeyPlace,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { psamContents } from './purse-region.ts';
import { blueprint, ENTRY_GATE, EXIT_GATE, parameters, psam, roots } from './region.ts';

const HOLDER = { pan: '6228480000000011', homeCityCode: '5840' };
const trees = blueprint.keys.filter(({ label }) => /^(metro|bus|transit)-management$/.test(label));

/** A PSAM card with the region's management keys, from the province down; and where the terminal finds them. */
function regionalPsam(): { slot: VirtualPsam; places: PsamKeyPlace[] } {
  const levelsOf = (tree: (typeof trees)[number]) => factorsFor(tree, blueprint.manifest, HOLDER).cardFactors.length;
  const keys = trees.map((tree, index) => ({
    ...{ type: PSAM_KEY_TYPE.macAndEncrypt, id: 0x10 + index, algorithm: tree.algorithm, levels: levelsOf(tree) },
    key: disperseAlong(tree.algorithm, roots.get(tree.label)!, factorsFor(tree, blueprint.manifest, {}).fixedPrefix),
  }));
  const places = trees.map((tree, index) => ({
    ...{ label: tree.label, type: PSAM_KEY_TYPE.macAndEncrypt, id: 0x10 + index, algorithm: tree.algorithm },
    cardFactors: (card: typeof HOLDER) => factorsFor(tree, blueprint.manifest, card).cardFactors,
  }));
  const slot = new VirtualPsam({ contents: { ...psamContents(), keys }, random: seededRandom('slot') });
  return { slot, places };
}

describe('gates whose PSAM is a card', () => {
  const sent: string[] = [];
  const { slot, places } = regionalPsam();
  const channel: CardChannel = {
    transmit(command) {
      sent.push(toHex(command));
      return slot.transmit(command);
    },
  };
  const client = new PsamCardClient(channel, { keys: places });
  client.open();
  const gate = (configuration: TerminalConfiguration, keys: PsamCardClient | typeof psam = client): Terminal =>
    new Terminal(configuration, parameters, {
      psam: keys,
      random: seededRandom('gate'),
      monotonicUs: () => 0,
      nowMs: () => 0,
    });
  const entry: TapRequest = { kind: 'entry', at: '20260801080000' };
  const exit: TapRequest = { kind: 'exit', at: '20260801083000' };

  it('take a whole metro ride of a financial card, its record MACs made by 801A and 80FA', () => {
    const card = personalisedCard();
    for (const [configuration, request] of [
      [ENTRY_GATE, entry],
      [EXIT_GATE, exit],
    ] as const) {
      card.reset();
      expect(gate(configuration).tap(card, request).result).toBe('accepted');
    }
    expect(sent.filter((command) => command.startsWith('801A68')).length).toBe(4);
    expect(sent.some((command) => command.startsWith('80FA07'))).toBe(true);
    const software = personalisedCard();
    for (const [configuration, request] of [
      [ENTRY_GATE, entry],
      [EXIT_GATE, exit],
    ] as const) {
      software.reset();
      expect(gate(configuration, psam).tap(software, request).result).toBe('accepted');
    }
    expect(truthOf(card)).toEqual(truthOf(software));
  });

  it('refuse a card whose PSAM was issued for another region', () => {
    const stranger = new VirtualPsam({ contents: { ...psamContents(), keys: [] }, random: seededRandom('slot') });
    const foreign = new PsamCardClient(stranger, { keys: places });
    foreign.open();
    expect(() => gate(ENTRY_GATE, foreign).tap(personalisedCard(), entry)).toThrow(
      'the PSAM answered 9403 to DELIVERY_KEY',
    );
  });
});
