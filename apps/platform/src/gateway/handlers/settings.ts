/** What a terminal is told of itself (360, 394, each with its end) and what it tells of itself (362). */
import { fromHex, toHex } from '@polycard/bytes';
import { encodeTaggedValues, encodeTerminalParameters, parseTaggedValues } from '@polycard/iso8583';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { rowsAsRecordset } from '../../store/bulk.ts';
import { GroupCommit } from '../group-commit.ts';
import * as response from '../response-codes.ts';
import type { GatewayTerminal } from '../terminal-directory.ts';
import type { Handler, HandlerGroup } from './handler.ts';

interface TerminalStatus {
  readonly terminalNo: string;
  readonly objects: Readonly<Record<string, string>>;
}

export function settingsHandlers(context: PlatformContext): HandlerGroup {
  const statuses = new GroupCommit<TerminalStatus, undefined>((batch) => saveStatuses(context, batch));
  const docking = context.region.blueprint.terminals.docking ?? {};
  const settings: Handler = async ({ terminal }) => ({
    code: response.RC_00_APPROVED,
    fields: { 62: encodeTerminalParameters({ ...docking.settings, merchantName: printable(terminal) }) },
  });
  const contactless: Handler = async () => ({
    code: response.RC_00_APPROVED,
    fields: {
      62: encodeTaggedValues(
        new Map(Object.entries(docking.contactless ?? {}).map(([tag, hex]) => [tag, fromHex(hex)])),
      ),
    },
  });
  const status: Handler = async ({ terminal, message }) => {
    const objects = parseTaggedValues(message.raw(62) ?? new Uint8Array(0));
    await statuses.add({
      terminalNo: terminal.terminalNo,
      objects: Object.fromEntries([...objects].map(([tag, value]) => [tag, toHex(value)])),
    });
    return { code: response.RC_00_APPROVED };
  };
  const end: Handler = async () => ({ code: response.RC_00_APPROVED });
  return {
    handlers: {
      '0800 360': settings,
      '0800 361': end,
      '0800 394': contactless,
      '0800 395': end,
      '0820 362': status,
    },
    close: () => statuses.close(),
  };
}

/** A name that one-byte characters can write in the field's 40, else the merchant number. */
function printable({ operatorName, merchantNo }: GatewayTerminal): string {
  return /^[ -~]{1,40}$/.test(operatorName) ? operatorName : merchantNo;
}

async function saveStatuses({ store, now }: PlatformContext, batch: readonly TerminalStatus[]): Promise<undefined[]> {
  // of two reports of one terminal the later one counts
  const rows = new Map(batch.map(({ terminalNo, objects }) => [terminalNo, { terminal_no: terminalNo, objects }]));
  await sql`INSERT INTO terminal_status (terminal_no, objects, received_at)
    SELECT r.terminal_no, r.objects, ${now().toISOString()}::timestamptz FROM ${rowsAsRecordset(
      [
        { name: 'terminal_no', type: 'text' },
        { name: 'objects', type: 'jsonb' },
      ],
      [...rows.values()],
    )} ON CONFLICT (terminal_no) DO UPDATE SET objects = excluded.objects, received_at = excluded.received_at`.execute(
    store.database,
  );
  return batch.map(() => undefined);
}
