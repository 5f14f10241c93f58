/** Packages handed over and taken in, and their receipts. The acts themselves go through approvals. */
import { toHex } from '@polycard/bytes';
import { type KeyPackage, type KeyReceipt, packageDigest } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { permissionsOf } from '../approvals/permissions.ts';
import { audit } from '../audit/service.ts';
import type { SignedIn } from '../session/service.ts';
import { ENVELOPE_KEY, type ExchangeTree } from './acts.ts';

export class ExchangeService {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  async list() {
    const rows = await this.#context.store.database
      .selectFrom('exchange')
      .selectAll()
      .orderBy('at', 'desc')
      .limit(200)
      .execute();
    return rows.map(describe);
  }

  /** The document for the other side: the package of what was handed over, the receipt of what was taken. */
  async document(id: string): Promise<{ text: string }> {
    const row = await this.#row(id);
    const document = row.direction === 'out' ? row.package : row.receipt;
    return { text: `${JSON.stringify(document, null, 2)}\n` };
  }

  /** The other side's receipt for a package. Throws `POLYCARD_VAULT_PACKAGE` when it was changed or is for another. */
  async checkReceipt(id: string, text: string, account: SignedIn) {
    const { store, vault, now } = this.#context;
    const row = await this.#row(id);
    if (!permissionsOf(this.#context, account).has(`keys.${row.tree}.request`))
      throw problem('POLYCARD_SESSION_FORBIDDEN', `this needs the permission keys.${row.tree}.request`);
    if (row.direction !== 'out')
      throw problem('POLYCARD_EXCHANGE_RECEIPT', `${id} was taken in: its receipt is ours to give`, 'id');
    const receipt = parseReceipt(text);
    await vault.checkReceipt(row.package as unknown as KeyPackage, receipt, row.zone_id);
    await store.database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('exchange')
        .set({ receipt: JSON.stringify(receipt), receipt_at: now(), state: 'receipted' })
        .where('id', '=', id)
        .execute();
      await audit(transaction, now(), {
        ...{ who: account.name, what: 'exchange.receipted', subject: id },
        detail: { receiver: receipt.receiver, refused: receipt.keys.filter(({ accepted }) => !accepted).length },
      });
    });
    return describe(await this.#row(id));
  }

  /** What others envelope keys for us under; made when it is first asked for. */
  async envelopeKey(): Promise<{ publicKey: string }> {
    const { vault } = this.#context;
    await vault.ensure({ label: ENVELOPE_KEY, usage: 'envelope', algorithm: 'SM2', owner: 'platform' });
    return { publicKey: toHex(vault.sm2PublicKey(ENVELOPE_KEY)) };
  }

  async #row(id: string): Promise<ExchangeRow> {
    const row = await this.#context.store.database
      .selectFrom('exchange')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw problem('POLYCARD_EXCHANGE_UNKNOWN', `no keys were exchanged under ${id}`, 'id');
    return row as unknown as ExchangeRow;
  }
}

interface ExchangeRow {
  readonly id: string;
  readonly direction: 'out' | 'in';
  readonly tree: ExchangeTree;
  readonly zone_id: string;
  readonly counterpart: string;
  readonly package: KeyPackage;
  readonly receipt: KeyReceipt | null;
  readonly state: 'handed-over' | 'receipted' | 'taken' | 'refused';
  readonly at: Date;
  readonly receipt_at: Date | null;
}

function describe(stored: unknown) {
  const row = stored as ExchangeRow;
  return {
    ...{ id: row.id, direction: row.direction, tree: row.tree, zoneId: row.zone_id, counterpart: row.counterpart },
    ...{ state: row.state, at: row.at.toISOString(), digest: packageDigest(row.package) },
    ...(row.receipt_at === null ? {} : { receiptAt: row.receipt_at.toISOString() }),
    keys: row.package.keys.map(({ label, version, usage, algorithm, checkValue, form }, index) => {
      const outcome = row.receipt?.keys[index];
      return {
        ...{ label, version, usage, algorithm, checkValue, form },
        ...(outcome === undefined ? {} : { accepted: outcome.accepted }),
        ...(outcome?.refusal === undefined ? {} : { refusal: outcome.refusal }),
      };
    }),
  };
}

function parseReceipt(text: string): KeyReceipt {
  const fail = () =>
    problem('POLYCARD_EXCHANGE_RECEIPT', 'this is no receipt: polycard-key-receipt-1 as JSON is expected', 'receipt');
  let receipt: Partial<KeyReceipt>;
  try {
    receipt = JSON.parse(text) as Partial<KeyReceipt>;
  } catch {
    throw fail();
  }
  const { format, keys, package: digest, receiver } = receipt ?? {};
  if (format !== 'polycard-key-receipt-1' || !Array.isArray(keys) || typeof digest?.sm3 !== 'string') throw fail();
  if (typeof receiver !== 'string' || keys.some((key) => typeof key?.accepted !== 'boolean')) throw fail();
  return receipt as KeyReceipt;
}
