/** INITIALIZE UPDATE (GPC 2.3.1 §E.5.1; Amendment D §7.1.1). */
import { type CommandApdu, concat, PolycardError, SW_6700_WRONG_LENGTH } from '@polycard/bytes';
import { hasPseudoRandomChallenge, macBytes, type SecureChannelProtocol } from '../channel/protocol.ts';
import { Refusal } from '../refusal.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_50_INITIALIZE_UPDATE = 0x50;

export const INITIALIZE_UPDATE_STATUS_WORDS: StatusWordTable = {
  27272: { en: 'no key set of this version, or not all of it', zh: '没有该版本的密钥组' },
  27013: { en: 'the sequence counter of the key set is used up', zh: '密钥组的序列计数器已用完' },
};

export const DIVERSIFICATION_DATA_BYTES = 10;
const SCP02_ANSWER_BYTES = 28;

export interface InitializeUpdate {
  /** 0: the card's default key set. */
  readonly keyVersion: number;
  readonly hostChallenge: Uint8Array;
}

export function encodeInitializeUpdate({ keyVersion, hostChallenge }: InitializeUpdate): CommandApdu {
  return { cla: 0x80, ins: INS_50_INITIALIZE_UPDATE, p1: keyVersion, p2: 0x00, data: hostChallenge, le: 256 };
}

/** Card side. P2 (key identifier) is for SCP01 and ignored. */
export function parseInitializeUpdate(command: CommandApdu, protocol: SecureChannelProtocol): InitializeUpdate {
  const expected = macBytes(protocol);
  // A host that does not know S16 is told so by the length (6700), and tries again with 16 bytes
  if (command.data.length !== expected) {
    throw new Refusal(SW_6700_WRONG_LENGTH, `the host challenge has ${command.data.length} bytes, not ${expected}`);
  }
  return { keyVersion: command.p1, hostChallenge: Uint8Array.from(command.data) };
}

export interface InitializeUpdateAnswer {
  readonly diversificationData: Uint8Array;
  readonly keyVersion: number;
  /** For SCP02 the answer does not tell `i`: it is what the host passed as known. */
  readonly protocol: SecureChannelProtocol;
  /** SCP02: 2 bytes. SCP03: 3 bytes when the challenge is pseudo-random, else empty. */
  readonly sequence: Uint8Array;
  readonly cardChallenge: Uint8Array;
  readonly cardCryptogram: Uint8Array;
}

export function encodeInitializeUpdateAnswer(answer: InitializeUpdateAnswer): Uint8Array {
  const { diversificationData, keyVersion, protocol, sequence, cardChallenge, cardCryptogram } = answer;
  if (protocol.scp === 2) {
    const key = Uint8Array.of(keyVersion, 2);
    return concat(diversificationData, key, sequence, cardChallenge, cardCryptogram);
  }
  const key = Uint8Array.of(keyVersion, 3, protocol.i);
  return concat(diversificationData, key, cardChallenge, cardCryptogram, sequence);
}

/**
 * Host side. `scp02Option` is the `i` of an SCP02 card as its card data say (tag 66), because this answer does not.
 * Throws `POLYCARD_GP_INITIALIZE_UPDATE` when the length is none the protocol can have.
 */
export function parseInitializeUpdateAnswer(data: Uint8Array, scp02Option: number): InitializeUpdateAnswer {
  const wrong = (expected: string): PolycardError =>
    new PolycardError('POLYCARD_GP_INITIALIZE_UPDATE', `the card answered ${data.length} bytes to INITIALIZE UPDATE`, {
      where: 'INITIALIZE UPDATE',
      expected,
    });
  if (data.length < SCP02_ANSWER_BYTES) throw wrong('28 bytes (SCP02), 29, 32, 45 or 48 (SCP03)');
  const diversificationData = data.slice(0, DIVERSIFICATION_DATA_BYTES);
  const keyVersion = data[10]!;
  const scp = data[11]!;
  if (scp === 2) {
    if (data.length !== SCP02_ANSWER_BYTES) throw wrong('28 bytes');
    const protocol: SecureChannelProtocol = { scp: 2, i: scp02Option };
    const [sequence, cardChallenge, cardCryptogram] = [data.slice(12, 14), data.slice(14, 20), data.slice(20)];
    return { diversificationData, keyVersion, protocol, sequence, cardChallenge, cardCryptogram };
  }
  if (scp !== 3) throw wrong('protocol 02 or 03 in byte 12');
  const protocol: SecureChannelProtocol = { scp: 3, i: data[12]! };
  const field = macBytes(protocol);
  const counterBytes = hasPseudoRandomChallenge(protocol) ? 3 : 0;
  const expected = 13 + 2 * field + counterBytes;
  if (data.length !== expected) throw wrong(`${expected} bytes for i=${protocol.i.toString(16).padStart(2, '0')}`);
  return {
    ...{ diversificationData, keyVersion, protocol, sequence: data.slice(13 + 2 * field) },
    cardChallenge: data.slice(13, 13 + field),
    cardCryptogram: data.slice(13 + field, 13 + 2 * field),
  };
}
