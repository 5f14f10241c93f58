/**
 * The vault over any back end: which version serves, what is refused and in which words, and the operations by their
 * meaning. A back end (`engine.ts`) only keeps keys and computes.
 */
import { setImmediate } from 'node:timers/promises';
import { concat, encodeCommand, fromHex, PolycardError, toHex, xor } from '@polycard/bytes';
import {
  type Algorithm,
  agreeZoneKey,
  checkValue,
  constantTimeEqual,
  encryptBlocks,
  makeZoneKeyPair,
  openEncryptor,
  type RandomSource,
  RSA_EXPONENT_3,
} from '@polycard/crypto';
import {
  APPEND_P1,
  appendRecordInput,
  type CertificateSigner,
  cappP2,
  encodeReplaceRecordKey,
  optionAFactor,
  replaceRecordKeyInput,
} from '@polycard/emv';
import type { KeyEngine, KeyRecord, NewKeyRecord, WrapComputation } from './engine.ts';
import { combineComponents, requireStrongKey } from './key-components.ts';
import {
  fixedAttributes,
  type KeyInfo,
  type KeySpecification,
  type KeyState,
  type KeyUsage,
  keyName,
  OPERATION,
  type OperationRule,
  parseKeyName,
  refusal,
  requireTransition,
} from './key-model.ts';
import type {
  ActivationRequest,
  BackendCapabilities,
  BlockEncryptor,
  CardIdentity,
  CryptogramAnswer,
  CryptogramCheck,
  CryptogramVerdict,
  EncipheredCardKeys,
  EncipheredKey,
  IssuedTerminalMasterKey,
  IssuedWorkingKeys,
  KeyComponent,
  ReplacementRequest,
  RotationOptions,
  ScriptRequest,
  Vault,
} from './vault.ts';

const DATA_KEY = 'platform:data-at-rest';
const TOKEN_KEY = 'platform:card-token';
/** After so many cards a long batch lets other work in. */
const BATCH_SLICE = 512;
const SCRIPT_MAC_BYTES = 4;

const zoneLabel = (zoneId: string): string => `zone:${zoneId}`;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface KeyVaultOptions {
  readonly engine: KeyEngine;
  /** Source of working keys and of the vault's side of a key agreement. */
  readonly random: RandomSource;
  readonly now: () => Date;
}

export class KeyVault implements Vault {
  readonly backend: string;
  protected readonly engine: KeyEngine;
  readonly #random: RandomSource;
  readonly #now: () => Date;

  constructor({ engine, random, now }: KeyVaultOptions) {
    this.engine = engine;
    this.backend = engine.backend;
    this.#random = random;
    this.#now = now;
    this.#ensureNow({ label: DATA_KEY, usage: 'data-at-rest', algorithm: 'AES', owner: 'platform' });
    this.#ensureNow({ label: TOKEN_KEY, usage: 'card-token', algorithm: 'AES', owner: 'platform' });
  }

  capabilities(): BackendCapabilities {
    return this.engine.capabilities();
  }

  async ensure(specification: KeySpecification): Promise<KeyInfo> {
    return this.#ensureNow(specification);
  }

