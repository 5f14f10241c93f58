/** Pages of a tap's APDU dialogue; stored, sealed, when the last one is here. */
import { concat } from '@polycard/bytes';
import { NETWORK_CODES, parseOriginalMessage, parseTracePage } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { type NewDialogue, newDialogue, saveDialogues } from '../../modules/taps/dialogue.ts';
import { GroupCommit } from '../group-commit.ts';
import * as response from '../response-codes.ts';
import { tapId } from '../sale-to-upload.ts';
import type { Handler, HandlerGroup } from './handler.ts';

const TRACE_BYTES_MAX = 64 * 1024;

export function tapTraceHandlers(context: PlatformContext): HandlerGroup {
  const dialogues = new GroupCommit<NewDialogue, undefined>((batch) => saveDialogues(context, batch));
  const traces = new Map<string, { pages: Uint8Array[]; bytes: number }>();
  const takePage: Handler = async ({ terminal, message }) => {
    const original = parseOriginalMessage(message.required(61));
    const page = parseTracePage(message.raw(62) ?? new Uint8Array(0));
    const id = tapId(terminal.terminalNo, original.batchNo, original.traceNo);
    const trace = page.page === 1 ? { pages: [], bytes: 0 } : traces.get(id);
    if (trace === undefined || page.page !== trace.pages.length + 1)
      return { code: response.RC_12_INVALID_TRANSACTION };
    trace.pages.push(Uint8Array.from(page.chunk));
    trace.bytes += page.chunk.length;
    if (trace.bytes > TRACE_BYTES_MAX) {
      traces.delete(id);
      return { code: response.RC_30_FORMAT };
    }
    if (page.page < page.pages) {
      traces.set(id, trace);
      return { code: response.RC_00_APPROVED };
    }
    traces.delete(id);
    await dialogues.add(newDialogue(id, concat(...trace.pages)));
    return { code: response.RC_00_APPROVED };
  };
  return { handlers: { [`0820 ${NETWORK_CODES.tapTrace}`]: takePage }, close: () => dialogues.close() };
}
