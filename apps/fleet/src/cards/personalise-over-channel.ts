/**
 * The long way of the bureau: a blank card, its applications installed from the packages it lists and personalised through
 * a secure channel, then SECURED. What a real bureau does; ten times as slow as the short way of the simulation.
 */

import { fromHex, parseCommand } from '@polycard/bytes';
import { AID_PBOC_DEBIT, type CardSnapshot, testIssuerKeys, VirtualCard } from '@polycard/card';
import type { RandomSource } from '@polycard/crypto';
import {
  DEFAULT_PROTOCOL,
  DIVERSIFICATION_DATA_BYTES,
  diversifyKeys,
  encodeSelect,
  personaliseCard,
  type ScpNumber,
  type StaticKeys,
  secureCard,
  sendPlainExpectingSuccess,
} from '@polycard/globalplatform';
import { applicationsOf, type PreparedCard } from './prepared-card.ts';

export interface CardMaker {
  readonly scp: ScpNumber;
  /** Master keys of the security domains; each card has its own. */
  readonly master: StaticKeys;
  readonly random: RandomSource;
}

export function newCardMaker(scp: ScpNumber, random: RandomSource): CardMaker {
  return { scp, random, master: { enc: random(16).slice(), mac: random(16).slice(), dek: random(16).slice() } };
}

export async function personaliseOverChannel(
  prepared: PreparedCard,
  zoneKey: Uint8Array,
  { scp, master, random }: CardMaker,
): Promise<CardSnapshot> {
  const chipId = random(DIVERSIFICATION_DATA_BYTES).slice();
  const method = scp === 2 ? 'emv' : 'kdf3';
  const { version } = testIssuerKeys(scp);
  const card = new VirtualCard({
    ...{ random, blank: true, protocol: DEFAULT_PROTOCOL[scp], chipId, switches: prepared.switches },
    issuerKeys: { version, keys: diversifyKeys(method, master, chipId) },
  });
  const options = {
    ...{ random, scp },
    keys: ({ diversificationData }: { readonly diversificationData: Uint8Array }) =>
      diversifyKeys(method, master, diversificationData),
  };
  await personaliseCard(card, applicationsOf(prepared, zoneKey), options);
  await secureCard(card, options);
  await sendPlainExpectingSuccess(card, encodeSelect(AID_PBOC_DEBIT));
  for (const activation of prepared.activations) {
    await sendPlainExpectingSuccess(card, parseCommand(fromHex(activation)));
  }
  card.reset();
  return card.snapshot();
}
