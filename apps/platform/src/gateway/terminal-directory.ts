/** Terminals as the gateway needs them: read once, kept while the process lives, keys opened when a message comes. */

import { toHex } from '@polycard/bytes';
import { type Acquirer, type MacFunction, macOfKind } from '@polycard/iso8583';
import type { TerminalSession } from '@polycard/vault';
import { sql } from 'kysely';
import type { PlatformContext } from '../context.ts';
import { bulkInsert, rowsAsRecordset } from '../store/bulk.ts';
import { Acquirers } from './acquirers.ts';
import { GroupCommit } from './group-commit.ts';

export interface GatewayTerminal {
  readonly terminalNo: string;
  readonly merchantNo: string;
  readonly profile: string;
  readonly operatorId: string;
  readonly operatorCode: string;
  /** English, for the one-byte fields of messages. */
  readonly operatorName: string;
  readonly discounts: 'tariff' | 'none';
  readonly placeCode: string | null;
  readonly route: string | null;
  batchNo: number;
  sealedMasterKey: Uint8Array;
  /** Its PSAM's number, when that is on the stop list. */
  readonly stoppedSam?: string;
  /** Rows of the parameter schedule this terminal has downloaded. */
  readonly told: Set<number>;
  /** Its acquirer's variant of the messages. */
  readonly acquirer: Acquirer;
  /** Absent until the terminal signed in, and after it signed off. */
  session?: TerminalSession;
  mac?: MacFunction;
}

interface SignIn {
  readonly terminalNo: string;
  /** Undefined when it signed off. */
  readonly sealedWorkingKeys: Uint8Array | undefined;
}

interface ParameterLoad {
  readonly terminalNo: string;
  /** Row of the schedule that the terminal has now downloaded. */
  readonly sequence: number;
  /** The version it computes with now; absent for its next one. */
  readonly version?: string;
}

interface ModeLoad {
  readonly terminalNo: string;
  /** Version of set MOD that the terminal was given to its end, or says it has. */
  readonly version: string;
}

/** Reading is grouped like writing: at the start of a day thousands of terminals sign in together. */
export class TerminalDirectory {
  readonly acquirers: Acquirers;
  readonly #context: PlatformContext;
  readonly #terminals = new Map<string, GatewayTerminal>();
  readonly #reads: GroupCommit<string, GatewayTerminal | undefined>;
  readonly #signIns: GroupCommit<SignIn, undefined>;
  readonly #loads: GroupCommit<ParameterLoad, undefined>;
  readonly #modes: GroupCommit<ModeLoad, undefined>;

  constructor(context: PlatformContext) {
    this.#context = context;
    this.acquirers = new Acquirers(context.region.blueprint.terminals.docking?.acquirers ?? []);
    this.#reads = new GroupCommit((terminalNos) => this.#read(terminalNos), { gatherMs: 4 });
    this.#signIns = new GroupCommit((signIns) => this.#writeSignIns(signIns));
    this.#loads = new GroupCommit((loads) => this.#writeLoads(loads));
    this.#modes = new GroupCommit((loads) => this.#writeModes(loads));
  }

  /** The terminal by field 41, or undefined: unknown terminals are refused by name. */
  async find(terminalNo: string): Promise<GatewayTerminal | undefined> {
    return this.#terminals.get(terminalNo) ?? this.#reads.add(terminalNo);
  }

  /** As the store has it now: a terminal that was enrolled again has another master key. */
  refresh(terminalNo: string): Promise<GatewayTerminal | undefined> {
    return this.#reads.add(terminalNo);
  }

  async signedIn(terminal: GatewayTerminal, sealedWorkingKeys: Uint8Array): Promise<void> {
    await this.#signIns.add({ terminalNo: terminal.terminalNo, sealedWorkingKeys });
    this.#openSession(terminal, sealedWorkingKeys);
  }

  async signedOff(terminal: GatewayTerminal): Promise<void> {
    await this.#signIns.add({ terminalNo: terminal.terminalNo, sealedWorkingKeys: undefined });
    delete terminal.session;
    delete terminal.mac;
  }

