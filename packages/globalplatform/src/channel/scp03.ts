/**
 * SCP03: session keys, cryptograms and secure messaging (GPC Amendment D 1.1.1), and its S16 mode with 16-byte
 * challenges and MACs as publicly described for 1.2. AES-128, AES-192, AES-256.
 */
import { type CommandApdu, concat, type ResponseApdu } from '@polycard/bytes';
import { constantTimeEqual, type OpenCbc, openAesCmac, openCbc, pad80 } from '@polycard/crypto';
import { CLA_SECURE_MESSAGING, headerOf, macCla, type SecureMessaging, withoutPad80 } from './messaging.ts';
import { LEVEL_C_DECRYPTION, LEVEL_C_MAC, LEVEL_R_ENCRYPTION, LEVEL_R_MAC } from './protocol.ts';
import { requireBlocks } from './scp02.ts';
import type { StaticKeys } from './static-keys.ts';

/** Amendment D Table 4-1: data derivation constants. */
const DERIVATION = { cardCryptogram: 0x00, hostCryptogram: 0x01, challenge: 0x02, enc: 0x04, mac: 0x06, rmac: 0x07 };
const BLOCK_BYTES = 16;
const ZERO_BLOCK = new Uint8Array(BLOCK_BYTES);

/** NIST SP 800-108 in counter mode with CMAC (Amendment D §4.1.5). `lengthBytes` up to 32. */
export function scp03Derive(key: Uint8Array, constant: number, lengthBytes: number, context: Uint8Array): Uint8Array {
  const cmac = openAesCmac(key);
  const bits = lengthBytes * 8;
  const blocks: Uint8Array[] = [];
  for (let counter = 1; blocks.length * BLOCK_BYTES < lengthBytes; counter++) {
    const label = new Uint8Array(BLOCK_BYTES);
    label.set([constant, 0x00, bits >> 8, bits & 0xff, counter], 11);
    blocks.push(cmac(label, context));
  }
  return concat(...blocks).slice(0, lengthBytes);
}

export interface Scp03SessionKeys {
  readonly enc: Uint8Array;
  readonly mac: Uint8Array;
  readonly rmac: Uint8Array;
  /** There is no session DEK: the static one. */
  readonly dek: Uint8Array;
}

/** Context: host challenge ‖ card challenge (Amendment D §6.2.1). */
export function deriveScp03Keys(keys: StaticKeys, context: Uint8Array): Scp03SessionKeys {
  return {
    enc: scp03Derive(keys.enc, DERIVATION.enc, keys.enc.length, context),
    mac: scp03Derive(keys.mac, DERIVATION.mac, keys.mac.length, context),
    rmac: scp03Derive(keys.mac, DERIVATION.rmac, keys.mac.length, context),
    dek: keys.dek,
  };
}

/** From the static ENC key, the 3-byte sequence counter and the AID (Amendment D §6.2.2.1). */
export function scp03PseudoRandomChallenge(
  kEnc: Uint8Array,
  lengthBytes: number,
  counter: Uint8Array,
  aid: Uint8Array,
): Uint8Array {
  return scp03Derive(kEnc, DERIVATION.challenge, lengthBytes, concat(counter, aid));
}

/** Amendment D §6.2.2.2 and §6.2.2.3; 8 bytes, 16 in S16. */
export function scp03Cryptograms(
  sMac: Uint8Array,
  context: Uint8Array,
  lengthBytes: number,
): { card: Uint8Array; host: Uint8Array } {
  return {
    card: scp03Derive(sMac, DERIVATION.cardCryptogram, lengthBytes, context),
    host: scp03Derive(sMac, DERIVATION.hostCryptogram, lengthBytes, context),
  };
}

/** Responses that carry an R-MAC: done, and warnings (Amendment D §6.2.5). */
function isProtectedStatus(sw: number): boolean {
  return sw === 0x9000 || sw >> 8 === 0x62 || sw >> 8 === 0x63;
}

export class Scp03Messaging implements SecureMessaging {
  readonly #macBytes: number;
  readonly #cipher: OpenCbc;
  readonly #dek: OpenCbc;
  readonly #cmac: (...parts: readonly Uint8Array[]) => Uint8Array;
  readonly #responseCmac: (...parts: readonly Uint8Array[]) => Uint8Array;
  #level = LEVEL_C_MAC;
  #chaining: Uint8Array = new Uint8Array(BLOCK_BYTES);
  /** Commands since EXTERNAL AUTHENTICATE; those without data count too (Amendment D §6.2.6). */
  #commands = 0;
  readonly secretBlockBytes = 16;

  constructor(keys: Scp03SessionKeys, macBytes: 8 | 16) {
    this.#macBytes = macBytes;
    this.#cipher = openCbc('aes-cbc', keys.enc);
    this.#dek = openCbc('aes-cbc', keys.dek);
    this.#cmac = openAesCmac(keys.mac);
    this.#responseCmac = openAesCmac(keys.rmac);
  }

