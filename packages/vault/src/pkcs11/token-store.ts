/**
 * What is in the token. Each key is an object labelled `polycard:LABEL#VERSION`; what is stated about it is a data
 * object of the same label beside it, so that the token alone is the register. A transport key that was agreed or came
 * in a ceremony's place of a zone is no token object: it rests in its data object, sealed by the token's own AES key.
 */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import type { KeyRecord } from '../engine.ts';
import { keyName } from '../key-model.ts';
import { CKA, CKO } from './constants.ts';
import { labelAttribute, type ObjectHandle, type TokenSession } from './session.ts';

const APPLICATION = new TextEncoder().encode('polycard');
const RECORD_BYTES_MAX = 4096;

interface StoredRecord {
  readonly record: KeyRecord;
  /** A key that rests here and not as an object, sealed; hex. */
  readonly sealed?: string;
}

export class TokenStore {
  readonly #session: TokenSession;
  #stored = new Map<string, { readonly content: StoredRecord; readonly object: ObjectHandle }>();
  #records: KeyRecord[] = [];

  constructor(session: TokenSession) {
    this.#session = session;
    for (const object of session.find([
      [CKA.CLASS, CKO.DATA],
      [CKA.APPLICATION, APPLICATION],
    ])) {
      const content = parseStored(session.attribute(object, CKA.VALUE, RECORD_BYTES_MAX));
      const twin = this.#stored.get(keyName(content.record));
      // two of one key: a change was interrupted before the older one went
      if (twin !== undefined) {
        const isNewer = content.record.stateSince >= twin.content.record.stateSince;
        session.destroy(isNewer ? twin.object : object);
        if (!isNewer) continue;
      }
      this.#stored.set(keyName(content.record), { content, object });
    }
    this.#list();
  }

  records(): readonly KeyRecord[] {
    return this.#records;
  }

  put(record: KeyRecord, sealed?: Uint8Array): void {
    const name = keyName(record);
    const known = this.#stored.get(name);
    const kept = sealed === undefined ? known?.content.sealed : toHex(sealed);
    const content: StoredRecord = {
      record,
      ...(kept === undefined || record.state === 'destroyed' ? {} : { sealed: kept }),
    };
    const value = new TextEncoder().encode(JSON.stringify(content));
    // tokens do not let a data object's value be changed: the new one is written before the old one goes
    const object = this.#session.create([
      [CKA.CLASS, CKO.DATA],
      [CKA.TOKEN, true],
      [CKA.PRIVATE, true],
      [CKA.APPLICATION, APPLICATION],
      labelAttribute(objectLabel(record)),
      [CKA.VALUE, value],
    ]);
    if (known !== undefined) this.#session.destroy(known.object);
    this.#stored.set(name, { content, object });
    this.#list();
  }

  sealed(record: KeyRecord): Uint8Array | undefined {
    const hex = this.#stored.get(keyName(record))?.content.sealed;
    return hex === undefined ? undefined : fromHex(hex);
  }

  /**
   * The key object of a record, looked up in the token each time: a key that somebody destroyed there is noticed.
   * Throws `POLYCARD_VAULT_KEY_DESTROYED`.
   */
  keyObject(record: KeyRecord): ObjectHandle {
    const [object] = this.keyObjects(record);
    if (object === undefined) {
      throw new PolycardError(
        'POLYCARD_VAULT_KEY_DESTROYED',
        `${keyName(record)} was destroyed: the token has no such key`,
        {
          where: objectLabel(record),
          expected: 'the key object in the token',
        },
      );
    }
    return object;
  }

  /** Private or secret key objects under a record's label. */
  keyObjects(record: Pick<KeyRecord, 'label' | 'version' | 'algorithm'>): ObjectHandle[] {
    const keyClass = record.algorithm === 'RSA' ? CKO.PRIVATE_KEY : CKO.SECRET_KEY;
    return this.#session.find([[CKA.CLASS, keyClass], [CKA.TOKEN, true], labelAttribute(objectLabel(record))]);
  }

  /** Removes the key objects of a record, the public half too. */
  removeKey(record: Pick<KeyRecord, 'label' | 'version' | 'algorithm'>): void {
    for (const keyClass of [CKO.PRIVATE_KEY, CKO.SECRET_KEY, CKO.PUBLIC_KEY]) {
      for (const object of this.#session.find([[CKA.CLASS, keyClass], labelAttribute(objectLabel(record))])) {
        this.#session.destroy(object);
      }
    }
  }

  #list(): void {
    this.#records = [...this.#stored.values()]
      .map(({ content }) => content.record)
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}

/** As they were made, whatever order the token gives its objects in. */
const order = ({ createdAt, label, version }: KeyRecord): string =>
  `${createdAt}|${label}|${String(version).padStart(6, '0')}`;

export const objectLabel = (key: Pick<KeyRecord, 'label' | 'version'>): string => `polycard:${keyName(key)}`;

function parseStored(bytes: Uint8Array): StoredRecord {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as StoredRecord;
  } catch (cause) {
    throw new PolycardError(
      'POLYCARD_VAULT_FORMAT',
      "a data object of application polycard in the token is not the vault's",
      {
        where: 'CKO_DATA polycard',
        cause,
      },
    );
  }
}
