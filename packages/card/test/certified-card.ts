/**
 * The recorded card's layout with keys of our own: certification authority, issuer and card key of any length, so that
 * static data can be changed and signed again. Test keys from a fixed seed.
 */
import { concat, encodeTlv, fromHex, parseTlv, toHex } from '@polycard/bytes';
import {
  generateRsaKey,
  generateSm2Key,
  importRsaPrivate,
  type RsaPrivateParts,
  rsaSignRaw,
  type Sm2KeyPair,
  seededRandom,
  sm2Sign,
} from '@polycard/crypto';
import {
  buildIccCertificate,
  buildIssuerCertificate,
  buildSignedStaticData,
  buildSm2CardCertificate,
  buildSm2IssuerCertificate,
  buildSm2StaticSignature,
  type CertificateSigner,
  openRsaPublicKey,
  type PublicKey,
  staticDataToBeAuthenticated,
} from '@polycard/emv';
import type { RecordedGrouping } from './recording.ts';
import { groupingsOf, recordedPan } from './transcript-card.ts';

const made = new Map<string, RsaPrivateParts>();

function keyOf(name: string, modulusBytes: number): RsaPrivateParts {
  const label = `${name}-${modulusBytes}`;
  const key = made.get(label) ?? generateRsaKey(seededRandom(label), modulusBytes);
  made.set(label, key);
  return key;
}

function signerOf(key: RsaPrivateParts): CertificateSigner {
  const handle = importRsaPrivate(key);
  return { modulusBytes: key.modulus.length, sign: (block) => rsaSignRaw(handle, block) };
}

export interface CertifiedCard {
  readonly changes: RecordedGrouping[];
  /** By RID and index. */
  readonly caKeys: ReadonlyMap<string, PublicKey>;
}

export interface CertifiedOptions {
  /** Modulus of the card's key, and of those above it, in bytes; 128 unless given, up to 248 (1984 bits). */
  readonly modulusBytes?: number;
  /** 82, 4 digits. */
  readonly aip?: string;
  /** 8E without its tag, hexadecimal. */
  readonly cvmList?: string;
  /** Further objects of record 1 of SFI 02. */
  readonly objects?: Readonly<Record<string, string>>;
}

const CA_INDEX = 'F7';

/** Record 1 of SFI 02 with objects replaced or added. */
function staticRecord(options: CertifiedOptions): Uint8Array {
  const record = groupingsOf('base').find(({ dgi }) => dgi === '0201')!.data;
  const values = new Map(parseTlv(record)[0]!.children!.map((node) => [node.tag, node.value]));
  if (options.cvmList !== undefined) values.set('8E', fromHex(options.cvmList));
  for (const [tag, value] of Object.entries(options.objects ?? {})) values.set(tag, fromHex(value));
  return encodeTlv('70', concat(...[...values].map(([tag, value]) => encodeTlv(tag, value))));
}

