/**
 * SCP02: session keys, cryptograms and secure messaging (GPC 2.3.1 Annex E).
 * Explicit initiation and C-MAC on the unmodified APDU only (i bits b2 and b3 set, b4 clear), as cards in use have it.
 */
import { type CommandApdu, concat, PolycardError, type ResponseApdu } from '@polycard/bytes';
import { constantTimeEqual, decryptBlocks, encryptBlocks, macAlgorithm3, pad80 } from '@polycard/crypto';
import { CLA_SECURE_MESSAGING, headerOf, macCla, type SecureMessaging, withoutPad80 } from './messaging.ts';
import { LEVEL_C_DECRYPTION, LEVEL_C_MAC, LEVEL_R_MAC, SCP02_I_ICV_ENCRYPTION } from './protocol.ts';
import type { StaticKeys } from './static-keys.ts';

const MAC_BYTES = 8;
const ZERO_BLOCK = new Uint8Array(8);

/** GPC 2.3.1 §E.4.1: derivation constants. */
const DERIVATION = { mac: 0x0101, rmac: 0x0102, dek: 0x0181, enc: 0x0182 } as const;

export interface Scp02SessionKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly rmac: Uint8Array;
  readonly dek: Uint8Array;
}

/** Session keys from the static ones and the 2-byte sequence counter (GPC 2.3.1 §E.4.1). */
export function deriveScp02Keys(keys: StaticKeys, sequence: Uint8Array): Scp02SessionKeys {
  const derived = (constant: number, key: Uint8Array): Uint8Array => {
    const data = new Uint8Array(16);
    data.set([constant >> 8, constant & 0xff, ...sequence]);
    return Uint8Array.from(encryptBlocks('des-ede-cbc', key, data, ZERO_BLOCK));
  };
  return {
    enc: derived(DERIVATION.enc, keys.enc),
    mac: derived(DERIVATION.mac, keys.mac),
    rmac: derived(DERIVATION.rmac, keys.mac),
    dek: derived(DERIVATION.dek, keys.dek),
  };
}

/** First 6 bytes of the retail MAC over the AID of the selected application (GPC 2.3.1 §E.4.2.3, i b7). */
export function scp02PseudoRandomChallenge(sMac: Uint8Array, aid: Uint8Array): Uint8Array {
  return macAlgorithm3(sMac, aid).slice(0, 6);
}

/** 3DES CBC-MAC, every block with the whole key (GPC 2.3.1 §B.1.2.1, ISO 9797-1 algorithm 1). */
function fullTripleDesMac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const cbc = encryptBlocks('des-ede-cbc', key, pad80(data, 8), ZERO_BLOCK);
  return cbc.slice(cbc.length - MAC_BYTES);
}

/** Authentication cryptograms (GPC 2.3.1 §E.4.2). */
export function scp02Cryptograms(
  sEnc: Uint8Array,
  challenges: { readonly host: Uint8Array; readonly sequence: Uint8Array; readonly card: Uint8Array },
): { card: Uint8Array; host: Uint8Array } {
  const { host, sequence, card } = challenges;
  return {
    card: fullTripleDesMac(sEnc, concat(host, sequence, card)),
    host: fullTripleDesMac(sEnc, concat(sequence, card, host)),
  };
}

export class Scp02Messaging implements SecureMessaging {
  readonly #keys: Scp02SessionKeys;
  readonly #encryptsIcv: boolean;
  #level = LEVEL_C_MAC;
  #lastMac: Uint8Array | undefined;
  #responseChain: Uint8Array = ZERO_BLOCK;
  /** Header, Lc and data in clear of the command being answered: the R-MAC covers them. */
  #answered: Uint8Array = new Uint8Array(0);
  readonly secretBlockBytes = 8;

  constructor(keys: Scp02SessionKeys, i: number) {
    this.#keys = keys;
    this.#encryptsIcv = (i & SCP02_I_ICV_ENCRYPTION) !== 0;
  }

  get level(): number {
    return this.#level;
  }

