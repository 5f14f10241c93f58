/** Recorded secure channel sessions, replayed on either side. Gives what differs; used by tests and by acceptance. */
import {
  type AsyncCardChannel,
  encodeCommand,
  encodeResponse,
  fromHex,
  parseCommand,
  parseResponse,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import {
  CardSecureChannel,
  establishChannel,
  HostSecureChannel,
  hasPseudoRandomChallenge,
  macBytes,
  type ScpNumber,
  type SecureChannelProtocol,
  type StaticKeys,
} from '../src/index.ts';

export interface SessionStep {
  readonly name: string;
  readonly plain: string;
  readonly wrapped: string;
  readonly resp_plain: string;
  readonly resp: string;
}

export interface SessionVector {
  readonly name: string;
  readonly scp: number;
  readonly i: string;
  readonly kvn: string;
  readonly level: string;
  readonly enc: string;
  readonly mac: string;
  readonly dek: string;
  readonly hc: string;
  readonly init_update: string;
  readonly init_update_resp: string;
  readonly steps: readonly SessionStep[];
  readonly inter: {
    readonly seq: string;
    readonly card_challenge: string;
    readonly card_cg: string;
    readonly host_cg: string;
  };
}

export const SESSION_AID = fromHex('A000000151000000');

export const protocolOf = ({ scp, i }: SessionVector): SecureChannelProtocol => ({
  scp: scp as ScpNumber,
  i: Number.parseInt(i, 16),
});

export const keysOf = ({ enc, mac, dek }: SessionVector): StaticKeys => ({
  enc: fromHex(enc),
  mac: fromHex(mac),
  dek: fromHex(dek),
});

class Differences {
  readonly list: string[] = [];
  compared = 0;

  equal(found: string, expected: string, what: string): void {
    this.compared++;
    if (found.toUpperCase() !== expected.toUpperCase()) this.list.push(`${what}: expected ${expected}, found ${found}`);
  }
}

export interface Replayed {
  readonly differences: readonly string[];
  /** Byte strings compared. */
  readonly compared: number;
}

/** The host of `packages/globalplatform` against the recorded card: every command it sends must be the recorded one. */
export async function replayOnHost(vector: SessionVector): Promise<Replayed> {
  const differences = new Differences();
  const sent: string[] = [];
  const expected = [vector.init_update, ...vector.steps.map((step) => step.wrapped)];
  const answers = [vector.init_update_resp, ...vector.steps.map((step) => step.resp)];
  const isS16 = macBytes(protocolOf(vector)) === 16;
  const channel: AsyncCardChannel = {
    transmit: async (command) => {
      if (isS16 && sent.length === 0 && command[4] === 8) return encodeResponse(0x6700);
      sent.push(toHex(command));
      return fromHex(answers[sent.length - 1]!);
    },
  };
  const random: RandomSource = (lengthBytes) => fromHex(vector.hc).slice(0, lengthBytes);
  const host = await HostSecureChannel.open(channel, {
    ...{ keys: () => keysOf(vector), random, level: Number.parseInt(vector.level, 16) },
    ...{ keyVersion: Number.parseInt(vector.kvn, 16), scp02Option: Number.parseInt(vector.i, 16) },
  });
  for (const step of vector.steps.slice(1)) {
    const { data, sw } = await host.send(parseCommand(fromHex(step.plain)));
    differences.equal(toHex(encodeResponse(sw, data)), step.resp_plain, `${vector.name} host, answer to ${step.name}`);
  }
  expected.forEach((command, index) => {
    const name = index === 0 ? 'INITIALIZE UPDATE' : vector.steps[index - 1]!.name;
    differences.equal(sent[index] ?? '', command, `${vector.name} host, ${name}`);
  });
  return { differences: differences.list, compared: differences.compared };
}

/** The card's end of `packages/globalplatform` against the recorded host: what it opens and answers must be as recorded. */
export function replayOnCard(vector: SessionVector): Replayed {
  const differences = new Differences();
  const protocol = protocolOf(vector);
  const recorded = Number.parseInt(vector.inter.seq || '0', 16);
  let counter = protocol.scp === 3 && hasPseudoRandomChallenge(protocol) ? recorded - 1 : recorded;
  const before = counter;
  const channel = new CardSecureChannel({
    protocol,
    diversificationData: fromHex(vector.init_update_resp.slice(0, 20)),
    random: () => fromHex(vector.inter.card_challenge),
    keySet: (version) => ({ version: version || 1, keys: keysOf(vector), counter }),
    storeCounter: (_version, value) => {
      counter = value;
    },
  });
  const data = channel.initializeUpdate(parseCommand(fromHex(vector.init_update)), SESSION_AID);
  differences.equal(
    toHex(encodeResponse(0x9000, data)),
    vector.init_update_resp,
    `${vector.name} card, INITIALIZE UPDATE`,
  );
  const [authentication, ...steps] = vector.steps;
  channel.externalAuthenticate(parseCommand(fromHex(authentication!.wrapped)));
  differences.equal(authentication!.resp, '9000', `${vector.name} card, EXTERNAL AUTHENTICATE`);
  const counts = protocol.scp === 2 || hasPseudoRandomChallenge(protocol);
  differences.equal(String(counter - before), counts ? '1' : '0', `${vector.name} card, sequence counter`);
  for (const step of steps) {
    const plain = channel.open(parseCommand(fromHex(step.wrapped)));
    differences.equal(toHex(encodeCommand(plain)), step.plain, `${vector.name} card, ${step.name}`);
    const answer = channel.protect(parseResponse(fromHex(step.resp_plain)));
    differences.equal(
      toHex(encodeResponse(answer.sw, answer.data)),
      step.resp,
      `${vector.name} card, answer to ${step.name}`,
    );
  }
  return { differences: differences.list, compared: differences.compared };
}

/** Cryptograms of the recorded challenges. */
export function recomputeCryptograms(vector: SessionVector): Replayed {
  const differences = new Differences();
  const challenges = {
    host: fromHex(vector.hc),
    card: fromHex(vector.inter.card_challenge),
    sequence: fromHex(vector.inter.seq),
  };
  const { cardCryptogram, hostCryptogram } = establishChannel(protocolOf(vector), keysOf(vector), challenges);
  differences.equal(toHex(cardCryptogram), vector.inter.card_cg, `${vector.name} card cryptogram`);
  differences.equal(toHex(hostCryptogram), vector.inter.host_cg, `${vector.name} host cryptogram`);
  return { differences: differences.list, compared: differences.compared };
}