  async generate(specification: KeySpecification): Promise<KeyInfo> {
    return publicInfo(this.engine.generate(this.#newRecord(specification, 'generated', 'generated')));
  }

  async importComponents(
    specification: KeySpecification,
    components: readonly KeyComponent[],
    expectedCheckValue?: string,
  ): Promise<KeyInfo> {
    const { algorithm } = specification;
    if (algorithm !== '3DES' && algorithm !== 'SM4') {
      throw new PolycardError('POLYCARD_VAULT_COMPONENT', `a key entered in components is 3DES or SM4`, {
        where: specification.label,
        expected: '3DES or SM4',
      });
    }
    const clear = combineComponents(algorithm, components, expectedCheckValue);
    try {
      return this.importClear(specification, clear, 'components');
    } finally {
      clear.fill(0);
    }
  }

  /** Takes a clear key in, for the entrances of this package (components, key blocks); never exported from it. */
  protected importClear(specification: KeySpecification, clear: Uint8Array, origin: KeyRecord['origin']): KeyInfo {
    const algorithm = specification.algorithm as Algorithm;
    requireStrongKey(algorithm, clear, specification.label);
    const check = toHex(checkValue(algorithm, clear));
    const twin = this.engine
      .records()
      .find((record) => record.algorithm === algorithm && record.checkValue === check && record.state !== 'destroyed');
    if (twin !== undefined) {
      throw new PolycardError(
        'POLYCARD_VAULT_DUPLICATE_KEY',
        `the key for ${specification.label} is the one of ${keyName(twin)}`,
        { where: specification.label, expected: 'a key that serves one purpose only' },
      );
    }
    return publicInfo(this.engine.import(this.#newRecord(specification, 'generated', origin), clear));
  }

  async changeState(name: string, to: KeyState, options: { readonly overlapEndsAt?: string } = {}): Promise<KeyInfo> {
    const record = this.#named(name);
    requireTransition(record, to);
    const { overlapEndsAt: _ended, ...rest } = record;
    const changed: KeyRecord = {
      ...rest,
      state: to,
      stateSince: this.#now().toISOString(),
      ...(to === 'retired' && options.overlapEndsAt !== undefined ? { overlapEndsAt: options.overlapEndsAt } : {}),
    };
    if (to === 'destroyed') this.engine.destroy(changed);
    else this.engine.update(changed);
    return publicInfo(changed);
  }

  async rotate(label: string, options: RotationOptions): Promise<{ next: KeyInfo; previous: KeyInfo }> {
    const previous = this.#newest(parseKeyName(label).label, 'active');
    if (previous === undefined) {
      throw new PolycardError('POLYCARD_VAULT_STATE', `key ${label} has no active version to rotate`, {
        where: label,
        expected: 'an active version',
      });
    }
    if (!(options.overlapEndsAt > this.#now().toISOString())) {
      throw new PolycardError('POLYCARD_VAULT_OVERLAP', `the overlap of ${label} would end before it begins`, {
        where: label,
        expected: 'an instant to come, ISO 8601',
      });
    }
    const { usage, modes, owner, exportability, bits } = previous;
    const next = await this.generate({
      ...{ label: previous.label, usage, modes, owner, exportability, bits },
      algorithm: options.algorithm ?? previous.algorithm,
      ...(previous.validUntil === undefined ? {} : { validUntil: previous.validUntil }),
    });
    const active = await this.changeState(keyName(next), 'active');
    return { next: active, previous: await this.changeState(keyName(previous), 'retired', options) };
  }

  async list(): Promise<KeyInfo[]> {
    return this.engine.records().map(publicInfo);
  }

  async show(name: string): Promise<KeyInfo> {
    return publicInfo(this.#named(name));
  }

  async disperse(name: string, paths: readonly (readonly Uint8Array[])[]): Promise<Uint8Array[]> {
    const key = this.#usable(name, OPERATION.showDispersed);
    return wiping(this.engine.disperse(key, paths), (clear) => checkValue(key.algorithm as Algorithm, clear));
  }

  async openZone(
    zoneId: string,
    theirPublicKey: Uint8Array,
  ): Promise<{ publicKey: Uint8Array; checkValue: Uint8Array }> {
    const pair = makeZoneKeyPair(this.#random);
    const clear = agreeZoneKey(pair, theirPublicKey);
    const label = zoneLabel(zoneId);
    const previous = this.#newest(label, 'active');
    if (previous !== undefined && previous.origin !== 'agreed') {
      throw new PolycardError('POLYCARD_VAULT_CONFLICT', `zone ${zoneId} has a key from a ceremony`, { where: zoneId });
    }
    const specification = { label, usage: 'zone', algorithm: '3DES', owner: zoneId } as const;
    this.engine.import(this.#newRecord(specification, 'active', 'agreed'), clear);
    if (previous !== undefined) {
      // agreed again: the earlier transport key serves nobody any more
      await this.changeState(keyName(previous), 'retired');
      await this.changeState(keyName(previous), 'destroyed');
    }
    const check = checkValue('3DES', clear);
    clear.fill(0);
    return { publicKey: pair.publicKey, checkValue: check };
  }

  async issueCardKeys(
    labels: { readonly ac: string; readonly mac: string; readonly enc: string },
    zoneId: string,
    cards: readonly CardIdentity[],
  ): Promise<EncipheredCardKeys[]> {
    const paths = cards.map((card) => [optionAFactor(card)]);
    const derive = (name: string, usage: KeyUsage) => {
      const key = this.#usable(name, OPERATION.issueCardKeys(usage));
      return { algorithm: key.algorithm as Algorithm, keys: this.engine.disperse(key, paths) };
    };
    const sets = [
      derive(labels.ac, 'application-cryptogram'),
      derive(labels.mac, 'script-mac'),
      derive(labels.enc, 'script-encryption'),
    ];
    const enciphered = this.#transport(
      zoneId,
      concat(...cards.flatMap((_, index) => sets.map((set) => set.keys[index]!))),
    );
    const checkValues = cards.map((_, index) =>
      concat(...sets.map(({ algorithm, keys }) => checkValue(algorithm, keys[index]!))),
    );
    for (const { keys } of sets) wipe(keys);
    return checkValues.map((values, index) => ({
      enciphered: enciphered.slice(index * 48, index * 48 + 48),
      checkValues: values,
    }));
  }

  async issueOpeningKeys(
    label: string,
    zoneId: string,
    factors: readonly (readonly Uint8Array[])[],
  ): Promise<EncipheredKey[]> {
    const key = this.#usable(label, OPERATION.issueOpeningKeys);
    const keys = this.engine.disperse(key, factors);
    const enciphered = this.#transport(zoneId, concat(...keys));
    return wiping(keys, (clear, index) => ({
      enciphered: enciphered.slice(index * 16, index * 16 + 16),
      checkValue: checkValue(key.algorithm as Algorithm, clear),
    }));
  }

  async activate(
    activationLabel: string,
    managementLabel: string,
    requests: readonly ActivationRequest[],
  ): Promise<Uint8Array[]> {
    return this.#wrapped(activationLabel, managementLabel, requests, ({ atc, sfi, record }, algorithm) => {
      const p2 = cappP2(sfi);
      return {
        input: (wrapped) => appendRecordInput({ atc, p2, encryptedRecordKey: wrapped, record, algorithm }),
        command: (wrapped, mac) =>
          encodeCommand({ cla: 0x04, ins: 0xe2, p1: APPEND_P1[algorithm], p2, data: concat(wrapped, record, mac) }),
      };
    });
  }

  async replaceManagementKeys(
    activationLabel: string,
    managementName: string,
    requests: readonly ReplacementRequest[],
  ): Promise<Uint8Array[]> {
    const { version } = this.#usable(managementName, OPERATION.installManagementKey);
    return this.#wrapped(activationLabel, managementName, requests, ({ sfi, recordId }, algorithm) => {
      const target = { sfi, recordId, keyVersion: version & 0xff, algorithm };
      return {
        input: (wrapped) => replaceRecordKeyInput({ ...target, encryptedRecordKey: wrapped }),
        command: (wrapped, mac) => encodeReplaceRecordKey({ ...target, encryptedRecordKey: wrapped, mac }),
      };
    });
  }

  /** Commands that carry a management key wrapped under a card's opening key, with a MAC under it. */
  async #wrapped<R extends { activationFactors: readonly Uint8Array[]; managementFactors: readonly Uint8Array[] }>(
    activationName: string,
    managementName: string,
    requests: readonly R[],
    shape: (
      request: R,
      algorithm: Algorithm,
    ) => {
      input: (wrapped: Uint8Array) => Uint8Array;
      command: (wrapped: Uint8Array, mac: Uint8Array) => Uint8Array;
    },
  ): Promise<Uint8Array[]> {
    const activation = this.#usable(activationName, OPERATION.openApplication);
    const management = this.#usable(managementName, OPERATION.installManagementKey);
    const commands: Uint8Array[] = [];
    for (let start = 0; start < requests.length; start += BATCH_SLICE) {
      const slice = requests.slice(start, start + BATCH_SLICE);
      const recordKeys = this.engine.disperse(
        management,
        slice.map((request) => request.managementFactors),
      );
      const shapes = slice.map((request) => shape(request, activation.algorithm as Algorithm));
      const computations = slice.map(
        (request, index): WrapComputation => ({
          factors: request.activationFactors,
          recordKey: recordKeys[index]!,
          authenticated: shapes[index]!.input,
        }),
      );
      const wrapped = this.engine.wrapUnderCardKeys(activation, computations);
      commands.push(...wrapped.map((parts, index) => shapes[index]!.command(parts.wrapped, parts.mac)));
      wipe(recordKeys);
      if (start + BATCH_SLICE < requests.length) await setImmediate();
    }
    return commands;
  }

  async issuePsamKey(name: string, zoneId: string, fixedFactors: readonly Uint8Array[]): Promise<EncipheredKey> {
    const key = this.#usable(name, OPERATION.issuePsamKey);
    const keys = this.engine.disperse(key, [fixedFactors]);
    const enciphered = this.#transport(zoneId, keys[0]!);
    return wiping(keys, (clear) => ({ enciphered, checkValue: checkValue(key.algorithm as Algorithm, clear) }))[0]!;
  }

  async issueTerminalMasterKey(zoneId: string): Promise<IssuedTerminalMasterKey> {
    const key = this.#random(16);
    const issued = {
      sealed: this.seal(key, 'terminal-master-key'),
      enciphered: this.#transport(zoneId, key),
      checkValue: checkValue('3DES', key),
    };
    key.fill(0);
    return issued;
  }

  async issueWorkingKeys(sealedMasterKey: Uint8Array): Promise<IssuedWorkingKeys> {
    const masterKey = this.open(sealedMasterKey, 'terminal-master-key');
    const pin = this.#random(16);
    const mac = this.#random(8);
    const macDoubled = concat(mac, mac);
    const issued = {
      sealedMacKey: this.seal(mac, 'terminal-mac-key'),
      pinKey: { enciphered: encryptBlocks('des-ede-ecb', masterKey, pin), checkValue: checkValue('3DES', pin, 4) },
      macKey: {
        enciphered: encryptBlocks('des-ede-ecb', masterKey, mac),
        checkValue: checkValue('3DES', macDoubled, 4),
      },
    };
    wipe([masterKey, pin, mac, macDoubled]);
    return issued;
  }

  messageEncryptor(sealedMacKey: Uint8Array): BlockEncryptor {
    const mac = this.open(sealedMacKey, 'terminal-mac-key');
    const doubled = concat(mac, mac);
    const encryptor = openEncryptor('des-ede-ecb', doubled);
    wipe([mac, doubled]);
    return encryptor;
  }

  async verifyCryptograms(checks: readonly CryptogramCheck[]): Promise<CryptogramVerdict[]> {
    const verdicts = checks.map((): CryptogramVerdict => ({ verified: false }));
    const byLabel = Map.groupBy(
      checks.map((check, index) => ({ check, index })),
      ({ check }) => check.label,
    );
    for (const [name, group] of byLabel) {
      for (let start = 0; start < group.length; start += BATCH_SLICE) {
        this.#verifySlice(name, group.slice(start, start + BATCH_SLICE), verdicts);
        if (start + BATCH_SLICE < group.length) await setImmediate();
      }
    }
    return verdicts;
  }

  /** Proves a slice of one label's cryptograms: with the newest version that may, then the rest with older ones. */
  #verifySlice(
    name: string,
    slice: readonly { readonly check: CryptogramCheck; readonly index: number }[],
    verdicts: CryptogramVerdict[],
  ): void {
    let open = slice;
    const refuse = (error: unknown): void => {
      if (!(error instanceof PolycardError)) throw error;
      for (const { index } of open) verdicts[index] = { verified: false, refusal: error.message };
    };
    let candidates: KeyRecord[];
    try {
      candidates = this.#candidates(name, OPERATION.verifyCryptogram);
    } catch (error) {
      refuse(error);
      return;
    }
    for (const key of candidates) {
      if (open.length === 0) return;
      try {
        const macs = this.engine.cardMacs(
          key,
          open.map(({ check }) => ({ ...cardPath(check), data: check.input })),
        );
        const missed: { check: CryptogramCheck; index: number }[] = [];
        open.forEach((entry, position) => {
          const verified = constantTimeEqual(macs[position]!, entry.check.cryptogram);
          if (verified) verdicts[entry.index] = { verified, version: key.version };
          else missed.push(entry);
        });
        open = missed;
      } catch (error) {
        refuse(error);
      }
    }
  }

  async answerCryptograms(label: string, answers: readonly CryptogramAnswer[]): Promise<Uint8Array[]> {
    const key = this.#usable(label, OPERATION.answerCryptogram);
    const blockBytes = key.algorithm === '3DES' ? 8 : 16;
    const computations = answers.map((answer) => {
      const data = new Uint8Array(blockBytes);
      data.set(xor(answer.cryptogram, answer.arc));
      return { ...cardPath(answer), data };
    });
    return this.engine.cardEncipher(key, computations).map((block) => block.slice(0, 8));
  }

  async scriptMacs(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]> {
    const key = this.#usable(label, OPERATION.scriptMac);
    return this.engine
      .cardMacs(
        key,
        requests.map((request) => ({ ...cardPath(request), data: request.data })),
      )
      .map((mac) => mac.slice(0, SCRIPT_MAC_BYTES));
  }

  async encipherScriptData(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]> {
    const key = this.#usable(label, OPERATION.scriptEncryption);
    return this.engine.cardEncipher(
      key,
      requests.map((request) => ({ ...cardPath(request), data: request.data })),
    );
  }

  certificateSigner(label: string): CertificateSigner {
    const key = this.#usable(label, OPERATION.signCertificate);
    return { modulusBytes: key.bits / 8, sign: (block) => this.engine.signRaw(key, block) };
  }

  rsaPublicKey(label: string): { modulus: Uint8Array; exponent: Uint8Array } {
    const { modulus, algorithm } = this.#named(label);
    if (modulus === undefined) {
      throw new PolycardError('POLYCARD_VAULT_USAGE', `key ${label} is ${algorithm}, not RSA`, {
        where: label,
        expected: 'an RSA key',
      });
    }
    return { modulus: fromHex(modulus), exponent: RSA_EXPONENT_3 };
  }

  sealForZone(zoneId: string, plain: Uint8Array): Uint8Array {
    const zone = this.#usable(zoneLabel(zoneId), OPERATION.wrapForZone);
    return this.engine.sealUnderZone(zone, plain, utf8(zoneId));
  }

  seal(plain: Uint8Array, context: string): Uint8Array {
    return this.engine.seal(this.#usable(DATA_KEY, OPERATION.sealData), plain, utf8(context));
  }

  open(sealed: Uint8Array, context: string): Uint8Array {
    const candidates = this.#candidates(DATA_KEY, OPERATION.sealData);
    let failure: unknown;
    for (const key of candidates) {
      try {
        return this.engine.open(key, sealed, utf8(context));
      } catch (error) {
        failure = error;
      }
    }
    throw new PolycardError('POLYCARD_VAULT_TAMPERED', `sealed data (${context}) does not open`, {
      where: context,
      cause: failure,
    });
  }

  token(pan: string): string {
    const key = this.#usable(TOKEN_KEY, OPERATION.cardToken);
    return toHex(this.engine.authenticate(key, utf8(pan)).subarray(0, 8));
  }

  close(): void {
    this.engine.close();
  }

  #ensureNow(specification: KeySpecification): KeyInfo {
    const existing = this.#newest(specification.label, 'active') ?? this.#newest(specification.label);
    if (existing === undefined) {
      return publicInfo(this.engine.generate(this.#newRecord(specification, 'active', 'generated')));
    }
    // a version in another algorithm is a migration under way, another usage is a mistake
    if (
      existing.usage !== specification.usage ||
      (existing.version === 1 && existing.algorithm !== specification.algorithm)
    ) {
      throw new PolycardError(
        'POLYCARD_VAULT_CONFLICT',
        `key ${specification.label} exists as ${existing.algorithm} for ${existing.usage}`,
        { where: specification.label, expected: `${specification.algorithm} for ${specification.usage}` },
      );
    }
    return publicInfo(existing);
  }

  #newRecord(specification: KeySpecification, state: KeyState, origin: KeyRecord['origin']): NewKeyRecord {
    const { label, usage, algorithm, owner, bits, validFrom, validUntil } = specification;
    if (!/^[\w.:@/-]{1,120}$/.test(label)) {
      throw new PolycardError('POLYCARD_VAULT_NAME', `${label} is no label for a key`, {
        where: 'label',
        expected: '1 to 120 letters, digits or . : @ / _ -',
      });
    }
    const { modes, exportability } = fixedAttributes(specification);
    const versions = this.#versions(label);
    const foreign = versions.find((record) => record.usage !== usage);
    if (foreign !== undefined) {
      throw new PolycardError('POLYCARD_VAULT_CONFLICT', `key ${label} exists for ${foreign.usage}`, {
        where: label,
        expected: foreign.usage,
      });
    }
    const version = Math.max(0, ...versions.map((record) => record.version)) + 1;
    const time = this.#now().toISOString();
    return {
      ...{ label, version, index: specification.index ?? (version - 1) & 0xff, usage, modes, algorithm, owner },
      ...{ exportability, origin, state, stateSince: time, createdAt: time },
      ...(bits === undefined ? {} : { bits }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validUntil === undefined ? {} : { validUntil }),
    };
  }

  #versions(label: string): KeyRecord[] {
    return this.engine.records().filter((record) => record.label === label);
  }

  #newest(label: string, state?: KeyState): KeyRecord | undefined {
    let newest: KeyRecord | undefined;
    for (const record of this.engine.records()) {
      if (record.label !== label || (state !== undefined && record.state !== state)) continue;
      if (newest === undefined || record.version > newest.version) newest = record;
    }
    return newest;
  }

