/**
 * A contact EMV terminal made of programs that know nothing of this project: opensc-tool moves the APDUs, openssl opens
 * the certificates and the signature. What is compared here follows EMV 4.4 Book 2 §5 and §6 alone.
 */
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pcscd, READER } from './pcscd.ts';

export interface Answer {
  readonly data: Buffer;
  readonly sw: string;
}

/** Sends the commands in one session and reads opensc-tool's hex dumps back. */
export async function askByOpensc(pcscd: Pcscd, commands: readonly string[]): Promise<Answer[]> {
  const text = await pcscd.ask('opensc-tool', ['-r', `${READER} 00 00`, ...commands.flatMap((hex) => ['-s', hex])]);
  return text
    .split(/^Received /m)
    .slice(1)
    .map((part) => {
      const [head, ...lines] = part.split('\n') as [string, ...string[]];
      const [, sw1 = '', sw2 = ''] = /SW1=0x(..), SW2=0x(..)/.exec(head) ?? [];
      // a line has up to 16 bytes in 48 columns, then the same as text
      const hex = lines
        .filter((line) => /^(?:[0-9A-F]{2} )/.test(line))
        .map((line) => line.slice(0, 48).replace(/\s+/g, ''))
        .join('');
      return { data: Buffer.from(hex, 'hex'), sw: `${sw1}${sw2}`.toUpperCase() };
    });
}

/** Values of BER-TLV objects by tag, templates opened. */
export function objectsOf(bytes: Buffer, into = new Map<string, Buffer>()): Map<string, Buffer> {
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset;
    if ((bytes[offset++]! & 0x1f) === 0x1f) while ((bytes[offset++]! & 0x80) !== 0);
    const tag = bytes.subarray(start, offset).toString('hex').toUpperCase();
    let length = bytes[offset++]!;
    if (length > 0x80) {
      const count = length & 0x7f;
      length = bytes.readUIntBE(offset, count);
      offset += count;
    }
    const value = bytes.subarray(offset, offset + length);
    if ((bytes[start]! & 0x20) !== 0) objectsOf(value, into);
    else into.set(tag, value);
    offset += length;
  }
  return into;
}

interface Key {
  readonly modulus: Buffer;
  readonly exponent: Buffer;
}

/** RSA public operation by the openssl program. */
function opened({ modulus, exponent }: Key, signature: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'polycard-rsa-'));
  try {
    const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
    writeFileSync(
      join(folder, 'key.pem'),
      createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' }),
    );
    writeFileSync(join(folder, 'signature'), signature);
    return execFileSync('openssl', [
      ...['pkeyutl', '-verifyrecover', '-pubin', '-inkey', join(folder, 'key.pem')],
      ...['-in', join(folder, 'signature'), '-pkeyopt', 'rsa_padding_mode:none'],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes between header and hash; throws where header, format, hash or trailer are wrong. */
function signedBody(key: Key, signature: Buffer, format: number, tail: Buffer): Buffer {
  const block = opened(key, signature);
  const body = block.subarray(1, block.length - 21);
  const hash = block.subarray(block.length - 21, block.length - 1);
  if (block[0] !== 0x6a || block.at(-1) !== 0xbc || body[0] !== format)
    throw new Error(`the signed block has format ${block.subarray(0, 2).toString('hex')}, expected 6a0${format}`);
  if (!createHash('sha1').update(body).update(tail).digest().equals(hash)) throw new Error('the hash is wrong');
  return body;
}

/** The key inside a certificate whose fixed fields take this many bytes. */
function certifiedKey(body: Buffer, fixedBytes: number, signerBytes: number, remainder: Buffer, exponent: Buffer): Key {
  const length = body[fixedBytes - 2]!;
  const inside = body.subarray(fixedBytes, fixedBytes + Math.min(length, signerBytes - fixedBytes - 22));
  return { modulus: Buffer.concat([inside, remainder]), exponent };
}

const NONE = Buffer.alloc(0);

export interface TerminalReport {
  /** Dynamic number in the card's signature. */
  readonly dynamicNumber: string;
  readonly issuer: string;
  readonly pan: string;
  readonly cryptogram: string;
}

/** SELECT, GET PROCESSING OPTIONS, records, INTERNAL AUTHENTICATE, GENERATE AC (ARQC); DDA checked. Throws what fails. */
export async function readByIndependentTerminal(
  pcscd: Pcscd,
  caKey: { readonly modulus: string; readonly exponent: string },
): Promise<TerminalReport> {
  const unpredictable = '11223344';
  const cdol = `${'000000000500'}${'000000000000'}0156${'0000000000'}0156${'261125'}00${unpredictable}${'120000'}${'20'.repeat(20)}`;
  const commands = [
    '00A4040008A00000033301010100',
    '80A800000B830900000000000500015600',
    ...['00B2010C00', '00B2011400', '00B2021400', '00B2011C00', '00B2021C00'],
    `0088000004${unpredictable}00`,
    `80AE800034${cdol}00`,
  ];
  const answers = await askByOpensc(pcscd, commands);
  for (const [index, { sw }] of answers.entries())
    if (sw !== '9000') throw new Error(`${commands[index]} was answered ${sw}`);
  const [, options, ...rest] = answers.map(({ data }) => data) as [Buffer, Buffer, ...Buffer[]];
  const aip = objectsOf(options).get('80')!.subarray(0, 2);
  const records = rest.slice(0, 5);
  const objects = new Map(records.flatMap((record) => [...objectsOf(record)]));
  const object = (tag: string): Buffer => objects.get(tag) ?? NONE;
  const ca: Key = { modulus: Buffer.from(caKey.modulus, 'hex'), exponent: Buffer.from(caKey.exponent, 'hex') };
  const issuerTail = Buffer.concat([object('92'), object('9F32')]);
  const issuerBody = signedBody(ca, object('90'), 2, issuerTail);
  const issuerKey = certifiedKey(issuerBody, 14, ca.modulus.length, object('92'), object('9F32'));
  // static data: record 1 of SFI 02 without its template, then the AIP (9F4A)
  const signedRecord = records[1]!;
  const statics = signedRecord.subarray(signedRecord[1]! < 0x80 ? 2 : 3);
  const cardTail = Buffer.concat([object('9F48'), object('9F47'), statics, aip]);
  const cardBody = signedBody(issuerKey, object('9F46'), 4, cardTail);
  const cardKey = certifiedKey(cardBody, 20, issuerKey.modulus.length, object('9F48'), object('9F47'));
  const signature = objectsOf(rest[5]!).get('80')!;
  const dynamic = signedBody(cardKey, signature, 5, Buffer.from(unpredictable, 'hex'));
  const decided = objectsOf(rest[6]!).get('80')!;
  return {
    dynamicNumber: dynamic.subarray(4, 4 + dynamic[3]!).toString('hex'),
    issuer: issuerBody.subarray(1, 5).toString('hex').replace(/f+$/, ''),
    pan: cardBody.subarray(1, 11).toString('hex').replace(/f+$/, ''),
    cryptogram: ['AAC', 'TC', 'ARQC', 'RFU'][decided[0]! >> 6]!,
  };
}
