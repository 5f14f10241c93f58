/**
 * Encrypted tracks (reference iso8583.md §1.7): one block near the end of the track is enciphered in place, so the head
 * of the account number and the last byte stay readable and the track keeps its length. F35 then holds any nibble.
 */
import { messageError } from './errors.ts';

/** One block under the track key: 8 bytes for DES, 16 for SM4. */
export type TrackCipher = (block: Uint8Array) => Uint8Array;

/** `track`: nibbles as text, `=` as D. Enciphers or deciphers, as the cipher does. */
export function transformTrack(track: string, cipher: TrackCipher, blockBytes: 8 | 16 = 8): string {
  const nibbles = track.toUpperCase().replaceAll('=', 'D');
  if (!/^[0-9A-F]*$/.test(nibbles)) throw messageError('FIELD_DIGITS', 'F35', 0, 'track digits', 'another character');
  const isOdd = nibbles.length % 2 === 1;
  const bytes = new Uint8Array(Buffer.from(isOdd ? `${nibbles}0` : nibbles, 'hex'));
  const end = bytes.length - 1;
  if (end < blockBytes)
    throw messageError('FIELD_LENGTH', 'F35', 0, `at least ${blockBytes + 1} bytes of track`, `${bytes.length}`);
  bytes.set(cipher(bytes.slice(end - blockBytes, end)), end - blockBytes);
  const text = Buffer.from(bytes).toString('hex').toUpperCase();
  return isOdd ? text.slice(0, -1) : text;
}
