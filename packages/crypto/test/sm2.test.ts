import { fromHex, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  generateSm2Key,
  isSm2PublicKey,
  type RandomSource,
  SM2_SIGNATURE_BYTES,
  seededRandom,
  sm2Decrypt,
  sm2Encrypt,
  sm2MessageDigest,
  sm2PublicKeyOf,
  sm2Sign,
  sm2UserDigest,
  sm2Verify,
} from '../src/index.ts';

/** GB/T 32918.5-2017 Annex A (signature) and Annex C (encryption), as published. */
const D = fromHex('3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8');
const P = fromHex(
  '09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020' +
    'CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13',
);
const K = fromHex('59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21');
const MESSAGE = new TextEncoder().encode('message digest');
const SIGNATURE =
  'F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3' +
  'B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA';
const CIPHERTEXT =
  '0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73' +
  'E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0' +
  '59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766' +
  '21886CA989CA9C7D58087307CA93092D651EFA';

const fixed: RandomSource = () => K.slice();
const key = { privateKey: D, publicKey: P };

describe('SM2 as published in GB/T 32918.5', () => {
  it('public key, ZA with user id 1234567812345678, and e', () => {
    expect(toHex(sm2PublicKeyOf(D))).toBe(toHex(P));
    expect(toHex(sm2UserDigest(P))).toBe('B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3');
    expect(toHex(sm2MessageDigest(P, MESSAGE))).toBe(
      'F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640',
    );
  });

  it('signature with the given k', () => {
    expect(toHex(sm2Sign(key, MESSAGE, fixed))).toBe(SIGNATURE);
    expect(sm2Verify(P, MESSAGE, fromHex(SIGNATURE))).toBe(true);
  });

  it('encryption with the given k, and back', () => {
    const message = new TextEncoder().encode('encryption standard');
    expect(toHex(sm2Encrypt(P, message, fixed))).toBe(CIPHERTEXT);
    expect(sm2Decrypt(D, fromHex(CIPHERTEXT))).toEqual(message);
  });
});

describe('SM2 with other keys', () => {
  const random = seededRandom('sm2');

  it('verifies what it signed and nothing else', () => {
    for (let round = 0; round < 10; round++) {
      const own = generateSm2Key(random);
      const message = random(round * 7);
      const signature = sm2Sign(own, message, random);
      expect(sm2Verify(own.publicKey, message, signature)).toBe(true);
      expect(sm2Verify(own.publicKey, message, signature, new TextEncoder().encode('someone else'))).toBe(false);
      expect(sm2Verify(P, message, signature)).toBe(false);
      expect(sm2Verify(own.publicKey, Uint8Array.of(...message, 0), signature)).toBe(false);
    }
  });

  it('one flipped bit anywhere in a signature and it does not hold', () => {
    for (let index = 0; index < SM2_SIGNATURE_BYTES; index++) {
      const changed = fromHex(SIGNATURE);
      changed[index]! ^= 1 << (index & 7);
      expect(sm2Verify(P, MESSAGE, changed), `byte ${index}`).toBe(false);
    }
  });

  it('refuses r and s of 0 and above the order, cut signatures, and keys off the curve', () => {
    const order = 'FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123';
    const [r, s] = [SIGNATURE.slice(0, 64), SIGNATURE.slice(64)];
    const zero = '00'.repeat(32);
    for (const forged of [zero + s, r + zero, order + s, r + order, zero + zero]) {
      expect(sm2Verify(P, MESSAGE, fromHex(forged))).toBe(false);
    }
    for (let length = 0; length < SM2_SIGNATURE_BYTES; length++) {
      expect(sm2Verify(P, MESSAGE, fromHex(SIGNATURE).subarray(0, length))).toBe(false);
    }
    const off = P.slice();
    off[63]! ^= 1;
    expect([isSm2PublicKey(off), isSm2PublicKey(P.subarray(1)), isSm2PublicKey(P)]).toEqual([false, false, true]);
    expect(sm2Verify(off, MESSAGE, fromHex(SIGNATURE))).toBe(false);
  });

  it('names a changed or cut text it cannot decipher', () => {
    const text = sm2Encrypt(P, random(20), random);
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice();
      changed[index]! ^= 0x80;
      expect(() => sm2Decrypt(D, changed)).toThrow(expect.objectContaining({ code: 'POLYCARD_CRYPTO_SM2' }));
      expect(() => sm2Decrypt(D, text.subarray(0, index))).toThrow(
        expect.objectContaining({ code: 'POLYCARD_CRYPTO_SM2' }),
      );
    }
  });
});
