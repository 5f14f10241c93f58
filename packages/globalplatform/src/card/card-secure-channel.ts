/**
 * The card's end of a secure channel: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE, and the check of every command after
 * them (GPC 2.3.1 §10, §E.3; Amendment D §5.3). Any error of MAC, padding or level ends the session: all further
 * commands are refused with 6982 until the next INITIALIZE UPDATE or SELECT.
 */
import {
  type CommandApdu,
  PolycardError,
  type ResponseApdu,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6982_SECURITY_STATUS,
  SW_6985_CONDITIONS_NOT_SATISFIED,
} from '@polycard/bytes';
import { constantTimeEqual, type RandomSource } from '@polycard/crypto';
import { establishChannel, pseudoRandomChallenge } from '../channel/establish.ts';
import { CLA_SECURE_MESSAGING, type SecureMessaging } from '../channel/messaging.ts';
import { hasPseudoRandomChallenge, isLevelAllowed, macBytes, type SecureChannelProtocol } from '../channel/protocol.ts';
import type { StaticKeys } from '../channel/static-keys.ts';
import { encodeInitializeUpdateAnswer, parseInitializeUpdate } from '../commands/initialize-update.ts';
import { Refusal } from '../refusal.ts';

/** A key set as the card keeps it. */
export interface CardKeySet {
  readonly version: number;
  readonly keys: StaticKeys;
  /** SCP02: of the next session, 2 bytes. SCP03: of the last session, 3 bytes. */
  readonly counter: number;
}

/** What the channel needs from the security domain behind it. */
export interface SecureChannelHome {
  readonly protocol: SecureChannelProtocol;
  readonly diversificationData: Uint8Array;
  readonly random: RandomSource;
  /** Version 0: the default set. */
  keySet(version: number): CardKeySet | undefined;
  /** Persistent before it returns; power may be cut inside. */
  storeCounter(version: number, counter: number): void;
}

interface Initialised {
  readonly set: CardKeySet;
  readonly hostCryptogram: Uint8Array;
  readonly messaging: SecureMessaging;
}

const COUNTER_MAX = { 2: 0xffff, 3: 0xffffff } as const;
const SW_6300_WRONG_CRYPTOGRAM = 0x6300;

function counterBytes(counter: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let index = 0; index < lengthBytes; index++) bytes[index] = (counter >> (8 * (lengthBytes - 1 - index))) & 0xff;
  return bytes;
}

export class CardSecureChannel {
  readonly #home: SecureChannelHome;
  #initialised: Initialised | undefined;
  #messaging: SecureMessaging | undefined;
  #version = 0;
  /** A session that failed refuses everything, even what needs no security, until a new one or SELECT. */
  #isDead = false;

  constructor(home: SecureChannelHome) {
    this.#home = home;
  }

  /** Authenticated: EXTERNAL AUTHENTICATE went through and nothing failed since. */
  get isOpen(): boolean {
    return this.#messaging !== undefined;
  }

  /** Current security level with the AUTHENTICATED bit (tag D3); 00 without a session. */
  get securityLevel(): number {
    return this.#messaging === undefined ? 0x00 : 0x80 | this.#messaging.level;
  }

  /** Key version of the open session. */
  get keyVersion(): number {
    return this.#version;
  }

  /** The open session's cipher for secrets. Throws `POLYCARD_GP_SESSION` without one. */
  get secrets(): SecureMessaging {
    if (this.#messaging === undefined) throw new PolycardError('POLYCARD_GP_SESSION', 'no secure channel is open');
    return this.#messaging;
  }

  /** SELECT, reset, the end of an application session. */
  close(): void {
    this.#initialised = undefined;
    this.#messaging = undefined;
    this.#isDead = false;
  }

  #abort(): void {
    this.close();
    this.#isDead = true;
  }

  /** `aid` is that of the selected application. Gives the answer's data; throws `Refusal`. */
  initializeUpdate(command: CommandApdu, aid: Uint8Array): Uint8Array {
    this.close();
    const { protocol, diversificationData, random } = this.#home;
    const { keyVersion, hostChallenge } = parseInitializeUpdate(command, protocol);
    const set = this.#home.keySet(keyVersion);
    if (set === undefined) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, 'no key set of this version');
    const sequence = this.#nextSequence(set);
    const cardChallenge = hasPseudoRandomChallenge(protocol)
      ? pseudoRandomChallenge(protocol, set.keys, sequence, aid)
      : random(protocol.scp === 2 ? 6 : macBytes(protocol));
    const challenges = { host: hostChallenge, card: cardChallenge, sequence };
    const { cardCryptogram, hostCryptogram, messaging } = establishChannel(protocol, set.keys, challenges);
    this.#initialised = { set, hostCryptogram, messaging };
    return encodeInitializeUpdateAnswer({
      ...{ diversificationData, keyVersion: set.version, protocol, cardChallenge, cardCryptogram },
      sequence: protocol.scp === 3 && !hasPseudoRandomChallenge(protocol) ? new Uint8Array(0) : sequence,
    });
  }

  /** SCP03 counts at INITIALIZE UPDATE, SCP02 at the first C-MAC that holds. */
  #nextSequence({ version, counter }: CardKeySet): Uint8Array {
    const { scp } = this.#home.protocol;
    if (counter >= COUNTER_MAX[scp]) {
      throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'the sequence counter is used up');
    }
    if (scp === 2) return counterBytes(counter, 2);
    if (hasPseudoRandomChallenge(this.#home.protocol)) this.#home.storeCounter(version, counter + 1);
    return counterBytes(counter + 1, 3);
  }

  /** Throws `Refusal`. */
  externalAuthenticate(command: CommandApdu): void {
    const initialised = this.#initialised;
    this.#initialised = undefined;
    if (initialised === undefined) {
      this.#abort();
      throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'no INITIALIZE UPDATE before');
    }
    const { messaging, hostCryptogram, set } = initialised;
    const plain = messaging.openCommand(command);
    if (plain === undefined) {
      this.#abort();
      throw new Refusal(SW_6982_SECURITY_STATUS, 'the MAC does not hold');
    }
    if (this.#home.protocol.scp === 2) this.#home.storeCounter(set.version, set.counter + 1);
    if (!constantTimeEqual(plain.data, hostCryptogram)) {
      this.#abort();
      throw new Refusal(SW_6300_WRONG_CRYPTOGRAM, 'the host cryptogram is wrong');
    }
    if (!isLevelAllowed(this.#home.protocol, command.p1) || command.p2 !== 0x00) {
      this.#abort();
      throw new Refusal(0x6a86, 'no such security level');
    }
    messaging.begin(command.p1);
    this.#messaging = messaging;
    this.#version = set.version;
  }

  /**
   * A command in clear: opened by the session, or as it came when there is none and it claims no security.
   * Throws `Refusal` 6982 and ends the session when it does not hold.
   */
  open(command: CommandApdu): CommandApdu {
    if (this.#messaging === undefined) {
      const claims = (command.cla & 0x80) !== 0 && (command.cla & CLA_SECURE_MESSAGING) !== 0;
      if (!claims && !this.#isDead) return command;
      throw new Refusal(SW_6982_SECURITY_STATUS, 'no secure channel is open');
    }
    const plain = this.#messaging.openCommand(command);
    if (plain !== undefined) return plain;
    this.#abort();
    throw new Refusal(SW_6982_SECURITY_STATUS, 'the command does not hold at the security level of the session');
  }

  protect(response: ResponseApdu): ResponseApdu {
    return this.#messaging?.protectResponse(response) ?? response;
  }
}
