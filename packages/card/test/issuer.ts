/** A blank card and an issuer who knows its keys. */
import { encodeCommand, fromHex, parseResponse, swHex, toHex } from '@polycard/bytes';
import { type RandomSource, seededRandom } from '@polycard/crypto';
import {
  type ApplicationPersonalisation,
  DEFAULT_PROTOCOL,
  encodeSelect,
  HostSecureChannel,
  type OpenChannelOptions,
  type PersonaliserOptions,
  type SecureChannelProtocol,
} from '@polycard/globalplatform';
import {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_PSE,
  groupingsForChannel,
  testIssuerKeys,
  VirtualCard,
  type VirtualCardOptions,
} from '../src/index.ts';
import { groupingsOf } from './transcript-card.ts';
import transcripts from './vectors/pboc-transcripts.json' with { type: 'json' };

export const CHIP_ID = fromHex('00010203040506070809');

export function issuerCard(
  protocol: SecureChannelProtocol = DEFAULT_PROTOCOL[3],
  options: Partial<VirtualCardOptions> = {},
): VirtualCard {
  return new VirtualCard({
    ...{ random: seededRandom('issuer card'), blank: true, protocol, chipId: CHIP_ID },
    issuerKeys: testIssuerKeys(protocol.scp),
    ...options,
  });
}

export function hostOptions(
  protocol: SecureChannelProtocol = DEFAULT_PROTOCOL[3],
  random: RandomSource = seededRandom('host'),
): OpenChannelOptions {
  return { keys: () => testIssuerKeys(protocol.scp).keys, random, scp02Option: protocol.i };
}

/** SELECT of the issuer domain and a secure channel with it. */
export async function openDomain(
  card: VirtualCard,
  options: Partial<PersonaliserOptions> & { readonly protocol?: SecureChannelProtocol } = {},
): Promise<HostSecureChannel> {
  const { protocol, ...rest } = options;
  await card.transmit(fromHex('00A4040000'));
  return HostSecureChannel.open(card, { ...hostOptions(protocol), ...rest });
}

export function send(card: VirtualCard, hex: string): string {
  return toHex(card.transmit(fromHex(hex)));
}

/** Status word of a command through the channel. */
export async function swOf(session: HostSecureChannel, hex: string): Promise<string> {
  const bytes = fromHex(hex);
  const { sw } = await session.send({
    ...{ cla: bytes[0]!, ins: bytes[1]!, p1: bytes[2]!, p2: bytes[3]!, data: bytes.subarray(5) },
  });
  return swHex(sw);
}

export function selectSw(card: VirtualCard, aid: Uint8Array): string {
  return swHex(parseResponse(card.transmit(encodeCommand(encodeSelect(aid)))).sw);
}

const list = (dgis: readonly { dgi: string; data: string }[]) =>
  groupingsForChannel(dgis.map(({ dgi, data }) => ({ dgi, data: fromHex(data) })));

/** The recorded card's data groupings for its three applications. */
export function recordedApplications(variant = 'base'): ApplicationPersonalisation[] {
  return [
    { aid: AID_PPSE, groupings: list(transcripts.card.personalisation.ppse.dgis) },
    { aid: AID_PSE, groupings: list(transcripts.card.personalisation.pse.dgis) },
    { aid: AID_PBOC_DEBIT, groupings: groupingsForChannel(groupingsOf(variant)) },
  ];
}
