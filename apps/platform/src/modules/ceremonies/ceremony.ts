/**
 * A key ceremony: people of the duties in one room, each step with its statement and signatures, written into a
 * transcript that anybody verifies alone (docs/reference/audit-format.md). One ceremony is about one tree of keys; a
 * keystore that holds keys of the other half is refused, since its shares would open both.
 *
 * Everything is passed in: keystores as text, time, randomness, and what people enter.
 */
import { AuditTrail } from '@polycard/audit';
import type { Blueprint, KeyTree } from '@polycard/blueprint';
import { DutyMatrix } from '@polycard/blueprint';
import { PolycardError, toHex } from '@polycard/bytes';
import { deriveScrypt, type RandomSource, type SigningKey, sha256, signingKeyFrom } from '@polycard/crypto';
import {
  formatShare,
  type KeyComponent,
  type KeyInfo,
  type KeyUsage,
  keyName,
  parseShare,
  restoreKeystore,
  rightTo,
  type Share,
  SoftwareVault,
} from '@polycard/vault';

export type CeremonyTree = 'activation' | 'management' | 'issuer';
export type CeremonyRole = 'administrator' | 'custodian' | 'witness' | 'auditor';

export interface Participant {
  readonly who: string;
  readonly role: CeremonyRole;
  /** What this person's signing key is made from; asked for, never kept. */
  readonly passphrase: string;
}

export interface CeremonyOptions {
  readonly id: string;
  readonly tree: CeremonyTree;
  readonly blueprint: Blueprint;
  readonly participants: readonly Participant[];
  readonly random: RandomSource;
  readonly now: () => Date;
}

/** The keystore the ceremony is about. */
export interface CeremonyKeystore {
  load(): string | undefined;
  save(document: string): void;
}

const PASSPHRASE_MIN = 8;

export class Ceremony {
  readonly needed: number;
  readonly of: number;
  readonly trail = new AuditTrail();
  readonly #options: CeremonyOptions;
  readonly #keys = new Map<string, { role: CeremonyRole; key: SigningKey }>();
  #entered: Share[] = [];
  readonly #enteredBy = new Map<string, number>();

