/**
 * What both sides work out in INITIALIZE UPDATE: the two cryptograms and the messaging that follows.
 * The card makes it to answer, the host to check the answer.
 */
import { concat } from '@polycard/bytes';
import type { SecureMessaging } from './messaging.ts';
import { macBytes, type SecureChannelProtocol } from './protocol.ts';
import {
  deriveScp02Keys,
  Scp02Messaging,
  type Scp02SessionKeys,
  scp02Cryptograms,
  scp02PseudoRandomChallenge,
} from './scp02.ts';
import { deriveScp03Keys, Scp03Messaging, scp03Cryptograms, scp03PseudoRandomChallenge } from './scp03.ts';
import { requireStaticKeys, type StaticKeys } from './static-keys.ts';

export interface EstablishedChannel {
  readonly cardCryptogram: Uint8Array;
  readonly hostCryptogram: Uint8Array;
  readonly messaging: SecureMessaging;
}

export interface Challenges {
  readonly host: Uint8Array;
  readonly card: Uint8Array;
  /** Two bytes for SCP02; SCP03 does not need it here. */
  readonly sequence: Uint8Array;
}

/** Throws `POLYCARD_GP_KEYS` when the keys are none of the protocol. */
export function establishChannel(
  protocol: SecureChannelProtocol,
  keys: StaticKeys,
  challenges: Challenges,
): EstablishedChannel {
  requireStaticKeys(protocol.scp, keys);
  if (protocol.scp === 2) {
    const session: Scp02SessionKeys = deriveScp02Keys(keys, challenges.sequence);
    const cryptograms = scp02Cryptograms(session.enc, challenges);
    const messaging = new Scp02Messaging(session, protocol.i);
    return { cardCryptogram: cryptograms.card, hostCryptogram: cryptograms.host, messaging };
  }
  const context = concat(challenges.host, challenges.card);
  const session = deriveScp03Keys(keys, context);
  const lengthBytes = macBytes(protocol);
  const cryptograms = scp03Cryptograms(session.mac, context, lengthBytes);
  const messaging = new Scp03Messaging(session, lengthBytes);
  return { cardCryptogram: cryptograms.card, hostCryptogram: cryptograms.host, messaging };
}

/** The card challenge a host can foretell: from the sequence counter and the AID of the selected application. */
export function pseudoRandomChallenge(
  protocol: SecureChannelProtocol,
  keys: StaticKeys,
  sequence: Uint8Array,
  aid: Uint8Array,
): Uint8Array {
  if (protocol.scp === 2) return scp02PseudoRandomChallenge(deriveScp02Keys(keys, sequence).mac, aid);
  return scp03PseudoRandomChallenge(keys.enc, macBytes(protocol), sequence, aid);
}
