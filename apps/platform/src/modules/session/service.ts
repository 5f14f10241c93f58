/** Accounts and sessions: scrypt hashes, random session ids of which only the hash is stored, slow-down after failures. */
import { fromHex, toHex } from '@polycard/bytes';
import { constantTimeEqual, deriveScrypt, type RandomSource, sha256 } from '@polycard/crypto';
import { problem } from '../../problems.ts';
import type { Database } from '../../store/database.ts';

/** A role of the blueprint's duties. */
export type Role = string;
export interface SignedIn {
  readonly name: string;
  readonly role: Role;
}

const SESSION_HOURS = 12;
const TRIES_MAX = 8;
const TRIES_WINDOW_MS = 60_000;
const PASSWORD_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

export class SessionService {
  readonly #database: Database;
  readonly #random: RandomSource;
  readonly #now: () => Date;
  readonly #failures = new Map<string, { count: number; since: number }>();

  constructor(database: Database, random: RandomSource, now: () => Date) {
    this.#database = database;
    this.#random = random;
    this.#now = now;
  }

  /** Creates the first accounts when there are none; gives their passwords, this once. */
  async createFirstAccounts(): Promise<{ name: string; role: Role; password: string }[]> {
    const existing = await this.#database.selectFrom('account').select('name').limit(1).execute();
    if (existing.length > 0) return [];
    const accounts = [
      { name: 'operator', role: 'operator', password: this.#password() },
      { name: 'auditor', role: 'auditor', password: this.#password() },
      // two agents: nobody gets opening keys and PSAM keys
      { name: 'bureau-agent', role: 'bureau-agent', password: this.#password() },
      { name: 'terminal-agent', role: 'terminal-agent', password: this.#password() },
    ];
    await this.#insertFirst(accounts);
    return accounts;
  }

  /** An account for each person of the duties who has none yet; gives their first passwords, this once. */
  async createAccountsOf(
    people: readonly { readonly id: string; readonly roles: readonly string[] }[],
  ): Promise<{ name: string; password: string }[]> {
    const accounts = people.map(({ id, roles }) => ({
      ...{ name: id, role: roles[0] ?? 'none', password: this.#password() },
    }));
    const created = new Set(await this.#insertFirst(accounts));
    return accounts.filter(({ name }) => created.has(name)).map(({ name, password }) => ({ name, password }));
  }

  /** Generated passwords are long enough for a fast hash: dozens of slow ones would delay the first start. */
  async #insertFirst(accounts: readonly { name: string; role: Role; password: string }[]): Promise<string[]> {
    if (accounts.length === 0) return [];
    const rows = await this.#database
      .insertInto('account')
      .values(
        accounts.map(({ name, role, password }) => {
          const salt = this.#random(16);
          const password_hash = `first$${toHex(salt)}$${toHex(firstHash(password, salt))}`;
          return { name, role, password_hash, created_at: this.#now() };
        }),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('name')
      .execute();
    return rows.map(({ name }) => name);
  }

  /** One's own password. Throws `POLYCARD_SESSION_REFUSED` when the old one is not right. */
  async changePassword(name: string, before: string, after: string): Promise<void> {
    const account = await this.#verified(name, before);
    await this.setPassword(name, account.role, after);
  }

  async setPassword(name: string, role: Role, password: string): Promise<void> {
    const salt = this.#random(16);
    const password_hash = `scrypt$${toHex(salt)}$${toHex(deriveScrypt(password, salt, 32))}`;
    await this.#database
      .insertInto('account')
      .values({ name, role, password_hash, created_at: this.#now() })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ role, password_hash }))
      .execute();
  }

  /** Gives the session id for the cookie. Throws `POLYCARD_SESSION_REFUSED` or `POLYCARD_SESSION_TOO_MANY_TRIES`. */
  async signIn(name: string, password: string): Promise<{ sessionId: string; account: SignedIn }> {
    const { role } = await this.#verified(name, password);
    return { sessionId: await this.#open(name), account: { name, role } };
  }

  async #verified(name: string, password: string): Promise<{ role: Role }> {
    const failures = this.#failures.get(name);
    const time = this.#now().getTime();
    if (failures !== undefined && failures.count >= TRIES_MAX && time - failures.since < TRIES_WINDOW_MS) {
      throw problem('POLYCARD_SESSION_TOO_MANY_TRIES', `too many failed sign-ins for ${name}`);
    }
    const account = await this.#database.selectFrom('account').selectAll().where('name', '=', name).executeTakeFirst();
    // an unknown name costs the same time as a wrong password
    const [kind, salt, hash] = (account?.password_hash ?? `scrypt$${'00'.repeat(16)}$${'00'.repeat(32)}`).split('$');
    const slow = deriveScrypt(password, fromHex(salt!), 32);
    const matches = constantTimeEqual(kind === 'first' ? firstHash(password, fromHex(salt!)) : slow, fromHex(hash!));
    if (account === undefined || !matches) {
      const fresh = failures === undefined || time - failures.since >= TRIES_WINDOW_MS;
      this.#failures.set(
        name,
        fresh ? { count: 1, since: time } : { count: failures.count + 1, since: failures.since },
      );
      throw problem('POLYCARD_SESSION_REFUSED', 'name or password is not right');
    }
    this.#failures.delete(name);
    return { role: account.role };
  }

  /** A session without a password; the caller judges whether the account may have one. */
  open(account: SignedIn): Promise<string> {
    return this.#open(account.name);
  }

  /** Throws `POLYCARD_ACCOUNT_UNKNOWN`. */
  async accountNamed(name: string): Promise<SignedIn> {
    const account = await this.#database
      .selectFrom('account')
      .select(['name', 'role'])
      .where('name', '=', name)
      .executeTakeFirst();
    if (account === undefined) throw problem('POLYCARD_ACCOUNT_UNKNOWN', `there is no account ${name}`);
    return account;
  }

  async #open(name: string): Promise<string> {
    const sessionId = toHex(this.#random(24));
    await this.#database
      .insertInto('session')
      .values({
        id_hash: hashOf(sessionId),
        account_name: name,
        created_at: this.#now(),
        expires_at: new Date(this.#now().getTime() + SESSION_HOURS * 3_600_000),
      })
      .execute();
    return sessionId;
  }

  async find(sessionId: string): Promise<SignedIn | undefined> {
    const row = await this.#database
      .selectFrom('session')
      .innerJoin('account', 'account.name', 'session.account_name')
      .select(['account.name', 'account.role'])
      .where('session.id_hash', '=', hashOf(sessionId))
      .where('session.expires_at', '>', this.#now())
      .executeTakeFirst();
    return row === undefined ? undefined : { name: row.name, role: row.role };
  }

  async signOut(sessionId: string): Promise<void> {
    await this.#database.deleteFrom('session').where('id_hash', '=', hashOf(sessionId)).execute();
  }

  #password(): string {
    return Array.from(this.#random(16), (byte) => PASSWORD_ALPHABET[byte % PASSWORD_ALPHABET.length]).join('');
  }
}

const firstHash = (password: string, salt: Uint8Array): Uint8Array =>
  sha256(Uint8Array.from([...salt, ...new TextEncoder().encode(password)]));

const hashOf = (sessionId: string): string => toHex(sha256(new TextEncoder().encode(sessionId)));
