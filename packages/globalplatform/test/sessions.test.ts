import { encodeCommand, fromHex, parseCommand, toHex } from '@polycard/bytes';
import { aesCmac, randomInteger, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import {
  CardSecureChannel,
  deriveScp02Keys,
  deriveScp03Keys,
  encodePutKey,
  establishChannel,
  HostSecureChannel,
  parsePutKey,
  putKeyAnswer,
  Refusal,
  scp02PseudoRandomChallenge,
  scp03PseudoRandomChallenge,
} from '../src/index.ts';
import {
  keysOf,
  protocolOf,
  recomputeCryptograms,
  replayOnCard,
  replayOnHost,
  SESSION_AID,
  type SessionVector,
} from './session-vectors.ts';
import recorded from './vectors/sessions.json' with { type: 'json' };

const planted = process.env['POLYCARD_PLANT'] === 'vector-changed';
const vectors = (recorded.sessions as unknown as (SessionVector & { inter: Record<string, string> })[]).map((vector) =>
  planted ? { ...vector, mac: vector.mac.replace(/^4/, '5') } : vector,
);

describe('AES-CMAC', () => {
  // RFC 4493 §4
  const key = fromHex('2B7E151628AED2A6ABF7158809CF4F3C');
  const message = fromHex(
    '6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710',
  );

  it.each([
    [0, 'BB1D6929E95937287FA37D129B756746'],
    [16, '070A16B46B4D4144F79BDD9DD04A287C'],
    [40, 'DFA66747DE9AE63030CA32611497C827'],
    [64, '51F0BEBF7E3B9D92FC49741779363CFE'],
  ])('of %i bytes is that of RFC 4493', (length, mac) => {
    expect(toHex(aesCmac(key, message.subarray(0, length)))).toBe(mac);
  });

  it('refuses a key of another length', () => {
    expect(() => aesCmac(key.subarray(1))).toThrow(expect.objectContaining({ code: 'POLYCARD_CRYPTO_KEY' }));
  });
});

describe.each(vectors)('session $name: SCP0$scp, i=$i, level $level', (vector) => {
  it('derives the recorded session keys and challenge', () => {
    const { inter } = vector;
    const keys = keysOf(vector);
    const sequence = fromHex(inter['seq']!);
    const session =
      vector.scp === 2
        ? deriveScp02Keys(keys, sequence)
        : deriveScp03Keys(keys, fromHex(vector.hc + inter['card_challenge']!));
    expect(toHex(session.enc)).toBe(inter['S_ENC']!.toUpperCase());
    expect(toHex(session.mac)).toBe(inter['S_MAC']!.toUpperCase());
    expect(toHex(session.rmac)).toBe(inter['S_RMAC']!.toUpperCase());
    if (vector.scp === 2) expect(toHex(session.dek)).toBe(inter['S_DEK']!.toUpperCase());
    expect(recomputeCryptograms(vector).differences).toEqual([]);
    if (vector.i === '75') {
      expect(toHex(scp02PseudoRandomChallenge(session.mac, SESSION_AID))).toBe(inter['card_challenge']!.toUpperCase());
    }
    if (/^7[01]$/.test(vector.i)) {
      const length = vector.i === '71' ? 16 : 8;
      const challenge = scp03PseudoRandomChallenge(keys.enc, length, sequence, SESSION_AID);
      expect(toHex(challenge)).toBe(inter['card_challenge']!.toUpperCase());
    }
  });

  it('is what our host sends', async () => {
    const { differences, compared } = await replayOnHost(vector);
    expect(differences).toEqual([]);
    expect(compared).toBe(2 * vector.steps.length);
  });

  it('is what our card opens and answers', () => {
    const { differences, compared } = replayOnCard(vector);
    expect(differences).toEqual([]);
    expect(compared).toBe(2 * vector.steps.length + 1);
  });

  it('carries a PUT KEY that both sides read and write', () => {
    const { inter } = vector;
    const { messaging } = establishChannel(protocolOf(vector), keysOf(vector), {
      ...{ host: fromHex(vector.hc), card: fromHex(inter['card_challenge']!), sequence: fromHex(inter['seq']!) },
    });
    const step = vector.steps.find(({ name }) => name.startsWith('PUT KEY'))!;
    const command = parseCommand(fromHex(step.plain));
    const put = parsePutKey(command, messaging);
    expect(`${toHex(putKeyAnswer(put))}9000`).toBe(step.resp_plain.toUpperCase());
    expect(toHex(encodeCommand(encodePutKey(put, messaging)))).toBe(step.plain.toUpperCase());
    const damaged = { ...command, data: Uint8Array.from(command.data) };
    damaged.data[damaged.data.length - 1]! ^= 1;
    expect(() => parsePutKey(damaged, messaging)).toThrow(expect.objectContaining({ sw: 0x6982 }));
    for (let length = 0; length < command.data.length; length++) {
      const cut = { ...command, data: command.data.subarray(0, length) };
      if (length > 1 && [1, 2].some((keys) => length === 1 + (keys * (command.data.length - 1)) / 3)) {
        expect(parsePutKey(cut, messaging).keys.length).toBeLessThan(3);
      } else expect(() => parsePutKey(cut, messaging), String(length)).toThrow(Refusal);
    }
  });
});

/** A card's end with everything of a vector, after EXTERNAL AUTHENTICATE. */
function openCard(vector: SessionVector): CardSecureChannel {
  const channel = new CardSecureChannel({
    protocol: protocolOf(vector),
    diversificationData: new Uint8Array(10),
    random: () => fromHex(vector.inter.card_challenge),
    keySet: (version) => ({
      version,
      keys: keysOf(vector),
      counter: Number.parseInt(vector.inter.seq || '0', 16) - (/^7[01]$/.test(vector.i) ? 1 : 0),
    }),
    storeCounter: () => undefined,
  });
  channel.initializeUpdate(parseCommand(fromHex(vector.init_update)), SESSION_AID);
  channel.externalAuthenticate(parseCommand(fromHex(vector.steps[0]!.wrapped)));
  return channel;
}

const SECURITY_STATUS = expect.objectContaining({ sw: 0x6982 });

describe.each(vectors)('a broken session $name', (vector) => {
  const first = parseCommand(fromHex(vector.steps[1]!.wrapped));
  const second = parseCommand(fromHex(vector.steps[2]!.wrapped));

  it('is dead after any changed bit, even for the right command after it', () => {
    for (let offset = 0; offset < first.data.length; offset++) {
      const channel = openCard(vector);
      const data = Uint8Array.from(first.data);
      data[offset]! ^= 0x10;
      expect(() => channel.open({ ...first, data }), `offset ${offset}`).toThrow(SECURITY_STATUS);
      expect(channel.isOpen).toBe(false);
      expect(() => channel.open(first)).toThrow(SECURITY_STATUS);
    }
    for (const header of [{ ins: 0xf3 }, { p1: 0x81 }, { p2: 0x03 }]) {
      expect(() => openCard(vector).open({ ...first, ...header })).toThrow(SECURITY_STATUS);
    }
  });

  it('is dead after truncation at every byte, a replay, a command left out, or one in clear', () => {
    for (let length = 0; length < first.data.length; length++) {
      const channel = openCard(vector);
      expect(() => channel.open({ ...first, data: first.data.subarray(0, length) })).toThrow(SECURITY_STATUS);
    }
    const replayed = openCard(vector);
    replayed.open(first);
    expect(() => replayed.open(first)).toThrow(SECURITY_STATUS);
    expect(() => openCard(vector).open(second)).toThrow(SECURITY_STATUS);
    expect(() => openCard(vector).open(parseCommand(fromHex(vector.steps[1]!.plain)))).toThrow(SECURITY_STATUS);
  });

  it('stays dead under random commands', () => {
    const random = seededRandom(`session ${vector.name}`);
    for (let round = 0; round < 200; round++) {
      const channel = openCard(vector);
      const data = random(randomInteger(random, 80));
      expect(() => channel.open({ cla: 0x84, ins: 0xf2, p1: 0x80, p2: 0x02, data })).toThrow(SECURITY_STATUS);
    }
  });

  it('ends at the host when an answer was changed', async () => {
    const answers = [vector.init_update_resp, ...vector.steps.map(({ resp }) => resp)].map(fromHex);
    const protectedAnswers = (Number.parseInt(vector.level, 16) & 0x10) !== 0;
    const changed = answers[2]!;
    changed[0]! ^= 1;
    let sent = -1;
    const short = vector.hc.length === 16;
    const channel = {
      transmit: (command: Uint8Array) => (!short && command[4] === 8 ? fromHex('6700') : answers[++sent]!),
    };
    const host = await HostSecureChannel.open(channel, {
      ...{ keys: () => keysOf(vector), random: () => fromHex(vector.hc), level: Number.parseInt(vector.level, 16) },
      ...{ scp02Option: Number.parseInt(vector.i, 16) },
      ...(short ? {} : { random: (length: number) => fromHex(vector.hc).slice(0, length) }),
    });
    const answer = host.send(parseCommand(fromHex(vector.steps[1]!.plain)));
    if (protectedAnswers) await expect(answer).rejects.toMatchObject({ code: 'POLYCARD_GP_RESPONSE_MAC' });
    else expect((await answer).sw).toBe(0x9000);
  });
});

describe('opening a session', () => {
  const vector = vectors[0]!;
  const options = { random: () => fromHex(vector.hc), level: 1, scp02Option: 0x15 };

  it('stops before EXTERNAL AUTHENTICATE when the card does not know the keys', async () => {
    const sent: string[] = [];
    const channel = {
      transmit: (command: Uint8Array) => {
        sent.push(toHex(command));
        return fromHex(vector.init_update_resp);
      },
    };
    const wrong = { ...keysOf(vector), enc: new Uint8Array(16) };
    await expect(HostSecureChannel.open(channel, { ...options, keys: () => wrong })).rejects.toMatchObject({
      code: 'POLYCARD_GP_CARD_CRYPTOGRAM',
    });
    expect(sent.length).toBe(1);
  });

  it('says what the card answered', async () => {
    const channel = { transmit: () => fromHex('6A88') };
    await expect(HostSecureChannel.open(channel, { ...options, keys: () => keysOf(vector) })).rejects.toMatchObject({
      code: 'POLYCARD_GP_CARD_ANSWER',
      where: 'INITIALIZE UPDATE',
    });
  });

  it('refuses answers cut at every byte', async () => {
    const answer = fromHex(vector.init_update_resp);
    for (let length = 0; length < answer.length - 2; length++) {
      const channel = { transmit: () => Uint8Array.of(...answer.subarray(0, length), 0x90, 0x00) };
      await expect(HostSecureChannel.open(channel, { ...options, keys: () => keysOf(vector) })).rejects.toMatchObject({
        code: 'POLYCARD_GP_INITIALIZE_UPDATE',
      });
    }
  });

  it('needs INITIALIZE UPDATE first, right keys, and a level the protocol has', () => {
    const fresh = (): CardSecureChannel =>
      new CardSecureChannel({
        ...{ protocol: protocolOf(vector), diversificationData: new Uint8Array(10) },
        random: () => fromHex(vector.inter.card_challenge),
        keySet: (version) => ({ version, keys: keysOf(vector), counter: 0 }),
        storeCounter: () => undefined,
      });
    const authentication = parseCommand(fromHex(vector.steps[0]!.wrapped));
    expect(() => fresh().externalAuthenticate(authentication)).toThrow(expect.objectContaining({ sw: 0x6985 }));
    const levels = [0x02, 0x10, 0x11, 0x33, 0x80];
    for (const level of levels) {
      const channel = fresh();
      channel.initializeUpdate(parseCommand(fromHex(vector.init_update)), SESSION_AID);
      const { hostCryptogram, messaging } = establishChannel(protocolOf(vector), keysOf(vector), {
        ...{ host: fromHex(vector.hc), card: fromHex(vector.inter.card_challenge), sequence: fromHex('0000') },
      });
      const command = messaging.protectCommand({ cla: 0x80, ins: 0x82, p1: level, p2: 0, data: hostCryptogram });
      expect(() => channel.externalAuthenticate(command), level.toString(16)).toThrow(
        expect.objectContaining({ sw: 0x6a86 }),
      );
    }
    const channel = fresh();
    channel.initializeUpdate(parseCommand(fromHex(vector.init_update)), SESSION_AID);
    const { messaging } = establishChannel(protocolOf(vector), keysOf(vector), {
      ...{ host: fromHex(vector.hc), card: fromHex(vector.inter.card_challenge), sequence: fromHex('0000') },
    });
    const wrong = messaging.protectCommand({ cla: 0x80, ins: 0x82, p1: 1, p2: 0, data: new Uint8Array(8) });
    expect(() => channel.externalAuthenticate(wrong)).toThrow(expect.objectContaining({ sw: 0x6300 }));
    expect(() => channel.externalAuthenticate(authentication)).toThrow(expect.objectContaining({ sw: 0x6985 }));
  });
});
