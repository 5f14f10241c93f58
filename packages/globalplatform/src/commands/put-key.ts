/** PUT KEY (GPC 2.3.1 §11.8; Amendment D §7.2): a set of ENC, MAC and DEK keys, enciphered under the DEK of the session. */
import { ByteReader, type CommandApdu, concat, SW_6A80_WRONG_DATA, SW_6A86_INCORRECT_P1_P2 } from '@polycard/bytes';
import type { SecureMessaging } from '../channel/messaging.ts';
import { KEY_TYPE_AES, KEY_TYPE_DES, keyCheckValue, type SymmetricKeyType } from '../channel/static-keys.ts';
import { Refusal } from '../refusal.ts';
import { readLength, readOrRefuse } from './data.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_D8_PUT_KEY = 0xd8;

export const PUT_KEY_STATUS_WORDS: StatusWordTable = {
  25985: { en: 'memory failure', zh: '存储器故障' },
  27010: { en: 'the check value of a key is wrong', zh: '密钥校验值错误' },
  27264: { en: 'the key data cannot be read, or the kind of key is not the one replaced', zh: '密钥数据错误' },
  27268: { en: 'not enough memory', zh: '存储空间不足' },
  27272: { en: 'no such key to replace', zh: '没有可替换的密钥' },
  38020: { en: 'key algorithm not supported', zh: '不支持的密钥算法' },
};

/** P2 b8: several keys in one command. */
const P2_MULTIPLE = 0x80;
export const KEY_VERSION_MAX = 0x7f;

export interface PutKey {
  /** Version of the set to replace; 0 adds one. */
  readonly replaces: number;
  readonly version: number;
  readonly firstId: number;
  readonly keys: readonly { readonly type: SymmetricKeyType; readonly key: Uint8Array }[];
}

/** The deciphering half of a session. */
export type SecretCipher = Pick<SecureMessaging, 'encipherSecret' | 'decipherSecret' | 'secretBlockBytes'>;

/** Key block as both widespread tools read it: `88 11 10 …` for AES, `80 10 …` for 3DES. */
function encodeKeyBlock(type: SymmetricKeyType, key: Uint8Array, cipher: SecretCipher): Uint8Array {
  const block = cipher.secretBlockBytes;
  const padded = new Uint8Array(Math.ceil(key.length / block) * block);
  padded.set(key);
  const enciphered = cipher.encipherSecret(padded);
  const bare = type === KEY_TYPE_DES;
  const value = bare ? enciphered : concat(Uint8Array.of(key.length), enciphered);
  const check = keyCheckValue(type, key);
  return concat(Uint8Array.of(type, value.length), value, Uint8Array.of(check.length), check);
}

export function encodePutKey({ replaces, version, firstId, keys }: PutKey, cipher: SecretCipher): CommandApdu {
  const data = concat(Uint8Array.of(version), ...keys.map(({ type, key }) => encodeKeyBlock(type, key, cipher)));
  const p2 = firstId | (keys.length > 1 ? P2_MULTIPLE : 0);
  return { cla: 0x80, ins: INS_D8_PUT_KEY, p1: replaces, p2, data, le: 256 };
}

/** What the card answers and the host expects: version ‖ check values. */
export function putKeyAnswer({ version, keys }: Pick<PutKey, 'version' | 'keys'>): Uint8Array {
  return concat(Uint8Array.of(version), ...keys.map(({ type, key }) => keyCheckValue(type, key)));
}

/** GPC 2.3.1 §11.8.2.3.1: whole cipher blocks are bare ciphertext, anything else begins with the true length. */
function readKeyBlock(reader: ByteReader, type: SymmetricKeyType, cipher: SecretCipher): Uint8Array {
  const block = reader.take(readLength(reader, 'key length'), 'key');
  const bare = block.length % cipher.secretBlockBytes === 0;
  const enciphered = bare ? block : block.subarray(1);
  const length = bare ? block.length : block[0]!;
  if (enciphered.length === 0 || enciphered.length % cipher.secretBlockBytes !== 0 || length > enciphered.length) {
    throw new Refusal(SW_6A80_WRONG_DATA, `a key block of ${block.length} bytes`, 'key');
  }
  const allowed = type === KEY_TYPE_DES ? [16] : [16, 24, 32];
  if (!allowed.includes(length)) throw new Refusal(SW_6A80_WRONG_DATA, `a key of ${length} bytes`, 'key');
  return cipher.decipherSecret(enciphered).slice(0, length);
}

const SW_6982_CHECK_VALUE = 0x6982;
const SW_9484_ALGORITHM = 0x9484;

/** Card side: keys deciphered and held against their check values. */
export function parsePutKey({ p1, p2, data }: CommandApdu, cipher: SecretCipher): PutKey {
  if (p1 > KEY_VERSION_MAX) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'key versions are 01 to 7F; no chaining');
  return readOrRefuse('PUT KEY', () => {
    const reader = new ByteReader(data, 'PUT KEY');
    const version = reader.u8('key version');
    if (version === 0 || version > KEY_VERSION_MAX) throw new Refusal(SW_6A80_WRONG_DATA, 'key versions are 01 to 7F');
    const keys: { type: SymmetricKeyType; key: Uint8Array }[] = [];
    while (reader.remaining > 0) {
      const type = reader.u8('key type');
      if (type !== KEY_TYPE_DES && type !== KEY_TYPE_AES) throw new Refusal(SW_9484_ALGORITHM, 'key type', 'key type');
      const key = readKeyBlock(reader, type, cipher);
      const check = reader.take(reader.u8('check value length'), 'check value');
      const expected = keyCheckValue(type, key);
      if (check.length > 0 && !expected.every((byte, index) => byte === check[index])) {
        throw new Refusal(SW_6982_CHECK_VALUE, `check value of key ${keys.length + 1}`, 'check value');
      }
      keys.push({ type, key });
    }
    if (keys.length === 0) throw new Refusal(SW_6A80_WRONG_DATA, 'PUT KEY without a key', 'key');
    return { replaces: p1, version, firstId: p2 & 0x7f, keys };
  });
}