  get dataBytesMax(): number {
    if ((this.#level & LEVEL_C_DECRYPTION) !== 0) return 239; // 255 less the MAC, in whole blocks, less one byte of padding
    return (this.#level & LEVEL_C_MAC) !== 0 ? 255 - MAC_BYTES : 255;
  }

  begin(level: number): void {
    this.#level = level;
    this.#responseChain = this.#lastMac ?? ZERO_BLOCK;
  }

  /** GPC 2.3.1 §E.4.4: the ICV is the C-MAC before, enciphered with single DES when i b5 says so. */
  #commandMac(plain: CommandApdu): Uint8Array {
    const left = this.#keys.mac.subarray(0, 8);
    let icv = this.#lastMac ?? ZERO_BLOCK;
    if (this.#lastMac !== undefined && this.#encryptsIcv) icv = encryptBlocks('des-ede-ecb', concat(left, left), icv);
    const header = headerOf({ ...plain, cla: macCla(plain.cla) }, plain.data.length + MAC_BYTES);
    return macAlgorithm3(this.#keys.mac, concat(header, plain.data), icv);
  }

  #remember(plain: CommandApdu): void {
    if ((this.#level & LEVEL_R_MAC) === 0) return;
    this.#answered = concat(headerOf({ ...plain, cla: plain.cla & 0xf8 }, plain.data.length), plain.data);
  }

  protectCommand(plain: CommandApdu): CommandApdu {
    this.#remember(plain);
    if ((this.#level & LEVEL_C_MAC) === 0) return plain;
    const mac = this.#commandMac(plain);
    this.#lastMac = mac;
    let data = plain.data;
    if ((this.#level & LEVEL_C_DECRYPTION) !== 0 && data.length > 0) {
      data = encryptBlocks('des-ede-cbc', this.#keys.enc, pad80(data, 8), ZERO_BLOCK);
    }
    return { ...plain, cla: plain.cla | CLA_SECURE_MESSAGING, data: concat(data, mac) };
  }

  openCommand(received: CommandApdu): CommandApdu | undefined {
    const plain = (this.#level & LEVEL_C_MAC) === 0 ? received : this.#openProtected(received);
    if (plain !== undefined) this.#remember(plain);
    return plain;
  }

  #openProtected(received: CommandApdu): CommandApdu | undefined {
    if ((received.cla & CLA_SECURE_MESSAGING) === 0 || received.data.length < MAC_BYTES) return undefined;
    const body = received.data.subarray(0, received.data.length - MAC_BYTES);
    let data: Uint8Array | undefined = body;
    // Some hosts encipher a whole padding block when there are no data, others send the MAC alone; its C-MAC is the same
    if ((this.#level & LEVEL_C_DECRYPTION) !== 0 && body.length > 0) {
      if (body.length % 8 !== 0) return undefined;
      data = withoutPad80(decryptBlocks('des-ede-cbc', this.#keys.enc, body, ZERO_BLOCK));
    }
    if (data === undefined) return undefined;
    const plain: CommandApdu = { ...received, cla: received.cla & ~CLA_SECURE_MESSAGING, data };
    const mac = this.#commandMac(plain);
    if (!constantTimeEqual(mac, received.data.subarray(body.length))) return undefined;
    this.#lastMac = mac;
    return plain;
  }

  /** GPC 2.3.1 §E.4.5: over the command in clear, the length and bytes of the answer and its status word. */
  #responseMac({ data, sw }: ResponseApdu): Uint8Array {
    const input = concat(this.#answered, Uint8Array.of(data.length), data, Uint8Array.of(sw >> 8, sw & 0xff));
    this.#responseChain = macAlgorithm3(this.#keys.rmac, input, this.#responseChain);
    return this.#responseChain;
  }

  protectResponse(plain: ResponseApdu): ResponseApdu {
    if ((this.#level & LEVEL_R_MAC) === 0) return plain;
    return { sw: plain.sw, data: concat(plain.data, this.#responseMac(plain)) };
  }

  openResponse(received: ResponseApdu): ResponseApdu | undefined {
    if ((this.#level & LEVEL_R_MAC) === 0) return received;
    const length = received.data.length - MAC_BYTES;
    if (length < 0) return undefined;
    const plain: ResponseApdu = { sw: received.sw, data: received.data.slice(0, length) };
    return constantTimeEqual(this.#responseMac(plain), received.data.subarray(length)) ? plain : undefined;
  }

  encipherSecret(clear: Uint8Array): Uint8Array {
    requireBlocks(clear, 8);
    return encryptBlocks('des-ede-ecb', this.#keys.dek, clear);
  }

  decipherSecret(enciphered: Uint8Array): Uint8Array {
    requireBlocks(enciphered, 8);
    return decryptBlocks('des-ede-ecb', this.#keys.dek, enciphered);
  }
}

export function requireBlocks(data: Uint8Array, blockBytes: number): void {
  if (data.length > 0 && data.length % blockBytes === 0) return;
  throw new PolycardError('POLYCARD_GP_SECRET', `a secret of ${data.length} bytes is no whole number of blocks`, {
    where: 'secret',
    expected: `a multiple of ${blockBytes} bytes`,
  });
}
