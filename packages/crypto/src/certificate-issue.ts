/**
 * Certificates for lines over TLS, made for tests and for the conformance kit: X.509 v3 (RFC 5280) over P-256 keys, signed
 * by ECDSA with SHA-256 (RFC 5758). No product authority: it writes no revocation and keeps no record.
 */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { concat, encodeTlv, fromHex } from '@polycard/bytes';
import type { RandomSource } from './random.ts';

/** PEM texts. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Who signs; itself unless given, and then it is an authority. */
  readonly issuer?: IssuedCertificate & { readonly commonName: string };
  /** IPv4 address of a host that has no name. */
  readonly address?: string;
  /** For the serial number. */
  readonly random: RandomSource;
}

const ECDSA_WITH_SHA256 = '06082A8648CE3D040302';
const COMMON_NAME = '0603550403';
const BASIC_CONSTRAINTS = '0603551D13';
const SUBJECT_ALTERNATIVE_NAME = '0603551D11';
const CRITICAL = '0101FF';
const SERIAL_BYTES = 8;

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => encodeTlv('30', concat(...parts));
const nameOf = (commonName: string): Uint8Array =>
  sequence(encodeTlv('31', sequence(fromHex(COMMON_NAME), encodeTlv('0C', Buffer.from(commonName, 'utf8')))));
/** UTCTime, which ends with 2049. */
const timeOf = (date: Date): Uint8Array =>
  encodeTlv('17', Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`, 'latin1'));

export function issueCertificate(request: CertificateRequest): IssuedCertificate {
  const { commonName, validFrom, validTo, issuer, address, random } = request;
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const serial = Uint8Array.from(random(SERIAL_BYTES));
  // positive and of full length
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const extension = (name: string, value: Uint8Array, critical = ''): Uint8Array =>
    sequence(fromHex(name), fromHex(critical), encodeTlv('04', value));
  const extensions = [
    extension(BASIC_CONSTRAINTS, issuer === undefined ? sequence(fromHex(CRITICAL)) : sequence(), CRITICAL),
    ...(address === undefined
      ? []
      : [
          extension(
            SUBJECT_ALTERNATIVE_NAME,
            sequence(encodeTlv('87', Uint8Array.from(address.split('.').map(Number)))),
          ),
        ]),
  ];
  const signed = sequence(
    encodeTlv('A0', fromHex('020102')),
    encodeTlv('02', serial),
    sequence(fromHex(ECDSA_WITH_SHA256)),
    nameOf(issuer?.commonName ?? commonName),
    sequence(timeOf(validFrom), timeOf(validTo)),
    nameOf(commonName),
    createPublicKey(pair.privateKey).export({ type: 'spki', format: 'der' }),
    encodeTlv('A3', sequence(...extensions)),
  );
  const signature = sign('sha256', signed, issuer?.key ?? key);
  const whole = sequence(
    signed,
    sequence(fromHex(ECDSA_WITH_SHA256)),
    encodeTlv('03', concat(Uint8Array.of(0), signature)),
  );
  const base64 = Buffer.from(whole).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return { certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, key };
}
