/** What a PEM certificate (X.509) and its key file say, as far as a line over TLS needs it before it is opened. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { PolycardError } from '@polycard/bytes';

export interface CertificateFacts {
  readonly commonName: string | undefined;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Throws `POLYCARD_CRYPTO_CERTIFICATE` for a text that is no private key. */
  readonly isOfKey: (pem: Uint8Array) => boolean;
}

/** The first certificate of the text. Throws `POLYCARD_CRYPTO_CERTIFICATE`. */
export function readCertificate(pem: Uint8Array): CertificateFacts {
  const certificate = parsed('a certificate', () => new X509Certificate(pem));
  return {
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1],
    ...{ validFrom: new Date(certificate.validFrom), validTo: new Date(certificate.validTo) },
    isOfKey: (key) => certificate.checkPrivateKey(parsed('a private key', () => createPrivateKey(Buffer.from(key)))),
  };
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    // its own words could quote the file
    throw new PolycardError('POLYCARD_CRYPTO_CERTIFICATE', `this is not ${what}`, { expected: 'PEM, not enciphered' });
  }
}
