/** Certificates for the TLS cases: an authority of the kit's own, the host's certificate, and terminals' good and bad ones. */
import { type IssuedCertificate, issueCertificate, type RandomSource } from '@polycard/crypto';
import type { HostAddress } from '../host/terminal-player.ts';

/** Whose certificate a case shows. `none` shows none, `foreign` is of another authority. */
export const TLS_SHOWN = ['own', 'none', 'foreign', 'expired', 'other-terminal'] as const;
export type TlsShown = (typeof TLS_SHOWN)[number];

export interface TlsBench {
  readonly address: HostAddress;
  /** PEM: who signed the host's certificate. */
  readonly authority: string;
  /** Undefined where the kit cannot have such a certificate for this host. */
  certificateOf(shown: Exclude<TlsShown, 'none'>, terminalNo: string): IssuedCertificate | undefined;
}

const DAY_MS = 86_400_000;
const AUTHORITY = 'Polycard conformance';
const FOREIGN_AUTHORITY = 'Somebody else';
const OTHER_TERMINAL = '99999999';

export class KitAuthority {
  readonly #random: RandomSource;
  readonly #now: Date;
  readonly own: IssuedCertificate;
  readonly #foreign: IssuedCertificate;

  constructor(random: RandomSource, now: Date) {
    this.#random = random;
    this.#now = now;
    this.own = this.#issue(AUTHORITY);
    this.#foreign = this.#issue(FOREIGN_AUTHORITY);
  }

  host(address: string): IssuedCertificate {
    return this.#issue('host', this.own, { address });
  }

  certificateOf(shown: Exclude<TlsShown, 'none'>, terminalNo: string): IssuedCertificate {
    switch (shown) {
      case 'own':
        return this.#issue(terminalNo, this.own);
      case 'other-terminal':
        return this.#issue(OTHER_TERMINAL, this.own);
      case 'foreign':
        return this.#issue(terminalNo, this.#foreign, { authority: FOREIGN_AUTHORITY });
      case 'expired':
        return this.#issue(terminalNo, this.own, { endsInDays: -1 });
    }
  }

  #issue(
    commonName: string,
    issuer?: IssuedCertificate,
    {
      address,
      endsInDays = 30,
      authority = AUTHORITY,
    }: { readonly address?: string; readonly endsInDays?: number; readonly authority?: string } = {},
  ): IssuedCertificate {
    const at = (days: number): Date => new Date(this.#now.getTime() + days * DAY_MS);
    return issueCertificate({
      ...{ commonName, validFrom: at(-30), validTo: at(endsInDays), random: this.#random },
      ...(issuer === undefined ? {} : { issuer: { ...issuer, commonName: authority } }),
      ...(address === undefined ? {} : { address }),
    });
  }
}