  get level(): number {
    return this.#level;
  }

  get dataBytesMax(): number {
    if ((this.#level & LEVEL_C_MAC) === 0) return 255;
    const room = 255 - this.#macBytes;
    return (this.#level & LEVEL_C_DECRYPTION) === 0 ? room : room - (room % BLOCK_BYTES) - 1;
  }

  begin(level: number): void {
    this.#level = level;
    this.#commands = 0;
  }

  /** ICV of command (or, with the first byte 80, response) encryption: the enciphered counter. */
  #icv(isResponse: boolean): Uint8Array {
    const block = new Uint8Array(BLOCK_BYTES);
    new DataView(block.buffer).setUint32(BLOCK_BYTES - 4, this.#commands);
    if (isResponse) block[0] = 0x80;
    return this.#cipher.encrypt(block, ZERO_BLOCK);
  }

  protectCommand(plain: CommandApdu): CommandApdu {
    this.#commands++;
    if ((this.#level & LEVEL_C_MAC) === 0) return plain;
    let data = plain.data;
    if ((this.#level & LEVEL_C_DECRYPTION) !== 0 && data.length > 0) {
      data = this.#cipher.encrypt(pad80(data, BLOCK_BYTES), this.#icv(false));
    }
    const header = headerOf({ ...plain, cla: macCla(plain.cla) }, data.length + this.#macBytes);
    this.#chaining = this.#cmac(this.#chaining, header, data);
    const mac = this.#chaining.subarray(0, this.#macBytes);
    return { ...plain, cla: plain.cla | CLA_SECURE_MESSAGING, data: concat(data, mac) };
  }

  openCommand(received: CommandApdu): CommandApdu | undefined {
    this.#commands++;
    if ((this.#level & LEVEL_C_MAC) === 0) return received;
    const length = received.data.length - this.#macBytes;
    if ((received.cla & CLA_SECURE_MESSAGING) === 0 || length < 0) return undefined;
    const body = received.data.subarray(0, length);
    const header = headerOf({ ...received, cla: macCla(received.cla) }, received.data.length);
    const chaining = this.#cmac(this.#chaining, header, body);
    if (!constantTimeEqual(chaining.subarray(0, this.#macBytes), received.data.subarray(length))) return undefined;
    this.#chaining = chaining;
    let data: Uint8Array | undefined = body;
    if ((this.#level & LEVEL_C_DECRYPTION) !== 0 && length > 0) {
      if (length % BLOCK_BYTES !== 0) return undefined;
      data = withoutPad80(this.#cipher.decrypt(body, this.#icv(false)));
    }
    return data === undefined ? undefined : { ...received, cla: received.cla & ~CLA_SECURE_MESSAGING, data };
  }

  #responseMac(data: Uint8Array, sw: number): Uint8Array {
    return this.#responseCmac(this.#chaining, data, Uint8Array.of(sw >> 8, sw & 0xff)).subarray(0, this.#macBytes);
  }

  protectResponse(plain: ResponseApdu): ResponseApdu {
    if ((this.#level & LEVEL_R_MAC) === 0) return plain;
    if (!isProtectedStatus(plain.sw)) return { sw: plain.sw, data: new Uint8Array(0) };
    let data = plain.data;
    if ((this.#level & LEVEL_R_ENCRYPTION) !== 0 && data.length > 0) {
      data = this.#cipher.encrypt(pad80(data, BLOCK_BYTES), this.#icv(true));
    }
    return { sw: plain.sw, data: concat(data, this.#responseMac(data, plain.sw)) };
  }

  openResponse(received: ResponseApdu): ResponseApdu | undefined {
    if ((this.#level & LEVEL_R_MAC) === 0) return received;
    if (!isProtectedStatus(received.sw)) return received.data.length === 0 ? received : undefined;
    const length = received.data.length - this.#macBytes;
    if (length < 0) return undefined;
    const body = received.data.subarray(0, length);
    if (!constantTimeEqual(this.#responseMac(body, received.sw), received.data.subarray(length))) return undefined;
    let data: Uint8Array | undefined = body;
    if ((this.#level & LEVEL_R_ENCRYPTION) !== 0 && length > 0) {
      if (length % BLOCK_BYTES !== 0) return undefined;
      data = withoutPad80(this.#cipher.decrypt(body, this.#icv(true)));
    }
    return data === undefined ? undefined : { sw: received.sw, data: Uint8Array.from(data) };
  }

  /** CBC with a zero ICV (Amendment D §6.2.8). */
  encipherSecret(clear: Uint8Array): Uint8Array {
    requireBlocks(clear, BLOCK_BYTES);
    return this.#dek.encrypt(clear, ZERO_BLOCK);
  }

  decipherSecret(enciphered: Uint8Array): Uint8Array {
    requireBlocks(enciphered, BLOCK_BYTES);
    return this.#dek.decrypt(enciphered, ZERO_BLOCK);
  }
}