  /** Opens the ceremony: who is here, in which role, with which public key. Throws `POLYCARD_CEREMONY_…`. */
  constructor(options: CeremonyOptions) {
    this.#options = options;
    const custody = options.blueprint.duties?.custody.find(({ tree }) => tree === options.tree);
    if (custody === undefined)
      throw refusal('TREE', `duties.yaml states no custody of ${options.tree} keys`, 'duties.yaml#/custody');
    this.needed = custody.needed;
    this.of = custody.of;
    this.#admit(custody.custodian);
    this.#record('opened', this.#administrator(), {
      en: `this ceremony is about the ${options.tree} keys; ${custody.needed} of ${custody.of} custodians open them`,
      zh: `本仪式涉及${options.tree}密钥；${custody.of} 名保管员中 ${custody.needed} 名可共同开启`,
      detail: {
        tree: options.tree,
        shares: { needed: custody.needed, of: custody.of },
        participants: [...this.#keys].map(([who, { role, key }]) => ({
          who,
          role,
          publicKey: toHex(key.publicKey).toLowerCase(),
        })),
      },
    });
  }

  get custodians(): string[] {
    return [...this.#keys].filter(([, { role }]) => role === 'custodian').map(([who]) => who);
  }

  /** Whether a person's signing key comes from this passphrase. */
  isPassphraseOf(who: string, passphrase: string): boolean {
    const known = this.#keys.get(who);
    return (
      known !== undefined && toHex(signerOf(this.#options.id, who, passphrase).publicKey) === toHex(known.key.publicKey)
    );
  }

  /** Makes every key of the tree, active, and one share for each custodian. Gives the shares, this once. */
  async generate(keystore: CeremonyKeystore, passphrase: string): Promise<Map<string, string>> {
    if (this.custodians.length !== this.of)
      throw refusal(
        'CUSTODIANS',
        `${this.custodians.length} custodians are here, ${this.of} get a share`,
        'participants',
      );
    const vault = this.#open(keystore, { passphrase });
    try {
      for (const { label, usage, algorithm, owner } of this.#specifications()) {
        if ((await vault.list()).some((key) => key.label === label))
          throw refusal('KEY', `${label} exists already: it is rotated, not made again`, label);
        const key = await vault.generate({ label, usage, algorithm, owner });
        this.#aboutKey('key-generated', key, 'was generated', '已生成');
        const active = await vault.changeState(keyName(key), 'active');
        this.#aboutKey('key-activated', active, 'was activated', '已激活');
      }
      return this.#share(vault);
    } finally {
      vault.close();
    }
  }

  /** A key from components that custodians enter separately, each with its check value. */
  async importComponents(
    keystore: CeremonyKeystore,
    passphrase: string,
    label: string,
    components: ReadonlyMap<string, KeyComponent>,
  ): Promise<KeyInfo> {
    const specification = this.#specifications().find((candidate) => candidate.label === label);
    if (specification === undefined)
      throw refusal('KEY', `${label} is no key of the ${this.#options.tree} tree`, label);
    if (components.size < 2)
      throw refusal('CUSTODIANS', 'a key has two components or more, of different people', 'components');
    for (const [who, { checkValue }] of components) {
      this.#mustBe(who, 'custodian');
      this.#record('component-entered', who, {
        en: `I entered my component of ${label}; its check value is ${checkValue}`,
        zh: `本人已录入 ${label} 的分量，校验值 ${checkValue}`,
        detail: { label, checkValue },
      });
    }
    const vault = this.#open(keystore, { passphrase });
    try {
      const key = await vault.importComponents(specification, [...components.values()]);
      this.#aboutKey('key-imported', key, 'was made from its components', '已由分量合成');
      return await vault.changeState(keyName(key), 'active');
    } catch (error) {
      const position = Number(/^component (\d+)/.exec((error as PolycardError).where ?? '')?.[1]);
      const who = [...components.keys()][position - 1];
      const named =
        who === undefined
          ? error
          : refusal(
              'COMPONENT',
              `the component of ${who} is wrong: ${(error as Error).message}`,
              `component of ${who}`,
            );
      this.#refused(who ?? this.#administrator(), named);
      throw named;
    } finally {
      vault.close();
    }
  }

  /** The keystore without its passphrase: only shares open it. */
  backup(keystore: CeremonyKeystore, passphrase: string): string {
    const vault = this.#open(keystore, { passphrase });
    try {
      const document = vault.backup();
      const digest = toHex(sha256(new TextEncoder().encode(document)));
      this.#record('backup-made', this.#administrator(), {
        en: `a backup was made; its SHA-256 is ${digest}`,
        zh: `已制作备份，SHA-256 为 ${digest}`,
        detail: { digest },
      });
      return document;
    } finally {
      vault.close();
    }
  }

  /** Says that the keystore was destroyed; the caller wipes it. */
  destroyed(digest: string): void {
    this.#record('keystore-destroyed', this.#administrator(), {
      en: `the keystore with SHA-256 ${digest} was destroyed`,
      zh: `SHA-256 为 ${digest} 的密钥库已销毁`,
      detail: { digest },
    });
  }

  /** One custodian enters one share. A share that was misread, of another set, or entered twice is refused by name. */
  enterShare(who: string, text: string): void {
    this.#mustBe(who, 'custodian');
    try {
      if (this.#enteredBy.has(who)) throw refusal('TWICE', `${who} has entered a share already`, who);
      const share = parseShare(text, this.#entered.length + 1);
      const twice = [...this.#enteredBy].find(([, index]) => index === share.index)?.[0];
      if (twice !== undefined) throw refusal('TWICE', `share ${share.index} was entered by ${twice} already`, who);
      this.#entered.push(share);
      this.#enteredBy.set(who, share.index);
      this.#record('share-entered', who, {
        en: `I entered share ${share.index} of set ${share.set}`,
        zh: `本人已录入第 ${share.index} 份分量（组 ${share.set}）`,
        detail: { index: share.index, set: share.set },
      });
    } catch (error) {
      this.#refused(who, error);
      throw error;
    }
  }

  /** Puts a backup back once enough custodians entered their shares; a wrong share is named with who entered it. */
  async restore(backup: string, keystore: CeremonyKeystore, passphrase: string): Promise<KeyInfo[]> {
    if (this.#entered.length < this.needed) {
      const error = refusal(
        'SHARES',
        `${this.#entered.length} of ${this.of} custodians entered a share, ${this.needed} are needed`,
        'shares',
      );
      this.#refused(this.#administrator(), error);
      throw error;
    }
    try {
      const { random } = this.#options;
      restoreKeystore({ backup, shares: this.#entered, passphrase, storage: keystore, random });
    } catch (error) {
      const index = Number(/^share (\d+)/.exec((error as PolycardError).where ?? '')?.[1]);
      const who = [...this.#enteredBy].find(([, entered]) => entered === index)?.[0];
      const named =
        who === undefined
          ? error
          : refusal('SHARE', `the share of ${who} is wrong: ${(error as Error).message}`, `share ${index} of ${who}`);
      this.#refused(who ?? this.#administrator(), named);
      throw named;
    }
    const vault = this.#open(keystore, { passphrase });
    try {
      const keys = (await vault.list()).filter(({ usage }) => rightTo(usage) === this.#options.tree);
      this.#record('restored', this.#administrator(), {
        en: `${keys.length} keys came back from the backup`,
        zh: `已从备份恢复 ${keys.length} 个密钥`,
        detail: { keys: keys.map((key) => ({ name: keyName(key), checkValue: key.checkValue, state: key.state })) },
      });
      return keys;
    } finally {
      vault.close();
    }
  }

  /** Ends the ceremony and gives its transcript as a file. */
  close(): string {
    this.#record('closed', this.#administrator(), {
      en: 'the ceremony is closed; the transcript is complete',
      zh: '仪式结束，记录完整',
      detail: {},
    });
    return this.transcript();
  }

  /** The transcript so far. */
  transcript(): string {
    const exportedBy = this.#administrator();
    return this.trail.export({ chain: `ceremony:${this.#options.id}`, exportedAt: this.#options.now(), exportedBy });
  }

  #share(vault: SoftwareVault): Map<string, string> {
    const { shares, commitments, set } = vault.sealByShares(this.needed, this.of);
    const written = new Map<string, string>();
    for (const [position, who] of this.custodians.entries()) {
      const share = shares[position]!;
      written.set(who, formatShare(share));
      this.#record('share-handed-over', who, {
        en: `I received share ${share.index} of ${this.of}, set ${set}, and nobody else has seen it`,
        zh: `本人已收到第 ${share.index}/${this.of} 份分量（组 ${set}），他人未见`,
        detail: { index: share.index, set, commitment: commitments[position]! },
      });
    }
    return written;
  }

  /** Keys of the tree as the blueprint names them: one for the region, or one for each issuer. */
  #specifications(): { label: string; usage: KeyUsage; algorithm: KeyTree['algorithm']; owner: string }[] {
    const { blueprint, tree } = this.#options;
    const issuers = blueprint.parties.filter(({ kind }) => kind === 'issuer');
    return blueprint.keys
      .filter(({ usage }) => rightTo(usage) === tree)
      .flatMap(({ label, usage, algorithm, scope, custodian }) =>
        scope === 'issuer'
          ? issuers.map(({ id }) => ({ label: `${id}:${label}`, usage, algorithm, owner: id }))
          : [{ label, usage, algorithm, owner: custodian }],
      );
  }

  #open(keystore: CeremonyKeystore, unsealing: { passphrase: string }): SoftwareVault {
    const { random, now, tree } = this.#options;
    const existing = keystore.load();
    if (existing !== undefined) {
      const { keys } = JSON.parse(existing) as { keys: { record: { label: string; usage: KeyUsage } }[] };
      const foreign = keys.find(({ record }) => !['data', 'zones', tree].includes(rightTo(record.usage)));
      if (foreign !== undefined)
        throw refusal(
          'TREE',
          `the keystore also holds ${foreign.record.label}: shares of ${tree} would open it too`,
          foreign.record.label,
        );
    }
    return new SoftwareVault({ storage: keystore, ...unsealing, random, now });
  }

  #admit(custodianRole: string): void {
    const { id, participants, blueprint } = this.#options;
    const duties = blueprint.duties!;
    const matrix = new DutyMatrix(duties);
    const humans = new Map<string, string>();
    const asked: Readonly<Record<CeremonyRole, string>> = {
      ...{ administrator: 'ceremonies.prepare', witness: 'ceremonies.witness', auditor: 'audit.read' },
      custodian: `keys.${this.#options.tree}.share`,
    };
    for (const { who, role, passphrase } of participants) {
      const person = duties.people.find((candidate) => candidate.id === who);
      if (person === undefined) throw refusal('PERSON', `${who} is nobody in duties.yaml`, who);
      const earlier = humans.get(person.staffNo);
      if (earlier !== undefined)
        throw refusal('TWICE', `${who} takes part already${earlier === who ? '' : ` as ${earlier}`}`, who);
      humans.set(person.staffNo, who);
      if (!matrix.ofPerson(person).has(asked[role]))
        throw refusal('ROLE', `${who} cannot be ${role}: ${asked[role]} is not among their permissions`, who);
      if (passphrase.length < PASSPHRASE_MIN)
        throw refusal('PASSPHRASE', `the passphrase of ${who} is shorter than ${PASSPHRASE_MIN} characters`, who);
      this.#keys.set(who, { role, key: signerOf(id, who, passphrase) });
    }
    const count = (role: CeremonyRole): number =>
      participants.filter((participant) => participant.role === role).length;
    if (count('administrator') !== 1) throw refusal('ROLE', 'a ceremony has one administrator', 'participants');
    if (count('witness') < 1) throw refusal('ROLE', 'a ceremony has a witness', 'participants');
    if (count('auditor') < 1) throw refusal('ROLE', 'a ceremony has an auditor', 'participants');
    if (count('custodian') < 2) throw refusal('ROLE', `a ceremony has custodians (${custodianRole})`, 'participants');
  }

  #administrator(): string {
    return [...this.#keys].find(([, { role }]) => role === 'administrator')![0];
  }

  #mustBe(who: string, role: CeremonyRole): void {
    if (this.#keys.get(who)?.role !== role) throw refusal('ROLE', `${who} is no ${role} of this ceremony`, who);
  }

  #aboutKey(what: string, key: KeyInfo, en: string, zh: string): void {
    this.#record(what, this.#administrator(), {
      en: `${keyName(key)} (${key.algorithm}, ${key.usage}) ${en}; its check value is ${key.checkValue}`,
      zh: `${keyName(key)}（${key.algorithm}，${key.usage}）${zh}，校验值 ${key.checkValue}`,
      detail: {
        key: keyName(key),
        usage: key.usage,
        algorithm: key.algorithm,
        checkValue: key.checkValue,
        state: key.state,
      },
    });
  }

  #refused(who: string, error: unknown): void {
    const { code, message } = error as PolycardError;
    this.#record('refused', who, { en: `this was refused: ${message}`, zh: `已拒绝：${message}`, detail: { code } });
  }

  /** One step: signed by who did it, by the administrator and by every witness and auditor. */
  #record(what: string, who: string, step: { en: string; zh: string; detail: Record<string, unknown> }): void {
    const { id, now } = this.#options;
    const { sequence, sha256: previous } = this.trail.head;
    const role = this.#keys.get(who)!.role;
    const statement = `Polycard ceremony ${id}, step ${sequence + 1}, after ${previous}. ${who} (${role}): ${step.en}. ${step.zh}。`;
    const message = new TextEncoder().encode(statement);
    const signers = [...this.#keys].filter(([name, { role: held }]) => name === who || held !== 'custodian');
    const signatures = signers.map(([name, { key }]) => ({
      who: name,
      signature: toHex(key.sign(message)).toLowerCase(),
    }));
    this.trail.append(now(), {
      who,
      what: `ceremony.${what}`,
      subject: this.#options.tree,
      detail: { ...step.detail, signed: { statement, signatures } },
    });
  }
}

function signerOf(id: string, who: string, passphrase: string): SigningKey {
  const seed = deriveScrypt(passphrase, new TextEncoder().encode(`polycard ceremony ${id} ${who}`), 32);
  const key = signingKeyFrom(seed);
  seed.fill(0);
  return key;
}

function refusal(what: string, message: string, where: string): PolycardError {
  return new PolycardError(`POLYCARD_CEREMONY_${what}`, message, { where });
}
