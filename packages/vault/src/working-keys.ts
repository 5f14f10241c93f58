/**
 * Working keys of one terminal session (reference iso8583.md §1.5): made at sign-in, enciphered for the terminal under its
 * master key, kept sealed between messages. With DES the MAC key is single unless the acquirer's MAC needs two halves.
 */
import { concat, PolycardError, xor } from '@polycard/bytes';
import { checkValue, decryptBlocks, encryptBlocks, openEncryptor, type RandomSource } from '@polycard/crypto';
import type { EncipheredKey, TerminalSession, WorkingKeyScheme } from './vault.ts';

export const DOUBLE_LENGTH_KEYS: WorkingKeyScheme = {
  ...{ algorithm: '3DES', keyBytes: 16, macKeyBytes: 8, hasTrackKey: false },
};

const CHECK_VALUE_BYTES = 4;
const PIN_BLOCK_BYTES = 8;
const [PIN_DIGITS_MIN, PIN_DIGITS_MAX] = [4, 12];
/** First byte of the sealed content. */
const ALGORITHM_ID = { '3DES': 1, SM4: 2 } as const;

export interface MadeWorkingKeys {
  /** What is sealed: algorithm, then each key with its length before it. The caller wipes it. */
  readonly clear: Uint8Array;
  readonly pinKey: EncipheredKey;
  readonly macKey: EncipheredKey;
  readonly trackKey?: EncipheredKey;
}

export function makeWorkingKeys(
  masterKey: Uint8Array,
  scheme: WorkingKeyScheme,
  random: RandomSource,
): MadeWorkingKeys {
  const { algorithm, keyBytes, macKeyBytes, hasTrackKey } = scheme;
  const [pin, mac] = [random(keyBytes), random(macKeyBytes)];
  const track = hasTrackKey ? random(keyBytes) : new Uint8Array(0);
  const forTerminal = (key: Uint8Array): EncipheredKey => ({
    enciphered: encryptBlocks(modeOf(algorithm), masterKey, key),
    checkValue: checkValue(algorithm, whole(key), CHECK_VALUE_BYTES),
  });
  const made = {
    clear: concat(
      Uint8Array.of(ALGORITHM_ID[algorithm]),
      ...[pin, mac, track].flatMap((key) => [Uint8Array.of(key.length), key]),
    ),
    pinKey: forTerminal(pin),
    macKey: forTerminal(mac),
    ...(hasTrackKey ? { trackKey: forTerminal(track) } : {}),
  };
  for (const key of [pin, mac, track]) key.fill(0);
  return made;
}

/** The session of sealed content, once opened: its ciphers, never its keys. */
export function openWorkingKeys(clear: Uint8Array): TerminalSession {
  const algorithm = clear[0] === ALGORITHM_ID.SM4 ? 'SM4' : '3DES';
  const keys: Uint8Array[] = [];
  for (let offset = 1; offset < clear.length; offset += 1 + clear[offset]!)
    keys.push(clear.slice(offset + 1, offset + 1 + clear[offset]!));
  const [pin, mac, track] = keys;
  if (pin === undefined || mac === undefined || track === undefined)
    throw new PolycardError('POLYCARD_VAULT_TAMPERED', 'sealed working keys do not have their form');
  const mode = modeOf(algorithm);
  const hasHalves = algorithm === '3DES' && mac.length === 16;
  const left = whole(hasHalves ? mac.slice(0, 8) : mac);
  const right = whole(mac.slice(8));
  const [pinKey, trackKey] = [whole(pin), whole(track)];
  return {
    algorithm,
    encryptMac: openEncryptor(mode, left),
    ...(hasHalves ? { decryptMacRight: (block) => decryptBlocks(mode, right, block) } : {}),
    holdsPin: (block, pan) => holdsPin(decipheredPin(algorithm, pinKey, block), pan),
    ...(track.length > 0 ? { decryptTrack: (block) => decryptBlocks(mode, trackKey, block) } : {}),
  };
}

/** Single-length DES keys are used as K‖K. */
function whole(key: Uint8Array): Uint8Array {
  return key.length === 8 ? concat(key, key) : key;
}

const modeOf = (algorithm: WorkingKeyScheme['algorithm']) => (algorithm === 'SM4' ? 'sm4-ecb' : 'des-ede-ecb');

/** F52 has 8 bytes, which are no SM4 block: where they would stand is not known, so there is no PIN to read. */
function decipheredPin(algorithm: WorkingKeyScheme['algorithm'], key: Uint8Array, block: Uint8Array): Uint8Array {
  if (block.length !== PIN_BLOCK_BYTES || algorithm === 'SM4') return new Uint8Array(0);
  return decryptBlocks(modeOf(algorithm), key, block);
}

/** ISO 9564-1 format 0, or the same without the account number. The block is wiped; whoever asks learns yes or no. */
function holdsPin(block: Uint8Array, pan: string | undefined): boolean {
  const part = pan === undefined ? '' : pan.slice(0, -1).slice(-12).padStart(16, '0');
  const clear = pan === undefined ? block : xor(block, Uint8Array.from(Buffer.from(part, 'hex')));
  const digits = Buffer.from(clear).toString('hex');
  const length = Number.parseInt(digits[1] ?? '', 16);
  const holds =
    digits[0] === '0' &&
    length >= PIN_DIGITS_MIN &&
    length <= PIN_DIGITS_MAX &&
    /^\d+$/.test(digits.slice(2, 2 + length)) &&
    /^f*$/.test(digits.slice(2 + length));
  block.fill(0);
  clear.fill(0);
  return holds;
}
