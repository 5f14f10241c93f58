/**
 * The host's end of a secure channel over any card: INITIALIZE UPDATE, check of the card's cryptogram, EXTERNAL
 * AUTHENTICATE, then every command protected and every answer checked.
 */
import {
  type AsyncCardChannel,
  type CommandApdu,
  encodeCommand,
  PolycardError,
  parseResponse,
  type ResponseApdu,
  SW_9000_SUCCESS,
  swHex,
} from '@polycard/bytes';
import { constantTimeEqual, type RandomSource } from '@polycard/crypto';
import { type EstablishedChannel, establishChannel } from '../channel/establish.ts';
import type { SecureMessaging } from '../channel/messaging.ts';
import { macBytes, requireLevel, type ScpNumber, type SecureChannelProtocol } from '../channel/protocol.ts';
import type { StaticKeys } from '../channel/static-keys.ts';
import { describeGpStatusWord, gpCommandName } from '../commands/describe.ts';
import { encodeExternalAuthenticate } from '../commands/external-authenticate.ts';
import { encodeInitializeUpdate, parseInitializeUpdateAnswer } from '../commands/initialize-update.ts';

/** The keys of the card that answered: looked up or diversified by what it says of itself. */
export type KeysOfCard = (card: {
  readonly diversificationData: Uint8Array;
  readonly keyVersion: number;
  readonly scp: ScpNumber;
}) => StaticKeys;

export interface OpenChannelOptions {
  readonly keys: KeysOfCard;
  readonly random: RandomSource;
  /** Security level; default 03 for SCP02, 33 for SCP03 where the card can, else 03. */
  readonly level?: number;
  /** 0, the default: the card's default key set. */
  readonly keyVersion?: number;
  /** `i` of an SCP02 card (from its tag 66); default 15. */
  readonly scp02Option?: number;
  /** Refuse a card that speaks another protocol. */
  readonly scp?: ScpNumber;
}

const SCP02_OPTION_DEFAULT = 0x15;
const S16_CHALLENGE_BYTES = 16;
const SW_6700 = 0x6700;

function refused(command: CommandApdu, sw: number): PolycardError {
  const name = gpCommandName(command) ?? `command ${command.ins.toString(16)}`;
  const { en } = describeGpStatusWord(command.ins, sw);
  return new PolycardError('POLYCARD_GP_CARD_ANSWER', `the card answered ${swHex(sw)} to ${name}: ${en}`, {
    where: name,
    expected: '9000',
  });
}

export async function sendPlain(channel: AsyncCardChannel, command: CommandApdu): Promise<ResponseApdu> {
  return parseResponse(await channel.transmit(encodeCommand(command)));
}

/** Throws `POLYCARD_GP_CARD_ANSWER` on anything but 9000. */
export async function sendPlainExpectingSuccess(channel: AsyncCardChannel, command: CommandApdu): Promise<Uint8Array> {
  const { data, sw } = await sendPlain(channel, command);
  if (sw !== SW_9000_SUCCESS) throw refused(command, sw);
  return data;
}

function defaultLevel({ scp, i }: SecureChannelProtocol): number {
  return scp === 3 && (i & 0x60) === 0x60 ? 0x33 : 0x03;
}

export class HostSecureChannel {
  readonly #channel: AsyncCardChannel;
  readonly protocol: SecureChannelProtocol;
  readonly keyVersion: number;
  /** Cipher for secrets inside data, and the room a command has. */
  readonly messaging: SecureMessaging;

  private constructor(
    channel: AsyncCardChannel,
    facts: { protocol: SecureChannelProtocol; keyVersion: number; messaging: SecureMessaging },
  ) {
    this.#channel = channel;
    this.protocol = facts.protocol;
    this.keyVersion = facts.keyVersion;
    this.messaging = facts.messaging;
  }