  #openSession(terminal: GatewayTerminal, sealedWorkingKeys: Uint8Array): void {
    terminal.session = this.#context.vault.terminalSession(sealedWorkingKeys);
    terminal.mac = macOfKind(terminal.acquirer.macKind, terminal.session);
  }

  /** The terminal has downloaded what a row of the parameter schedule says. */
  async told(terminal: GatewayTerminal, load: Omit<ParameterLoad, 'terminalNo'>): Promise<void> {
    await this.#loads.add({ terminalNo: terminal.terminalNo, ...load });
    terminal.told.add(load.sequence);
  }

  /** The terminal has this version of the set of mode orders now. */
  async holdsModes({ terminalNo }: GatewayTerminal, version: string): Promise<void> {
    await this.#modes.add({ terminalNo, version });
  }

  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#signIns.close(), this.#loads.close(), this.#modes.close()]);
  }

  async #read(terminalNos: readonly string[]): Promise<(GatewayTerminal | undefined)[]> {
    const rows = await this.#context.store.database
      .selectFrom('terminal')
      .innerJoin('party', 'party.id', 'terminal.operator_id')
      .leftJoin('sam', 'sam.terminal_no', 'terminal.terminal_no')
      .select([
        'terminal.terminal_no',
        'terminal.merchant_no',
        'terminal.profile',
        'terminal.operator_id',
        'terminal.place_code',
        'terminal.route',
        'terminal.batch_no',
        'terminal.sealed_master_key',
        'terminal.sealed_working_keys',
        'party.code',
        'party.name_en',
        'party.discounts',
        'sam.sam_no',
        'sam.state as sam_state',
      ])
      .where('terminal.terminal_no', 'in', [...new Set(terminalNos)])
      .execute();
    const told = await this.#context.store.database
      .selectFrom('parameter_told')
      .select(['terminal_no', 'sequence'])
      .where('terminal_no', 'in', [...new Set(terminalNos)])
      .execute();
    const toldTo = Map.groupBy(told, ({ terminal_no }) => terminal_no);
    for (const row of rows) {
      const terminal: GatewayTerminal = {
        terminalNo: row.terminal_no,
        merchantNo: row.merchant_no,
        profile: row.profile,
        operatorId: row.operator_id,
        operatorCode: row.code,
        operatorName: row.name_en,
        discounts: row.discounts === 'none' ? 'none' : 'tariff',
        placeCode: row.place_code,
        route: row.route,
        batchNo: row.batch_no,
        sealedMasterKey: row.sealed_master_key,
        ...(row.sam_state === 'stopped' ? { stoppedSam: row.sam_no! } : {}),
        told: new Set(toldTo.get(row.terminal_no)?.map(({ sequence }) => sequence)),
        acquirer: this.acquirers.of(row.merchant_no, row.operator_id),
      };
      if (row.sealed_working_keys !== null) this.#openSession(terminal, row.sealed_working_keys);
      this.#terminals.set(row.terminal_no, terminal);
    }
    const found = new Set(rows.map((row) => row.terminal_no));
    return terminalNos.map((terminalNo) => (found.has(terminalNo) ? this.#terminals.get(terminalNo) : undefined));
  }

  async #writeSignIns(signIns: readonly SignIn[]): Promise<undefined[]> {
    const { store, now } = this.#context;
    // of two sign-ins of one terminal the later one counts
    const rows = new Map(
      signIns.map(({ terminalNo, sealedWorkingKeys: keys }) => [terminalNo, keys === undefined ? '' : toHex(keys)]),
    );
    await sql`UPDATE terminal SET sealed_working_keys = CASE r.key WHEN '' THEN NULL ELSE decode(r.key, 'hex') END,
        state = CASE r.key WHEN '' THEN 'enrolled' ELSE 'signed-in' END, last_seen_at = ${now().toISOString()}::timestamptz
      FROM ${rowsAsRecordset(
        [
          { name: 'terminal_no', type: 'text' },
          { name: 'key', type: 'hex' },
        ],
        [...rows].map(([terminal_no, key]) => ({ terminal_no, key })),
      )} WHERE terminal.terminal_no = r.terminal_no`.execute(store.database);
    return signIns.map(() => undefined);
  }

  async #writeLoads(loads: readonly ParameterLoad[]): Promise<undefined[]> {
    const { store, parameters, now } = this.#context;
    const held = new Map(
      loads.flatMap(({ terminalNo, version }) => (version === undefined ? [] : [[terminalNo, version]])),
    );
    const news = loads.filter(({ terminalNo, sequence }) => !this.#terminals.get(terminalNo)?.told.has(sequence));
    const toldAt = parameters.localNow();
    await store.database.transaction().execute(async (transaction) => {
      await sql`UPDATE terminal SET tariff_version = coalesce(r.version, terminal.tariff_version), last_seen_at = ${now().toISOString()}::timestamptz
        FROM ${rowsAsRecordset(
          [
            { name: 'terminal_no', type: 'text' },
            { name: 'version', type: 'text' },
          ],
          [...new Set(loads.map(({ terminalNo }) => terminalNo))].map((terminal_no) => ({
            terminal_no,
            version: held.get(terminal_no) ?? null,
          })),
        )} WHERE terminal.terminal_no = r.terminal_no`.execute(transaction);
      if (news.length > 0) {
        await bulkInsert(
          'parameter_told',
          [
            { name: 'terminal_no', type: 'text' },
            { name: 'sequence', type: 'integer' },
            { name: 'told_at', type: 'text' },
          ],
          news.map(({ terminalNo, sequence }) => ({ terminal_no: terminalNo, sequence, told_at: toldAt })),
          'ON CONFLICT (terminal_no, sequence) DO NOTHING',
        ).execute(transaction);
      }
    });
    return loads.map(() => undefined);
  }

  async #writeModes(loads: readonly ModeLoad[]): Promise<undefined[]> {
    const { store, now } = this.#context;
    // of two downloads of one terminal the later one counts
    const rows = new Map(loads.map(({ terminalNo, version }) => [terminalNo, version]));
    await sql`UPDATE terminal SET modes_version = r.version, modes_at = ${now().toISOString()}::timestamptz
      FROM ${rowsAsRecordset(
        [
          { name: 'terminal_no', type: 'text' },
          { name: 'version', type: 'text' },
        ],
        [...rows].map(([terminal_no, version]) => ({ terminal_no, version })),
      )} WHERE terminal.terminal_no = r.terminal_no`.execute(store.database);
    return loads.map(() => undefined);
  }
}
