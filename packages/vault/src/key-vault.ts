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
  makeZoneKeyPair,
  type RandomSource,
  RSA_EXPONENT_3,
  signatureBlock,
} from '@polycard/crypto';
import {
  APPEND_P1,
  appendRecordInput,
  type CertificateSigner,
  cappP2,
  encodeReplaceRecordKey,
  type IndustryActivation,
  optionAFactor,
  replaceRecordKeyInput,
} from '@polycard/emv';
import { activateApplication } from './application-activation.ts';
import type { KeyEngine, KeyRecord, WrapComputation } from './engine.ts';
import { KeyExchange, requireOneReceiver } from './exchange/key-exchange.ts';
import { TerminalMakerKeys } from './exchange/terminal-maker.ts';
import {
  type CarriedTree,
  type KeyInfo,
  type KeySpecification,
  type KeyState,
  keyName,
  OPERATION,
  requireCarries,
} from './key-model.ts';
import { KeyRegister, publicInfo } from './key-register.ts';
import { updateRecords } from './record-update.ts';
import { adoptKeys } from './software/adopted-keys.ts';
import type {
  ActivationRequest,
  ApplicationActivation,
  BackendCapabilities,
  CardIdentity,
  CeremonyKeystore,
  CryptogramAnswer,
  CryptogramCheck,
  CryptogramVerdict,
  EncipheredCardKeys,
  EncipheredKey,
  ExportedKey,
  ExportOptions,
  ImportedPackage,
  ImportOptions,
  IssuedTerminalKeyBlock,
  IssuedTerminalMasterKey,
  IssuedWorkingKeys,
  KeyComponent,
  KeyPackage,
  KeyReceipt,
  RecordUpdateRequest,
  ReplacementRequest,
  RotationOptions,
  ScriptRequest,
  TakenZoneKey,
  TerminalSession,
  Vault,
  WorkingKeyScheme,
} from './vault.ts';
import { DOUBLE_LENGTH_KEYS, makeWorkingKeys, openWorkingKeys } from './working-keys.ts';

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
  protected readonly keys: KeyRegister;
  readonly #random: RandomSource;
  readonly #exchange: KeyExchange;
  readonly #terminalMakers: TerminalMakerKeys;

  constructor({ engine, random, now }: KeyVaultOptions) {
    this.engine = engine;
    this.keys = new KeyRegister(engine, now);
    this.backend = engine.backend;
    this.#random = random;
    this.#exchange = new KeyExchange(engine, this.keys, random, now);
    this.#terminalMakers = new TerminalMakerKeys(engine, this.keys, random);
    this.keys.ensure({ label: DATA_KEY, usage: 'data-at-rest', algorithm: 'AES', owner: 'platform' });
    this.keys.ensure({ label: TOKEN_KEY, usage: 'card-token', algorithm: 'AES', owner: 'platform' });
  }

  capabilities(): BackendCapabilities {
    return this.engine.capabilities();
  }

  async ensure(specification: KeySpecification): Promise<KeyInfo> {
    return this.keys.ensure(specification);
  }

  async ensureAll(specifications: readonly KeySpecification[]): Promise<ReadonlyMap<string, string>> {
    const left = new Map<string, string>();
    this.engine.together(() => {
      for (const specification of specifications) {
        try {
          this.keys.ensure(specification);
        } catch (error) {
          if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_VAULT_UNSUPPORTED') throw error;
          left.set(specification.label, error.message);
        }
      }
    });
    return left;
  }

  async adopt(keystore: CeremonyKeystore): Promise<{ taken: string[]; left: ReadonlyMap<string, string> }> {
    return adoptKeys(this.engine, keystore, this.#random);
  }

  async generate(specification: KeySpecification): Promise<KeyInfo> {
    return this.keys.generate(specification);
  }

  async importComponents(
    specification: KeySpecification,
    components: readonly KeyComponent[],
    expectedCheckValue?: string,
  ): Promise<KeyInfo> {
    return this.keys.importComponents(specification, components, expectedCheckValue);
  }

  async changeState(name: string, to: KeyState, options: { readonly overlapEndsAt?: string } = {}): Promise<KeyInfo> {
    return this.keys.changeState(name, to, options);
  }

  async rotate(label: string, options: RotationOptions): Promise<{ next: KeyInfo; previous: KeyInfo }> {
    return this.keys.rotate(label, options);
  }

  async list(): Promise<KeyInfo[]> {
    return this.engine.records().map(publicInfo);
  }

  async show(name: string): Promise<KeyInfo> {
    return publicInfo(this.keys.named(name));
  }

  async disperse(name: string, paths: readonly (readonly Uint8Array[])[]): Promise<Uint8Array[]> {
    const key = this.keys.usable(name, OPERATION.showDispersed);
    return wiping(this.engine.disperse(key, paths), (clear) => checkValue(key.algorithm as Algorithm, clear));
  }

  async exportKeys(exported: readonly ExportedKey[], options: ExportOptions): Promise<KeyPackage> {
    const keys = exported.map(({ name }) => this.keys.usable(name, OPERATION.exportKey));
    const zone = this.#zoneOf(options.zoneId, options.form !== 'SM2');
    requireOneReceiver(keys, zone, options.zoneId);
    return this.#exchange.export(
      keys.map((key, index) => ({ key, factors: exported[index]!.factors ?? [] })),
      zone,
      options,
    );
  }

  async importKeys(keys: KeyPackage, options: ImportOptions): Promise<ImportedPackage> {
    const { envelopeKey } = options;
    const envelope = envelopeKey === undefined ? undefined : this.keys.usable(envelopeKey, OPERATION.openEnvelope);
    const needsZone = keys.mac !== undefined || keys.keys.some(({ form }) => form !== 'SM2');
    return this.#exchange.import(keys, this.#zoneOf(options.zoneId, needsZone), envelope, options);
  }

  async checkReceipt(keys: KeyPackage, receipt: KeyReceipt, zoneId: string): Promise<void> {
    this.#exchange.checkReceipt(keys, receipt, this.#zoneOf(zoneId, keys.mac !== undefined));
  }

  sm2PublicKey(label: string): Uint8Array {
    const { sm2PublicKey, algorithm } = this.keys.named(label);
    if (sm2PublicKey === undefined) {
      throw new PolycardError('POLYCARD_VAULT_USAGE', `key ${label} is ${algorithm}, not SM2`, {
        where: label,
        expected: 'an SM2 key',
      });
    }
    return fromHex(sm2PublicKey);
  }

  /** The zone's key record, where one is needed. */
  #zoneOf(zoneId: string, isNeeded: boolean): KeyRecord | undefined {
    return isNeeded ? this.keys.usable(zoneLabel(zoneId), OPERATION.wrapForZone) : undefined;
  }

  async openZone(
    zoneId: string,
    theirPublicKey: Uint8Array,
    carries: readonly CarriedTree[],
  ): Promise<{ publicKey: Uint8Array; checkValue: Uint8Array }> {
    const pair = makeZoneKeyPair(this.#random);
    const clear = agreeZoneKey(pair, theirPublicKey);
    const label = zoneLabel(zoneId);
    const previous = this.keys.newest(label, 'active');
    if (previous !== undefined && previous.origin !== 'agreed') {
      throw new PolycardError('POLYCARD_VAULT_CONFLICT', `zone ${zoneId} has a key from a ceremony`, { where: zoneId });
    }
    const specification = { label, usage: 'zone', algorithm: '3DES', owner: zoneId, carries } as const;
    this.engine.import(this.keys.newRecord(specification, 'active', 'agreed'), clear);
    if (previous !== undefined) {
      // agreed again: the earlier transport key serves nobody any more
      this.keys.changeState(keyName(previous), 'retired');
      this.keys.changeState(keyName(previous), 'destroyed');
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
    const masters = (
      [
        [labels.ac, 'application-cryptogram'],
        [labels.mac, 'script-mac'],
        [labels.enc, 'script-encryption'],
      ] as const
    ).map(([name, usage]) => this.keys.usable(name, OPERATION.issueCardKeys(usage)));
    const zone = this.#transportKey(zoneId, 'issuer');
    const sets = masters.map((key) => ({
      algorithm: key.algorithm as Algorithm,
      keys: this.engine.disperse(key, paths),
    }));
    const enciphered = this.engine.encipher(
      zone,
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
    const key = this.keys.usable(label, OPERATION.issueOpeningKeys);
    const zone = this.#transportKey(zoneId, 'activation');
    const keys = this.engine.disperse(key, factors);
    const enciphered = this.engine.encipher(zone, concat(...keys));
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

  async activateApplication(openingLabel: string, request: ApplicationActivation): Promise<IndustryActivation> {
    return activateApplication(this.keys, this.engine, openingLabel, request);
  }

  async updateRecords(managementName: string, requests: readonly RecordUpdateRequest[]): Promise<Uint8Array[]> {
    return updateRecords(this.keys, this.engine, managementName, requests);
  }

  async replaceManagementKeys(
    activationLabel: string,
    managementName: string,
    requests: readonly ReplacementRequest[],
  ): Promise<Uint8Array[]> {
    const { version } = this.keys.usable(managementName, OPERATION.installManagementKey);
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
    const activation = this.keys.usable(activationName, OPERATION.openApplication);
    const management = this.keys.usable(managementName, OPERATION.installManagementKey);
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
    const key = this.keys.usable(name, OPERATION.issuePsamKey);
    const zone = this.#transportKey(zoneId, 'management');
    const keys = this.engine.disperse(key, [fixedFactors]);
    const enciphered = this.engine.encipher(zone, keys[0]!);
    return wiping(keys, (clear) => ({ enciphered, checkValue: checkValue(key.algorithm as Algorithm, clear) }))[0]!;
  }

  async issueTerminalMasterKey(zoneId: string): Promise<IssuedTerminalMasterKey> {
    const zone = this.#transportKey(zoneId, 'terminals');
    const key = this.#random(16);
    const issued = {
      sealed: this.seal(key, 'terminal-master-key'),
      enciphered: this.engine.encipher(zone, key),
      checkValue: checkValue('3DES', key),
    };
    key.fill(0);
    return issued;
  }

  async takeZoneKey(zoneId: string, underZoneId: string, keyBlock: string): Promise<TakenZoneKey> {
    const underZone = this.keys.usable(zoneLabel(underZoneId), OPERATION.wrapForZone);
    const taken = this.#terminalMakers.takeZoneKey(zoneId, underZone, keyBlock);
    // it was agreed for this one passage
    if (underZone.origin === 'agreed') {
      this.keys.changeState(keyName(underZone), 'retired');
      this.keys.changeState(keyName(underZone), 'destroyed');
    }
    return taken;
  }

  async issueTerminalKeyBlock(zoneId: string): Promise<IssuedTerminalKeyBlock> {
    const zone = this.keys.usable(zoneLabel(zoneId), OPERATION.wrapForZone);
    requireCarries(zone, 'terminals');
    const key = this.#random(16);
    try {
      return {
        sealed: this.seal(key, 'terminal-master-key'),
        keyBlock: this.#terminalMakers.masterKeyBlock(zone, key),
        checkValue: checkValue('3DES', key),
      };
    } finally {
      key.fill(0);
    }
  }

  async issueWorkingKeys(
    sealedMasterKey: Uint8Array,
    scheme: WorkingKeyScheme = DOUBLE_LENGTH_KEYS,
  ): Promise<IssuedWorkingKeys> {
    const masterKey = this.open(sealedMasterKey, 'terminal-master-key');
    const { clear, ...keys } = makeWorkingKeys(masterKey, scheme, this.#random);
    const sealed = this.seal(clear, 'terminal-working-keys');
    wipe([masterKey, clear]);
    return { sealed, ...keys };
  }

  terminalSession(sealedWorkingKeys: Uint8Array): TerminalSession {
    const clear = this.open(sealedWorkingKeys, 'terminal-working-keys');
    const session = openWorkingKeys(clear);
    clear.fill(0);
    return session;
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
      candidates = this.keys.candidates(name, OPERATION.verifyCryptogram);
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
    const key = this.keys.usable(label, OPERATION.answerCryptogram);
    const blockBytes = key.algorithm === '3DES' ? 8 : 16;
    const computations = answers.map((answer) => {
      const data = new Uint8Array(blockBytes);
      data.set(xor(answer.cryptogram, answer.arc));
      return { ...cardPath(answer), data };
    });
    return this.engine.cardEncipher(key, computations).map((block) => block.slice(0, 8));
  }

  async scriptMacs(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]> {
    const key = this.keys.usable(label, OPERATION.scriptMac);
    return this.engine
      .cardMacs(
        key,
        requests.map((request) => ({ ...cardPath(request), data: request.data })),
      )
      .map((mac) => mac.slice(0, SCRIPT_MAC_BYTES));
  }

  async encipherScriptData(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]> {
    const key = this.keys.usable(label, OPERATION.scriptEncryption);
    return this.engine.cardEncipher(
      key,
      requests.map((request) => ({ ...cardPath(request), data: request.data })),
    );
  }

  certificateSigner(label: string): CertificateSigner {
    const key = this.keys.usable(label, OPERATION.signCertificate);
    return { modulusBytes: key.bits / 8, sign: (block) => this.engine.signRaw(key, block) };
  }

  async signList(label: string, message: Uint8Array): Promise<Uint8Array> {
    const key = this.keys.usable(label, OPERATION.signList);
    return this.engine.signRaw(key, signatureBlock(message, key.bits / 8));
  }

  rsaPublicKey(label: string): { modulus: Uint8Array; exponent: Uint8Array } {
    const { modulus, algorithm } = this.keys.named(label);
    if (modulus === undefined) {
      throw new PolycardError('POLYCARD_VAULT_USAGE', `key ${label} is ${algorithm}, not RSA`, {
        where: label,
        expected: 'an RSA key',
      });
    }
    return { modulus: fromHex(modulus), exponent: RSA_EXPONENT_3 };
  }

  sealForZone(zoneId: string, plain: Uint8Array): Uint8Array {
    const zone = this.keys.usable(zoneLabel(zoneId), OPERATION.wrapForZone);
    requireCarries(zone, 'issuer');
    return this.engine.sealUnderZone(zone, plain, utf8(zoneId));
  }

  seal(plain: Uint8Array, context: string): Uint8Array {
    return this.engine.seal(this.keys.usable(DATA_KEY, OPERATION.sealData), plain, utf8(context));
  }

  open(sealed: Uint8Array, context: string): Uint8Array {
    const candidates = this.keys.candidates(DATA_KEY, OPERATION.sealData);
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
    const key = this.keys.usable(TOKEN_KEY, OPERATION.cardToken);
    return toHex(this.engine.authenticate(key, utf8(pan)).subarray(0, 8));
  }

  close(): void {
    this.engine.close();
  }

  /** The transport key of a zone that carries keys of this tree. */
  #transportKey(zoneId: string, tree: CarriedTree): KeyRecord {
    const zone = this.keys.usable(zoneLabel(zoneId), OPERATION.wrapForZone);
    requireCarries(zone, tree);
    if (zone.algorithm !== '3DES') {
      throw new PolycardError('POLYCARD_VAULT_USAGE', `zone ${zoneId} has an ${zone.algorithm} key: for key blocks`, {
        where: zone.label,
        expected: 'a 3DES transport key for card and terminal keys',
      });
    }
    return zone;
  }
}

function cardPath({ card, atc }: { readonly card?: CardIdentity; readonly atc: number }) {
  return { factors: card === undefined ? [] : [optionAFactor(card)], atc };
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