  /** The version a name means. Throws `POLYCARD_VAULT_UNKNOWN_KEY`. */
  #named(name: string): KeyRecord {
    const { label, version } = parseKeyName(name);
    const found =
      version === undefined
        ? (this.#newest(label, 'active') ?? this.#newest(label))
        : this.#versions(label).find((record) => record.version === version);
    if (found === undefined) {
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the vault has no key ${name}`, { where: name });
    }
    return found;
  }

  /** The version a name means, if it may be used so: a use outside what the key was made for is refused. */
  #usable(name: string, rule: OperationRule): KeyRecord {
    const key = this.#named(name);
    const refused = refusal(key, rule, this.#now().toISOString());
    if (refused !== undefined) throw refused;
    return key;
  }

  /** Every version that may serve, newest first; throws why the newest may not when there is none. */
  #candidates(name: string, rule: OperationRule): KeyRecord[] {
    const { label, version } = parseKeyName(name);
    if (version !== undefined) return [this.#usable(name, rule)];
    const now = this.#now().toISOString();
    const usable = this.#versions(label)
      .filter((record) => refusal(record, rule, now) === undefined)
      .sort((a, b) => b.version - a.version);
    return usable.length > 0 ? usable : [this.#usable(name, rule)];
  }

  /** Whole blocks enciphered under a zone's transport key. */
  #transport(zoneId: string, clear: Uint8Array): Uint8Array {
    return this.engine.encipher(this.#usable(zoneLabel(zoneId), OPERATION.wrapForZone), clear);
  }
}

function cardPath({ card, atc }: { readonly card?: CardIdentity; readonly atc: number }) {
  return { factors: card === undefined ? [] : [optionAFactor(card)], atc };
}

function publicInfo(record: KeyRecord): KeyInfo {
  const { modulus: _modulus, ...info } = record;
  return info;
}

function wipe(keys: readonly Uint8Array[]): void {
  for (const key of keys) key.fill(0);
}

/** Works on each clear key, then wipes them all. */
function wiping<T>(keys: readonly Uint8Array[], work: (clear: Uint8Array, index: number) => T): T[] {
  try {
    return keys.map(work);
  } finally {
    wipe(keys);
  }
}
