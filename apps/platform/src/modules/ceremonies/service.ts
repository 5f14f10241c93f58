/**
 * Ceremonies held at the console: one room, one screen, each person in turn. A ceremony lives in this process until it is
 * closed; its keystore is a file of its own under `custody/`, apart from the platform's working keys.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromHex, toHex } from '@polycard/bytes';
import { sha256, systemRandom } from '@polycard/crypto';
import type { KeyComponent } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit/service.ts';
import type { OpenCeremony } from './api.ts';
import { Ceremony } from './ceremony.ts';

interface Held {
  readonly ceremony: Ceremony;
  readonly tree: OpenCeremony['tree'];
  /** Shares made and not yet received. */
  shares: Map<string, string>;
  readonly entered: string[];
  /** Components entered and not yet made a key, of one label. */
  components: { label: string; by: Map<string, KeyComponent> };
}

export class CeremonyService {
  readonly #context: PlatformContext;
  readonly #directory: string;
  readonly #held = new Map<string, Held>();

  constructor(context: PlatformContext) {
    this.#context = context;
    this.#directory = join(context.dataDirectory, 'custody');
  }

  async open({ tree, participants }: OpenCeremony, who: string) {
    const { region, now } = this.#context;
    const id = `${tree}-${now().toISOString().slice(0, 10)}-${toHex(systemRandom(3)).toLowerCase()}`;
    const ceremony = new Ceremony({ id, tree, blueprint: region.blueprint, participants, random: systemRandom, now });
    this.#held.set(id, { ceremony, tree, shares: new Map(), entered: [], components: { label: '', by: new Map() } });
    await this.#note(id, who, 'ceremony.opened');
    return this.state(id);
  }

  state(id: string) {
    const { ceremony, tree, shares, entered, components } = this.#find(id);
    return {
      ...{ id, tree, needed: ceremony.needed, of: ceremony.of, custodians: ceremony.custodians },
      ...{ sharesWaiting: [...shares.keys()], sharesEntered: entered, hasKeystore: existsSync(this.#path(tree)) },
      componentsEntered: [...components.by.keys()],
      steps: ceremony.trail.entries.map(({ text }) => {
        const entry = JSON.parse(text) as {
          sequence: number;
          who: string;
          what: string;
          detail: { signed: { statement: string } };
        };
        return { sequence: entry.sequence, who: entry.who, what: entry.what, statement: entry.detail.signed.statement };
      }),
    };
  }

  async generate(id: string, keystorePassphrase: string, who: string) {
    const held = this.#find(id);
    held.shares = await held.ceremony.generate(this.#keystore(held.tree), keystorePassphrase);
    await this.#note(id, who, 'ceremony.keys-generated');
    return this.state(id);
  }

  /** A custodian's share, to that custodian's own passphrase, once. */
  handOver(id: string, who: string, passphrase: string): { share: string } {
    const { ceremony, shares } = this.#find(id);
    if (!ceremony.isPassphraseOf(who, passphrase))
      throw problem('POLYCARD_CEREMONY_PASSPHRASE', `this is not the passphrase of ${who}`, 'passphrase');
    const share = shares.get(who);
    if (share === undefined) throw problem('POLYCARD_CEREMONY_SHARE', `there is no share waiting for ${who}`, 'who');
    shares.delete(who);
    return { share };
  }

  backup(id: string, keystorePassphrase: string): { text: string } {
    const { ceremony, tree } = this.#find(id);
    return { text: ceremony.backup(this.#keystore(tree), keystorePassphrase) };
  }

  async destroy(id: string, who: string) {
    const { ceremony, tree } = this.#find(id);
    const path = this.#path(tree);
    if (!existsSync(path)) throw problem('POLYCARD_CEREMONY_KEYSTORE', `there is no keystore of ${tree} keys`);
    const document = readFileSync(path);
    writeFileSync(path, new Uint8Array(document.length));
    rmSync(path);
    ceremony.destroyed(toHex(sha256(document)));
    await this.#note(id, who, 'ceremony.keystore-destroyed');
    return this.state(id);
  }

  enterShare(id: string, who: string, share: string) {
    const held = this.#find(id);
    held.ceremony.enterShare(who, share);
    held.entered.push(who);
    return this.state(id);
  }

  /** One custodian's component of a key, kept in this process until the key is made. */
  enterComponent(id: string, body: { who: string; label: string; component: string; checkValue: string }) {
    const held = this.#find(id);
    if (!held.ceremony.custodians.includes(body.who))
      throw problem('POLYCARD_CEREMONY_ROLE', `${body.who} is no custodian of this ceremony`, 'who');
    if (held.components.by.size > 0 && held.components.label !== body.label)
      throw problem('POLYCARD_CEREMONY_KEY', `components of ${held.components.label} are being entered`, 'label');
    if (held.components.by.has(body.who))
      throw problem('POLYCARD_CEREMONY_TWICE', `${body.who} has entered a component already`, 'who');
    held.components.label = body.label;
    held.components.by.set(body.who, { bytes: fromHex(body.component), checkValue: body.checkValue });
    return this.state(id);
  }

  /** The key from the components entered; they are wiped, whatever comes of it. */
  async makeFromComponents(id: string, keystorePassphrase: string, who: string) {
    const held = this.#find(id);
    const { label, by } = held.components;
    held.components = { label: '', by: new Map() };
    try {
      await held.ceremony.importComponents(this.#keystore(held.tree), keystorePassphrase, label, by);
    } finally {
      for (const { bytes } of by.values()) bytes.fill(0);
    }
    await this.#note(id, who, 'ceremony.key-imported');
    return this.state(id);
  }

  async restore(id: string, backup: string, keystorePassphrase: string, who: string) {
    const { ceremony, tree } = this.#find(id);
    await ceremony.restore(backup, this.#keystore(tree), keystorePassphrase);
    await this.#note(id, who, 'ceremony.keystore-restored');
    return this.state(id);
  }

  /** Ends it; gives the transcript, which is also kept under `custody/`. */
  async close(id: string, who: string): Promise<{ text: string }> {
    const { ceremony } = this.#find(id);
    const text = ceremony.close();
    this.#save(join(this.#directory, `${id}.ndjson`), text);
    this.#held.delete(id);
    await this.#note(id, who, 'ceremony.closed');
    return { text };
  }

  #find(id: string): Held {
    const held = this.#held.get(id);
    if (held === undefined) throw problem('POLYCARD_CEREMONY_UNKNOWN', `no ceremony ${id} is being held`, 'id');
    return held;
  }

  #note(id: string, who: string, what: string): Promise<void> {
    const { store, now } = this.#context;
    return store.database
      .transaction()
      .execute((transaction) => audit(transaction, now(), { who, what, subject: id, detail: {} }));
  }

  #path(tree: string): string {
    return join(this.#directory, `${tree}.keystore.json`);
  }

  #keystore(tree: string) {
    const path = this.#path(tree);
    return {
      load: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
      save: (document: string) => this.#save(path, document),
    };
  }

  #save(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
