/**
 * Power cuts at every physical write of a whole personalisation: installation, secure channels, data groupings, life
 * cycle. After each cut the card is in the state before or after the command it was cut in, byte for byte, and a
 * personaliser that starts over finishes it. Used by tests and by acceptance.
 */
import type { AsyncCardChannel } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import {
  encodePutKey,
  encodeSetStatus,
  HostSecureChannel,
  keyTypeOf,
  personaliseCard,
  readRegistry,
  type SecureChannelProtocol,
} from '@polycard/globalplatform';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { hostOptions, issuerCard, recordedApplications } from './issuer.ts';

export type CutPlant = 'journal-lost';

export interface CutReport {
  readonly cutPoints: number;
  readonly commands: number;
  readonly violations: readonly string[];
}

interface Counted extends AsyncCardChannel {
  done: number;
}

const restored = (snapshot: CardSnapshot): VirtualCard =>
  VirtualCard.restore(snapshot, { random: seededRandom('cut') });
const stateOf = (card: VirtualCard): string => JSON.stringify(card.snapshot());

/** What an issuer does with a blank card. The same commands every time: the host's randomness is seeded. */
async function personalise(channel: AsyncCardChannel, protocol: SecureChannelProtocol): Promise<void> {
  const options = hostOptions(protocol, seededRandom('issuer'));
  await personaliseCard(channel, recordedApplications(), options);
  await channel.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x00));
  const session = await HostSecureChannel.open(channel, options);
  const type = keyTypeOf(protocol.scp);
  const keys = [1, 2, 3].map((byte) => ({ type, key: new Uint8Array(16).fill(byte) }));
  await session.sendExpectingSuccess(encodePutKey({ replaces: 0, version: 0x2f, firstId: 1, keys }, session.messaging));
  for (const state of [0x07, 0x0f]) {
    await session.sendExpectingSuccess(encodeSetStatus({ target: 'card', state, aid: new Uint8Array(0) }));
  }
}

function counting(card: VirtualCard, after: () => void): Counted {
  const counted: Counted = {
    done: 0,
    transmit: (command) => {
      const answer = card.transmit(command);
      counted.done++;
      after();
      return answer;
    },
  };
  return counted;
}

/** The applications that are not personalised yet are done again; what the cut left is no obstacle. */
async function finish(card: VirtualCard, protocol: SecureChannelProtocol): Promise<string[]> {
  const options = hostOptions(protocol, seededRandom('second issuer'));
  card.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x00));
  const done = (await readRegistry(await HostSecureChannel.open(card, options), 'applications'))
    .filter(({ lifeCycle }) => lifeCycle === 0x0f)
    .map(({ aid }) => String(aid));
  const missing = recordedApplications().filter(({ aid }) => !done.includes(String(aid)));
  await personaliseCard(card, missing, options);
  card.transmit(Uint8Array.of(0x00, 0xa4, 0x04, 0x00, 0x00));
  const session = await HostSecureChannel.open(card, options);
  return (await readRegistry(session, 'applications')).map(({ lifeCycle }) => lifeCycle.toString(16));
}

/** The state after power came back; with the plant, of a card whose memory has no journal. */
function recovered(card: VirtualCard, dead: CardSnapshot, plant: CutPlant | undefined): string {
  card.powerCut = undefined;
  card.reset();
  if (plant === undefined || dead.registry?.journal === undefined) return stateOf(card);
  try {
    return stateOf(restored({ ...dead, registry: { bytes: dead.registry.bytes } }));
  } catch (error) {
    return String(error);
  }
}

export async function runPersonalisationCuts(
  protocol: SecureChannelProtocol,
  options: { readonly plant?: CutPlant | undefined; readonly every?: number } = {},
): Promise<CutReport> {
  const start = issuerCard(protocol).snapshot();
  const whole = restored(start);
  const states = [stateOf(whole)];
  whole.powerCut = () => false;
  await personalise(
    counting(whole, () => states.push(stateOf(whole))),
    protocol,
  );
  const writes = whole.physicalWrites;
  const violations: string[] = [];
  let cutPoints = 0;
  for (let cut = 0; cut < writes; cut += options.every ?? 1) {
    cutPoints++;
    const card = restored(start);
    card.powerCut = (step) => step === cut;
    const channel = counting(card, () => undefined);
    const error = await personalise(channel, protocol).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof PowerCut)) {
      violations.push(`write ${cut}: no cut, but ${String(error)}`);
      continue;
    }
    const dead = card.snapshot();
    const state = recovered(card, dead, options.plant);
    const allowed = [states[channel.done], states[channel.done + 1]];
    if (!allowed.includes(state)) violations.push(`write ${cut}, command ${channel.done}: neither before nor after`);
    if (stateOf(restored(dead)) !== state) violations.push(`write ${cut}: the dead card, restored, is another`);
    const life = await finish(card, protocol).catch((reason: unknown) => [String(reason)]);
    if (life.join() !== 'f,f,f') violations.push(`write ${cut}: cannot be finished afterwards: ${life.join()}`);
  }
  return { cutPoints, commands: states.length - 1, violations };
}