/** Groupings that differ from the base card's. */
export function certifiedCard(options: CertifiedOptions = {}): CertifiedCard {
  const modulusBytes = options.modulusBytes ?? 128;
  const aip = fromHex(options.aip ?? '7C00');
  const [ca, issuer, card] = ['ca', 'issuer', 'card'].map((name) => keyOf(name, modulusBytes)) as [
    RsaPrivateParts,
    RsaPrivateParts,
    RsaPrivateParts,
  ];
  const record = staticRecord(options);
  const staticData = staticDataToBeAuthenticated([{ sfi: 2, bytes: record }], aip);
  const serial = fromHex('000001');
  const issuerCertificate = buildIssuerCertificate(
    { subject: recordedPan.slice(0, 6), expiry: '1230', serial, publicKey: issuer },
    signerOf(ca),
  );
  const cardCertificate = buildIccCertificate(
    { subject: recordedPan, expiry: '1230', serial, publicKey: card },
    signerOf(issuer),
    staticData,
  );
  const grouping = (dgi: string, ...objects: readonly (readonly [string, Uint8Array])[]): RecordedGrouping => {
    const body = concat(
      ...objects.filter(([, value]) => value.length > 0).map(([tag, value]) => encodeTlv(tag, value)),
    );
    return { dgi, data: toHex(encodeTlv('70', body)) };
  };
  const long = modulusBytes > 200;
  const dynamic = modulusBytes > 128;
  const records = long ? '6' : '3';
  // qPBOC names the record the card makes with its signature before the last one.
  const qpboc = `080101001001020118010${records}00${dynamic ? '30010100' : ''}18${long ? '0707' : '0404'}00`;
  const afl = `080101001001020118010${records}00`;
  const options82 = (list: string): string => toHex(concat(encodeTlv('82', aip), encodeTlv('94', fromHex(list))));
  const iad = '9F101307010103000000010A01000000000000000000';
  const certificates = long
    ? [
        grouping('0301', ['90', issuerCertificate.certificate]),
        grouping(
          '0302',
          ['8F', fromHex(CA_INDEX)],
          ['9F32', issuerCertificate.exponent],
          ['92', issuerCertificate.remainder],
        ),
        grouping('0303', ['93', buildSignedStaticData(signerOf(issuer), fromHex('DAC1'), staticData)]),
        grouping('0304', ['9F46', cardCertificate.certificate]),
        grouping('0305', ['9F47', cardCertificate.exponent], ['9F48', cardCertificate.remainder]),
        grouping('0306', ['9F74', fromHex('454343303031')]),
        grouping('0307', ['9F69', new Uint8Array(8)], ['5F30', fromHex('0220')]),
      ]
    : [
        grouping(
          '0301',
          ['8F', fromHex(CA_INDEX)],
          ['90', issuerCertificate.certificate],
          ['92', issuerCertificate.remainder],
          ['9F32', issuerCertificate.exponent],
        ),
        grouping('0302', ['93', buildSignedStaticData(signerOf(issuer), fromHex('DAC1'), staticData)]),
        grouping(
          '0303',
          ['9F46', cardCertificate.certificate],
          ['9F47', cardCertificate.exponent],
          ['9F48', cardCertificate.remainder],
        ),
      ];
  return {
    changes: [
      { dgi: '0201', data: toHex(record) },
      ...certificates,
      { dgi: '9104', data: options82(afl) },
      { dgi: '9203', data: options82(afl) },
      { dgi: '9207', data: options82(qpboc) + iad },
      { dgi: '8201', data: toHex(card.qInv) },
      { dgi: '8202', data: toHex(card.dq) },
      { dgi: '8203', data: toHex(card.dp) },
      { dgi: '8204', data: toHex(card.q) },
      { dgi: '8205', data: toHex(card.p) },
    ],
    caKeys: new Map([[`A000000333${CA_INDEX}`, openRsaPublicKey(ca.modulus, ca.exponent)]]),
  };
}

const SM2_CA_INDEX = '57';
/** The contact FCI with DF69 in its PDOL. */
const CONTACT_FCI_WITH_DF69 =
  'A545500A50424F432044454249548701019F380F9F7A019F02065F2A029F4E14DF69015F2D047A68656E9F1101019F120950424F432054455354BF0C0A9F4D020B0ADF4D020C0A';

/** The same with SM2 keys and certificates and SM4 cryptograms; the card has its RSA key beside them. */
export function sm2CertifiedCard(options: Pick<CertifiedOptions, 'aip'> = {}): CertifiedCard {
  const aip = fromHex(options.aip ?? '7C00');
  const random = seededRandom('sm2 card');
  const [ca, issuer, card] = [generateSm2Key(random), generateSm2Key(random), generateSm2Key(random)];
  const signer = (key: Sm2KeyPair) => (message: Uint8Array) => sm2Sign(key, message, random);
  const record = staticRecord({});
  const staticData = staticDataToBeAuthenticated([{ sfi: 2, bytes: record }], aip);
  const content = { expiry: '1230', serial: fromHex('000001') };
  const issuerCertificate = buildSm2IssuerCertificate(
    { ...content, subject: recordedPan.slice(0, 6), point: issuer.publicKey },
    signer(ca),
  );
  const cardCertificate = buildSm2CardCertificate(
    { ...content, subject: recordedPan, point: card.publicKey },
    signer(issuer),
    staticData,
  );
  const grouping = (dgi: string, ...objects: readonly (readonly [string, Uint8Array])[]): RecordedGrouping => ({
    dgi,
    data: toHex(encodeTlv('70', concat(...objects.map(([tag, value]) => encodeTlv(tag, value))))),
  });
  const iad = '9F101307010103000000040A01000000000000000000';
  const paths = (afl: string): string => toHex(concat(encodeTlv('82', aip), encodeTlv('94', fromHex(afl))));
  return {
    changes: [
      grouping('0301', ['8F', fromHex(SM2_CA_INDEX)], ['90', issuerCertificate]),
      grouping('0302', ['93', buildSm2StaticSignature(signer(issuer), fromHex('DAC1'), staticData)]),
      grouping('0303', ['9F46', cardCertificate]),
      { dgi: '9102', data: CONTACT_FCI_WITH_DF69 },
      { dgi: '9104', data: paths('080101001001020118010300') },
      { dgi: '9203', data: paths('080101001001020118010300') },
      { dgi: '9207', data: paths('080101001001020118010400') + iad },
      { dgi: '9200', data: iad },
      { dgi: '8206', data: toHex(card.privateKey) },
    ],
    caKeys: new Map([[`A000000333${SM2_CA_INDEX}`, { point: ca.publicKey }]]),
  };
}
