/**
 * The keys of one industry as a terminal holds them (a PSAM in software): dispersed down to where the card comes in, used
 * by meaning only. Which keys it holds is which role the terminal has. Reference industries.md §0.5, §0.6.
 */
import { concat, PolycardError, Secret, toHex } from '@polycard/bytes';
import { type Algorithm, checkValue, constantTimeEqual, disperseAlong } from '@polycard/crypto';
import {
  decipherIndustry,
  encipherIndustry,
  externalCryptogram,
  INDUSTRY_MAC_BYTES,
  type IndustryKey,
  industryCommandMac,
  industryResponseMac,
  internalCryptogram,
  type SessionMode,
} from '@polycard/emv';

export interface IndustryPsamKey {
  /** Key number on the card. */
  readonly reference: number;
  readonly version: number;
  readonly algorithm: Algorithm;
  /** 16 bytes, above the card in the tree. */
  readonly key: Uint8Array;
  /** From where the key ends down to the card, given the last 8 bytes of its serial. */
  readonly cardFactors: (serial: Uint8Array) => readonly Uint8Array[];
}

/** Whose answer a protected command is: its challenge makes the keys of both directions. */
export interface ProtectedExchange {
  readonly reference: number;
  /** Last 8 bytes of the card's serial. */
  readonly serial: Uint8Array;
  readonly challenge: Uint8Array;
}

export class IndustryPsam {
  readonly #session: SessionMode;
  readonly #keys = new Map<number, { readonly definition: IndustryPsamKey; readonly secret: Secret }>();

  constructor(keys: readonly IndustryPsamKey[], session: SessionMode = 'split') {
    this.#session = session;
    for (const definition of keys) {
      const secret = new Secret(definition.key, toHex(checkValue(definition.algorithm, definition.key)));
      this.#keys.set(definition.reference, { definition, secret });
    }
  }

  holds(reference: number): boolean {
    return this.#keys.has(reference);
  }

  #cardKey(reference: number, serial: Uint8Array): IndustryKey {
    const entry = this.#keys.get(reference);
    if (entry === undefined) {
      const name = `key ${toHex(Uint8Array.of(reference))}`;
      throw new PolycardError('POLYCARD_TERMINAL_PSAM_KEY', `the PSAM holds no ${name}`, {
        where: name,
        expected: 'a PSAM of the role that may do this',
      });
    }
    const { algorithm, cardFactors } = entry.definition;
    return {
      algorithm,
      session: this.#session,
      key: disperseAlong(algorithm, entry.secret.expose(), cardFactors(serial)),
    };
  }

  /** Data of EXTERNAL AUTHENTICATE: cryptogram 8 ‖ terminal random 8 ‖ key version. */
  authenticationData({ reference, serial, challenge }: ProtectedExchange, terminalRandom: Uint8Array): Uint8Array {
    const key = this.#cardKey(reference, serial);
    const { version } = this.#keys.get(reference)!.definition;
    return concat(externalCryptogram(key, challenge, terminalRandom), terminalRandom, Uint8Array.of(version));
  }

  /** Is this the answer of a genuine card to INTERNAL AUTHENTICATE. */
  isGenuine(reference: number, serial: Uint8Array, terminalRandom: Uint8Array, answer: Uint8Array): boolean {
    return constantTimeEqual(internalCryptogram(this.#cardKey(reference, serial), terminalRandom), answer);
  }

  /** Body and MAC of a protected command; enciphered when asked and when there is anything to encipher. */
  protect(exchange: ProtectedExchange, header: Uint8Array, plain: Uint8Array, enciphered: boolean): Uint8Array {
    const key = this.#cardKey(exchange.reference, exchange.serial);
    const hasBody = enciphered && plain.length > 0;
    const body = hasBody ? encipherIndustry(key, exchange.challenge, plain) : plain;
    return concat(body, industryCommandMac(key, exchange.challenge, header, body));
  }

  /** The answer in clear; undefined when its MAC or its encipherment does not hold. */
  open(exchange: ProtectedExchange, answer: Uint8Array, enciphered: boolean): Uint8Array | undefined {
    if (answer.length < INDUSTRY_MAC_BYTES) return undefined;
    const key = this.#cardKey(exchange.reference, exchange.serial);
    const body = answer.slice(0, answer.length - INDUSTRY_MAC_BYTES);
    const mac = industryResponseMac(key, exchange.challenge, body);
    if (!constantTimeEqual(mac, answer.subarray(body.length))) return undefined;
    return enciphered ? decipherIndustry(key, exchange.challenge, body) : body;
  }
}
