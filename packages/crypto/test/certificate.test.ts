/** Certificates of the kit: Node's TLS believes them, and their facts are read back. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueCertificate, readCertificate, seededRandom } from '../src/index.ts';

const random = seededRandom('certificates');
const dates = { validFrom: new Date('2026-01-01T00:00:00Z'), validTo: new Date('2036-01-01T00:00:00Z') };
const authority = issueCertificate({ commonName: 'authority', ...dates, random });
const terminal = issueCertificate({
  ...{ commonName: '10000001', ...dates, random, address: '127.0.0.1' },
  issuer: { ...authority, commonName: 'authority' },
});

describe('a certificate', () => {
  it('is signed by its authority and by no other', () => {
    const issued = new X509Certificate(terminal.certificate);
    const other = issueCertificate({ commonName: 'authority', ...dates, random });
    expect(issued.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(issued.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
    expect(issued.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect([new X509Certificate(authority.certificate).ca, issued.ca]).toEqual([true, false]);
  });

  it('says its name, its dates and whether a key is its own', () => {
    const facts = readCertificate(Buffer.from(terminal.certificate));
    expect(facts).toMatchObject({ commonName: '10000001', ...dates });
    expect(facts.isOfKey(Buffer.from(terminal.key))).toBe(true);
    expect(facts.isOfKey(Buffer.from(authority.key))).toBe(false);
  });

  it('that is none is named, without its text', () => {
    const wrong = expect.objectContaining({ code: 'POLYCARD_CRYPTO_CERTIFICATE' });
    expect(() => readCertificate(Buffer.from('secret'))).toThrow(wrong);
    const facts = readCertificate(Buffer.from(terminal.certificate));
    expect(() => facts.isOfKey(Buffer.from('secret'))).toThrow(wrong);
  });
});
