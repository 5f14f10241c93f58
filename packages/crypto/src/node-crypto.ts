/**
 * node:crypto for the rest of the project: only this package imports it. Everything here takes bytes and gives bytes.
 *
 * Single DES is `des-ede` with K‖K: OpenSSL 3 has no single DES without its legacy provider. Keys go through
 * `createSecretKey`, which on Node 24 is three times faster than raw key bytes.
 */
import {
  type Cipheriv,
  checkPrimeSync,
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type Decipheriv,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';

/** AES takes the size of its key: 16, 24 or 32 bytes. */
export type BlockMode =
  | 'des-ede-ecb'
  | 'des-ede-cbc'
  | 'des-ede3-ecb'
  | 'des-ede3-cbc'
  | 'sm4-ecb'
  | 'sm4-cbc'
  | 'aes-ecb'
  | 'aes-cbc';

/** OpenSSL's name of the cipher. */
function cipherName(mode: BlockMode, key: Uint8Array): string {
  if (mode === 'aes-ecb') return `aes-${key.length * 8}-ecb`;
  return mode === 'aes-cbc' ? `aes-${key.length * 8}-cbc` : mode;
}

function view(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Encrypts whole blocks, no padding; `iv` only for the CBC modes. */
export function encryptBlocks(
  mode: BlockMode,
  key: Uint8Array,
  data: Uint8Array,
  iv: Uint8Array | null = null,
): Uint8Array {
  const cipher = createCipheriv(cipherName(mode, key), createSecretKey(key), iv);
  cipher.setAutoPadding(false);
  return view(cipher.update(data));
}

export function decryptBlocks(
  mode: BlockMode,
  key: Uint8Array,
  data: Uint8Array,
  iv: Uint8Array | null = null,
): Uint8Array {
  const cipher = createDecipheriv(cipherName(mode, key), createSecretKey(key), iv);
  cipher.setAutoPadding(false);
  return view(cipher.update(data));
}

/** An ECB encryptor that stays open: for many blocks under one key (dispersing a whole clearing file). */
export function openEncryptor(mode: 'des-ede-ecb' | 'sm4-ecb', key: Uint8Array): (blocks: Uint8Array) => Uint8Array {
  const cipher = createCipheriv(cipherName(mode, key), createSecretKey(key), null);
  cipher.setAutoPadding(false);
  return (blocks) => view(cipher.update(blocks));
}

/** CBC over whole blocks under one key, with an IV of its own for each call. */
export interface OpenCbc {
  encrypt(data: Uint8Array, iv: Uint8Array): Uint8Array;
  decrypt(data: Uint8Array, iv: Uint8Array): Uint8Array;
}

/**
 * A CBC cipher that stays open, for many short messages under one key: making a cipher costs ten times as much as a
 * block. OpenSSL goes on chaining from call to call; the first block is adjusted by what it chains from.
 */
export function openCbc(mode: 'aes-cbc' | 'des-ede-cbc' | 'sm4-cbc', key: Uint8Array): OpenCbc {
  const handle = createSecretKey(key);
  const blockBytes = mode === 'des-ede-cbc' ? 8 : 16;
  const zero = new Uint8Array(blockBytes);
  const name = cipherName(mode, key);
  let [enciphered, deciphered]: [Uint8Array, Uint8Array] = [zero, zero];
  let cipher: Cipheriv | undefined;
  let decipher: Decipheriv | undefined;
  return {
    encrypt(data, iv) {
      if (data.length === 0) return data;
      cipher ??= createCipheriv(name, handle, zero).setAutoPadding(false);
      const input = Uint8Array.from(data);
      for (let index = 0; index < blockBytes; index++) input[index]! ^= iv[index]! ^ enciphered[index]!;
      const output = view(cipher.update(input));
      enciphered = output.slice(output.length - blockBytes);
      return output;
    },
    decrypt(data, iv) {
      if (data.length === 0) return data;
      decipher ??= createDecipheriv(name, handle, zero).setAutoPadding(false);
      const output = view(decipher.update(data));
      for (let index = 0; index < blockBytes; index++) output[index]! ^= iv[index]! ^ deciphered[index]!;
      deciphered = data.slice(data.length - blockBytes);
      return output;
    },
  };
}

export function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  return digest('sha1', parts);
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return digest('sha256', parts);
}

/** GB/T 32905-2016. */
export function sm3(...parts: readonly Uint8Array[]): Uint8Array {
  return digest('sm3', parts);
}

function digest(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return view(hash.digest());
}

export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return view(createHmac('sha256', createSecretKey(key)).update(data).digest());
}

export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** AES-256-GCM: nonce 12 ‖ ciphertext ‖ tag 16. `associated` is authenticated, not carried. */
export function sealAesGcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce);
  cipher.setAAD(associated);
  return view(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** Throws when the data were changed or the key is another. */
export function openAesGcm(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createDecipheriv('aes-256-gcm', createSecretKey(key), sealed.subarray(0, 12));
  cipher.setAAD(associated);
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return view(Buffer.concat([cipher.update(sealed.subarray(12, sealed.length - 16)), cipher.final()]));
}

export function deriveScrypt(passphrase: string, salt: Uint8Array, lengthBytes: number): Uint8Array {
  return view(scryptSync(passphrase, salt, lengthBytes, { N: 16384, r: 8, p: 1 }));
}

/** Keystream for reproducible simulation: AES-256-CTR over zeros. */
export function openKeystream(key: Uint8Array): (lengthBytes: number) => Uint8Array {
  const cipher = createCipheriv('aes-256-ctr', createSecretKey(key), new Uint8Array(16));
  return (lengthBytes) => view(cipher.update(new Uint8Array(lengthBytes)));
}

export function isProbablePrime(candidate: bigint): boolean {
  return checkPrimeSync(candidate, { checks: 20 });
}

export type RsaHandle = KeyObject;

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

export function importRsaPublic(modulus: Uint8Array, exponent: Uint8Array): RsaHandle {
  return createPublicKey({ key: { kty: 'RSA', n: base64Url(modulus), e: base64Url(exponent) }, format: 'jwk' });
}

export interface RsaPrivateParts {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly dp: Uint8Array;
  readonly dq: Uint8Array;
  readonly qInv: Uint8Array;
}

export function importRsaPrivate(parts: RsaPrivateParts): RsaHandle {
  return createPrivateKey({
    key: {
      kty: 'RSA',
      n: base64Url(parts.modulus),
      e: base64Url(parts.exponent),
      d: base64Url(parts.privateExponent),
      p: base64Url(parts.p),
      q: base64Url(parts.q),
      dp: base64Url(parts.dp),
      dq: base64Url(parts.dq),
      qi: base64Url(parts.qInv),
    },
    format: 'jwk',
  });
}

/** RSA public operation without padding: recovers what the private key signed. */
export function rsaRecover(key: RsaHandle, signature: Uint8Array): Uint8Array {
  return view(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature));
}

/** RSA private operation without padding. */
export function rsaSignRaw(key: RsaHandle, block: Uint8Array): Uint8Array {
  return view(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block));
}
