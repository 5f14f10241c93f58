/** GET DATA of the issuer security domain (GPC 2.3.1 §11.3): free to read. */
import {
  concat,
  encodeTlv,
  fromHex,
  SW_6A88_REFERENCED_DATA_NOT_FOUND,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_9000_SUCCESS,
  toHex,
} from '@polycard/bytes';
import {
  CPLC_BYTES,
  encodeCardRecognitionData,
  encodeKeyInformation,
  keyTypeOf,
  Refusal,
  TAG_2F00_APPLICATION_LIST,
  TAG_9F7F_CPLC,
  TAG_42_ISSUER_IDENTIFICATION_NUMBER,
  TAG_45_CARD_IMAGE_NUMBER,
  TAG_66_CARD_DATA,
  TAG_67_CARD_CAPABILITIES,
  TAG_C1_SEQUENCE_COUNTER,
  TAG_CF_DIVERSIFICATION_DATA,
  TAG_D3_SECURITY_LEVEL,
  TAG_E0_KEY_INFORMATION,
  TAG_FF21_RESOURCES,
} from '@polycard/globalplatform';
import type { RegistryState } from '../registry.ts';
import type { DomainCommand, DomainContext } from './context.ts';

/** Free memory the card reports: that of a common dual-interface chip. */
const FREE_NON_VOLATILE_BYTES = 81_920;
const FREE_VOLATILE_BYTES = 2_048;

/** The virtual chip has no fabricator: what a real one would say is zero, the chip's identity is in its place. */
export function factoryCplc(chipId: Uint8Array): Uint8Array {
  const cplc = new Uint8Array(CPLC_BYTES);
  cplc.set(chipId.subarray(0, 4), 0);
  cplc.set(chipId.subarray(6, 10), 12);
  cplc.set(chipId.subarray(4, 6), 16);
  return cplc;
}

function cardCapabilities({ protocol }: RegistryState): Uint8Array {
  const sizes = protocol.scp === 3 ? encodeTlv('82', Uint8Array.of(0x07)) : new Uint8Array(0);
  const channel = concat(
    encodeTlv('80', Uint8Array.of(protocol.scp)),
    encodeTlv('81', Uint8Array.of(protocol.i)),
    sizes,
  );
  return concat(encodeTlv('A0', channel), encodeTlv('82', fromHex('040000')));
}

function keyInformation({ keySets, protocol }: RegistryState): Uint8Array {
  if (keySets.length === 0) return fromHex('C000');
  const type = keyTypeOf(protocol.scp);
  return encodeKeyInformation(
    keySets.flatMap(({ version, keys }) =>
      [keys.enc, keys.mac, keys.dek].map((key, index) => ({ id: index + 1, version, type, lengthBytes: key.length })),
    ),
  );
}

function sequenceCounter({ keySets, protocol }: RegistryState): Uint8Array | undefined {
  const counter = keySets[0]?.counter;
  if (counter === undefined) return undefined;
  const bytes = Uint8Array.of(counter >> 16, (counter >> 8) & 0xff, counter & 0xff);
  return protocol.scp === 2 ? bytes.subarray(1) : bytes;
}

function resources({ applications }: RegistryState): Uint8Array {
  const u32 = (value: number): Uint8Array =>
    Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  return concat(
    encodeTlv('81', Uint8Array.of(applications.length)),
    encodeTlv('82', u32(FREE_NON_VOLATILE_BYTES)),
    encodeTlv('83', u32(FREE_VOLATILE_BYTES)),
  );
}

/** Value of an object, as the domain has it or makes it. */
function objectValue({ registry, channel }: DomainContext, tag: string): Uint8Array | undefined {
  const { state } = registry;
  const stored = state.objects.get(tag);
  switch (tag) {
    case TAG_42_ISSUER_IDENTIFICATION_NUMBER:
    case TAG_45_CARD_IMAGE_NUMBER:
      return stored;
    case TAG_66_CARD_DATA:
      return stored ?? encodeTlv('73', encodeCardRecognitionData([state.protocol]));
    case TAG_67_CARD_CAPABILITIES:
      return stored ?? cardCapabilities(state);
    case TAG_9F7F_CPLC:
      return stored ?? factoryCplc(state.chipId);
    case TAG_C1_SEQUENCE_COUNTER:
      return sequenceCounter(state);
    case TAG_CF_DIVERSIFICATION_DATA:
      return state.chipId;
    case TAG_D3_SECURITY_LEVEL:
      return Uint8Array.of(channel.securityLevel);
    case TAG_E0_KEY_INFORMATION:
      return keyInformation(state);
    case TAG_FF21_RESOURCES:
      return resources(state);
    default:
      return undefined;
  }
}

export const getData: DomainCommand = (context, { cla, p1, p2 }) => {
  if (cla !== 0x80 && cla !== 0x00) throw new Refusal(SW_6E00_CLA_NOT_SUPPORTED, 'CLA of GET DATA');
  const tag = toHex(Uint8Array.of(p1, p2));
  if (tag === TAG_2F00_APPLICATION_LIST) {
    const { applications } = context.registry.state;
    const list = applications.map(({ aid }) => encodeTlv('61', encodeTlv('4F', fromHex(aid))));
    return { sw: SW_9000_SUCCESS, data: concat(...list) };
  }
  const value = objectValue(context, tag);
  if (value === undefined) throw new Refusal(SW_6A88_REFERENCED_DATA_NOT_FOUND, `no object ${tag}`);
  const name = tag.startsWith('00') ? tag.slice(2) : tag;
  return { sw: SW_9000_SUCCESS, data: cla === 0x00 ? value : encodeTlv(name, value) };
};
