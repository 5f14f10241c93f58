/** Chinese text in GB 18030 (GB 18030-2022): decoding is the platform's, encoding its inverse, built once on first use. */
import { PolycardError } from '@polycard/bytes';

const decoder = new TextDecoder('gb18030', { fatal: true });
let inverse: Map<string, number> | undefined;

/** One- and two-byte characters: ASCII, and leads 81 to FE with trails 40 to FE but 7F. */
function codes(): Map<string, number> {
  if (inverse !== undefined) return inverse;
  inverse = new Map();
  for (let code = 0; code < 0x80; code++) inverse.set(String.fromCharCode(code), code);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      const character = new TextDecoder('gb18030').decode(Uint8Array.of(lead, trail));
      // private-use places and pairs without a character do not come back as one character
      if ([...character].length === 1 && character !== '\uFFFD' && !inverse.has(character))
        inverse.set(character, (lead << 8) | trail);
    }
  }
  return inverse;
}

/** Throws `POLYCARD_TEXT_GB18030` for bytes that are no such text. */
export function decodeGb18030(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new PolycardError('POLYCARD_TEXT_GB18030', 'the bytes are no GB 18030 text', { cause });
  }
}

/** Throws `POLYCARD_TEXT_GB18030` for a character that takes four bytes: rare, and no card field has room for it. */
export function encodeGb18030(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    const code = codes().get(character);
    if (code === undefined) {
      throw new PolycardError('POLYCARD_TEXT_GB18030', `“${character}” has no two-byte code in GB 18030`, {
        expected: 'characters of GB 18030 with one or two bytes',
      });
    }
    if (code > 0xff) out.push(code >> 8);
    out.push(code & 0xff);
  }
  return Uint8Array.from(out);
}
