/** Terminals as the gateway needs them: read once, kept while the process lives, keys opened when a message comes. */

import type { BlockEncryptor } from '@polycard/vault';
import type { PlatformContext } from '../context.ts';

export interface GatewayTerminal {
  readonly terminalNo: string;
  readonly merchantNo: string;
  readonly profile: string;
  readonly operatorId: string;
  readonly operatorCode: string;
  readonly discounts: 'tariff' | 'none';
  readonly placeCode: string | null;
  readonly route: string | null;
  batchNo: number;
  sealedMasterKey: Uint8Array;
  /** Absent until the terminal signed in. */
  macEncryptor?: BlockEncryptor;
}

export class TerminalDirectory {
  readonly #context: PlatformContext;
  readonly #terminals = new Map<string, GatewayTerminal>();

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** The terminal by field 41, or undefined: unknown terminals are refused by name. */
  async find(terminalNo: string): Promise<GatewayTerminal | undefined> {
    const known = this.#terminals.get(terminalNo);
    if (known !== undefined) return known;
    const row = await this.#context.store.database
      .selectFrom('terminal')
      .innerJoin('party', 'party.id', 'terminal.operator_id')
      .select([
        'terminal.terminal_no',
        'terminal.merchant_no',
        'terminal.profile',
        'terminal.operator_id',
        'terminal.place_code',
        'terminal.route',
        'terminal.batch_no',
        'terminal.sealed_master_key',
        'terminal.sealed_mac_key',
        'party.code',
        'party.discounts',
      ])
      .where('terminal.terminal_no', '=', terminalNo)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const terminal: GatewayTerminal = {
      terminalNo: row.terminal_no,
      merchantNo: row.merchant_no,
      profile: row.profile,
      operatorId: row.operator_id,
      operatorCode: row.code,
      discounts: row.discounts === 'none' ? 'none' : 'tariff',
      placeCode: row.place_code,
      route: row.route,
      batchNo: row.batch_no,
      sealedMasterKey: row.sealed_master_key,
    };
    if (row.sealed_mac_key !== null) terminal.macEncryptor = this.#context.vault.messageEncryptor(row.sealed_mac_key);
    this.#terminals.set(terminalNo, terminal);
    return terminal;
  }

  /** As the store has it now: a terminal that was enrolled again has another master key. */
  async refresh(terminalNo: string): Promise<GatewayTerminal | undefined> {
    this.#terminals.delete(terminalNo);
    return this.find(terminalNo);
  }

  async signedIn(terminal: GatewayTerminal, sealedMacKey: Uint8Array): Promise<void> {
    await this.#context.store.database
      .updateTable('terminal')
      .set({ sealed_mac_key: sealedMacKey, state: 'signed-in', last_seen_at: this.#context.now() })
      .where('terminal_no', '=', terminal.terminalNo)
      .execute();
    terminal.macEncryptor = this.#context.vault.messageEncryptor(sealedMacKey);
  }

  async tariffLoaded(terminal: GatewayTerminal, version: string): Promise<void> {
    await this.#context.store.database
      .updateTable('terminal')
      .set({ tariff_version: version, last_seen_at: this.#context.now() })
      .where('terminal_no', '=', terminal.terminalNo)
      .execute();
  }
}