  /**
   * Throws `POLYCARD_GP_CARD_CRYPTOGRAM` when the card does not know the keys; EXTERNAL AUTHENTICATE is then not sent,
   * because cards count failed attempts. Throws `POLYCARD_GP_CARD_ANSWER`, `_INITIALIZE_UPDATE`, `_PROTOCOL`, `_LEVEL`.
   */
  static async open(channel: AsyncCardChannel, options: OpenChannelOptions): Promise<HostSecureChannel> {
    const { hostChallenge, data } = await initialise(channel, options);
    const answer = parseInitializeUpdateAnswer(data, options.scp02Option ?? SCP02_OPTION_DEFAULT);
    const { protocol, keyVersion, diversificationData, cardChallenge, sequence } = answer;
    if (options.scp !== undefined && options.scp !== protocol.scp) {
      throw new PolycardError('POLYCARD_GP_PROTOCOL', `the card speaks SCP0${protocol.scp}`, {
        where: 'INITIALIZE UPDATE',
        expected: `SCP0${options.scp}`,
      });
    }
    if ((options.keyVersion ?? 0) !== 0 && options.keyVersion !== keyVersion) {
      throw new PolycardError('POLYCARD_GP_PROTOCOL', `the card answered with key version ${keyVersion}`, {
        where: 'INITIALIZE UPDATE',
        expected: `key version ${options.keyVersion}`,
      });
    }
    const level = options.level ?? defaultLevel(protocol);
    requireLevel(protocol, level);
    const keys = options.keys({ diversificationData, keyVersion, scp: protocol.scp });
    const challenges = { host: hostChallenge, card: cardChallenge, sequence };
    const established: EstablishedChannel = establishChannel(protocol, keys, challenges);
    if (!constantTimeEqual(established.cardCryptogram, answer.cardCryptogram)) {
      throw new PolycardError('POLYCARD_GP_CARD_CRYPTOGRAM', 'the card does not know these keys', {
        where: 'INITIALIZE UPDATE',
        expected: `the keys of version ${keyVersion} of this card`,
      });
    }
    const { messaging, hostCryptogram } = established;
    const command = messaging.protectCommand(encodeExternalAuthenticate(level, hostCryptogram));
    await sendPlainExpectingSuccess(channel, command);
    messaging.begin(level);
    return new HostSecureChannel(channel, { protocol, keyVersion, messaging });
  }

  /** Any status word is given back. Throws `POLYCARD_GP_RESPONSE_MAC` when the answer's protection does not hold. */
  async send(command: CommandApdu): Promise<ResponseApdu> {
    const received = await sendPlain(this.#channel, this.messaging.protectCommand(command));
    const plain = this.messaging.openResponse(received);
    if (plain !== undefined) return plain;
    // A card that lost the session answers in clear
    if (received.data.length === 0 && received.sw !== SW_9000_SUCCESS) return received;
    throw new PolycardError('POLYCARD_GP_RESPONSE_MAC', 'the answer is not as the card sent it', {
      where: gpCommandName(command) ?? 'response',
      expected: 'an R-MAC of this session',
    });
  }

  /** Throws `POLYCARD_GP_CARD_ANSWER` on anything but 9000. */
  async sendExpectingSuccess(command: CommandApdu): Promise<Uint8Array> {
    const { data, sw } = await this.send(command);
    if (sw !== SW_9000_SUCCESS) throw refused(command, sw);
    return data;
  }
}

/** A card in S16 mode refuses an 8-byte challenge with 6700 and is then asked with 16. */
async function initialise(
  channel: AsyncCardChannel,
  { random, keyVersion = 0 }: OpenChannelOptions,
): Promise<{ hostChallenge: Uint8Array; data: Uint8Array }> {
  const short = random(macBytes({ scp: 3, i: 0 }));
  const first = encodeInitializeUpdate({ keyVersion, hostChallenge: short });
  const { data, sw } = await sendPlain(channel, first);
  if (sw === SW_9000_SUCCESS) return { hostChallenge: short, data };
  if (sw !== SW_6700) throw refused(first, sw);
  const hostChallenge = random(S16_CHALLENGE_BYTES);
  const second = encodeInitializeUpdate({ keyVersion, hostChallenge });
  return { hostChallenge, data: await sendPlainExpectingSuccess(channel, second) };
}
