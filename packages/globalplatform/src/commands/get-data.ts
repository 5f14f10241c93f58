/** GET DATA (GPC 2.3.1 §11.3): objects of a security domain. CLA 80 answers TLV, CLA 00 the bare value. */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  fromHex,
  PolycardError,
  parseTlv,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import type { SecureChannelProtocol } from '../channel/protocol.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_CA_GET_DATA = 0xca;

export const GET_DATA_STATUS_WORDS: StatusWordTable = {
  27272: { en: 'the card has no such object', zh: '没有该数据对象' },
};

/** Tags as in P1 P2. */
export const TAG_42_ISSUER_IDENTIFICATION_NUMBER = '0042';
export const TAG_45_CARD_IMAGE_NUMBER = '0045';
export const TAG_66_CARD_DATA = '0066';
export const TAG_67_CARD_CAPABILITIES = '0067';
export const TAG_C1_SEQUENCE_COUNTER = '00C1';
export const TAG_CF_DIVERSIFICATION_DATA = '00CF';
export const TAG_D3_SECURITY_LEVEL = '00D3';
export const TAG_E0_KEY_INFORMATION = '00E0';
export const TAG_2F00_APPLICATION_LIST = '2F00';
export const TAG_9F7F_CPLC = '9F7F';
export const TAG_FF21_RESOURCES = 'FF21';

export function encodeGetData(tag: string): CommandApdu {
  const [p1, p2] = fromHex(tag);
  return { cla: 0x80, ins: INS_CA_GET_DATA, p1: p1!, p2: p2!, data: new Uint8Array(0), le: 256 };
}

export interface KeyInformation {
  readonly id: number;
  readonly version: number;
  readonly type: number;
  readonly lengthBytes: number;
}

/** Value of tag E0: one C0 for each key (GPC 2.3.1 §11.3.3.1.1, basic format). */
export function encodeKeyInformation(keys: readonly KeyInformation[]): Uint8Array {
  return concat(...keys.map((key) => encodeTlv('C0', Uint8Array.of(key.id, key.version, key.type, key.lengthBytes))));
}

/** Host side: the basic format; keys in the extended format are left out. Throws `POLYCARD_TLV_*`. */
export function parseKeyInformation(data: Uint8Array): KeyInformation[] {
  const nodes = parseTlv(data, 'key information').flatMap((node) => (node.tag === 'E0' ? (node.children ?? []) : node));
  return nodes.flatMap(({ tag, value }) =>
    tag === 'C0' && value.length >= 4 && value[2] !== 0xff
      ? [{ id: value[0]!, version: value[1]!, type: value[2]!, lengthBytes: value[3]! }]
      : [],
  );
}

const OID_GLOBALPLATFORM = fromHex('2A864886FC6B');

/** Value of tag 73 inside 66: the card recognition data (GPC 2.3.1 §H.2), version 2.3.1, one 64 for each protocol. */
export function encodeCardRecognitionData(protocols: readonly SecureChannelProtocol[]): Uint8Array {
  const oid = (...arcs: number[]): Uint8Array => encodeTlv('06', concat(OID_GLOBALPLATFORM, Uint8Array.of(...arcs)));
  return concat(
    oid(0x01),
    encodeTlv('60', oid(0x02, 2, 3, 1)),
    encodeTlv('63', oid(0x03)),
    ...protocols.map(({ scp, i }) => encodeTlv('64', oid(0x04, scp, i))),
  );
}

/** Host side: the protocols a card names, from its tag 66 or an FCI. Both shapes of tag 64 are read. */
export function parseCardRecognitionData(data: Uint8Array): SecureChannelProtocol[] {
  const found: SecureChannelProtocol[] = [];
  const visit = (nodes: readonly TlvNode[], inProtocol: boolean): void => {
    for (const { tag, value, children } of nodes) {
      if (children !== undefined) visit(children, inProtocol || tag === '64');
      const isProtocol = toHex(value).startsWith(`${toHex(OID_GLOBALPLATFORM)}04`) && value.length === 9;
      const scp = value[7];
      if (tag === '06' && inProtocol && isProtocol && (scp === 2 || scp === 3)) found.push({ scp, i: value[8]! });
    }
  };
  visit(parseTlv(data, 'card data'), false);
  return found;
}

/** Fields of the card production life cycle data (CPLC, tag 9F7F), 42 bytes; not in GPC 2.3.1, from OP 2.0.1. */
export const CPLC_FIELDS = [
  ['icFabricator', 2],
  ['icType', 2],
  ['operatingSystemId', 2],
  ['operatingSystemReleaseDate', 2],
  ['operatingSystemReleaseLevel', 2],
  ['icFabricationDate', 2],
  ['icSerialNumber', 4],
  ['icBatchIdentifier', 2],
  ['icModuleFabricator', 2],
  ['icModulePackagingDate', 2],
  ['iccManufacturer', 2],
  ['icEmbeddingDate', 2],
  ['icPrePersonaliser', 2],
  ['icPrePersonalisationEquipmentDate', 2],
  ['icPrePersonalisationEquipmentId', 4],
  ['icPersonaliser', 2],
  ['icPersonalisationDate', 2],
  ['icPersonalisationEquipmentId', 4],
] as const;

export type CplcField = (typeof CPLC_FIELDS)[number][0];

export const CPLC_BYTES = 42;

/** Offset of the eight bytes STORE DATA 9F67 (pre-personalisation) and 9F66 (personalisation) write. */
export const CPLC_WRITABLE: Readonly<Record<string, number>> = { '9F67': 26, '9F66': 34 };

/** Values as hex. Throws `POLYCARD_GP_CPLC`. */
export function parseCplc(data: Uint8Array): Record<CplcField, string> {
  const value = data[0] === 0x9f && data[1] === 0x7f ? data.subarray(3) : data;
  if (value.length !== CPLC_BYTES) {
    throw new PolycardError('POLYCARD_GP_CPLC', `CPLC has ${value.length} bytes`, { expected: `${CPLC_BYTES} bytes` });
  }
  let offset = 0;
  const fields = CPLC_FIELDS.map(([name, lengthBytes]) => {
    const hex = toHex(value.subarray(offset, offset + lengthBytes));
    offset += lengthBytes;
    return [name, hex] as const;
  });
  return Object.fromEntries(fields) as Record<CplcField, string>;
}
