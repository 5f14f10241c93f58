/** End of a terminal's batch: totals compared (0500), then the batch upload in its order (0320). */
import {
  encodeSettlementTotals,
  NETWORK_CODES,
  parseBatchDetails,
  parseBatchTotal,
  parseChipDetail,
  parseSettlementTotals,
} from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { BatchSettlement } from '../batch-settlement.ts';
import { compareDetails, keepDetails, settledTotals, UPLOAD_CODES } from '../batch-upload.ts';
import * as response from '../response-codes.ts';
import type { Handler, HandlerGroup, Incoming } from './handler.ts';

export function settlementHandlers(context: PlatformContext): HandlerGroup {
  const settlements = new BatchSettlement(context);
  const settle: Handler = async ({ terminal, message, field60 }) => {
    const totals = parseSettlementTotals(message.required(48));
    const { terminalNo } = terminal;
    const result = await settlements.settle({ terminalNo, batchNo: field60.batchNo, totals });
    terminal.batchNo = result.nextBatchNo;
    const answered = encodeSettlementTotals({ ...totals, result: result.totals === 'equal' ? 1 : 2 });
    return { code: response.RC_00_APPROVED, fields: { 48: answered } };
  };
  const upload =
    (take: (incoming: Incoming) => Promise<void>): Handler =>
    async (incoming) => {
      const { terminal, field60 } = incoming;
      const key = { terminalNo: terminal.terminalNo, batchNo: field60.batchNo };
      // before the settlement, or in the form that belongs to other totals, there is nothing to upload to
      if ((await settledTotals(context, key)) !== UPLOAD_CODES[field60.code]) return { code: response.RC_25_NO_RECORD };
      await take(incoming);
      return { code: response.RC_00_APPROVED };
    };
  const keyOf = ({ terminal, field60 }: Incoming) => ({ terminalNo: terminal.terminalNo, batchNo: field60.batchNo });
  const details = upload(async (incoming) => {
    const rows = parseBatchDetails(incoming.message.required(48));
    await keepDetails(
      context,
      keyOf(incoming),
      rows.map(({ traceNo, amountFen }) => ({ traceNo, amountFen, kind: 'online' as const })),
    );
  });
  const chip = upload(async (incoming) => {
    const { message } = incoming;
    message.required(55);
    const { kind, amountFen } = parseChipDetail(message.raw(62) ?? new Uint8Array(0));
    await keepDetails(context, keyOf(incoming), [{ traceNo: Number(message.required(11)), amountFen, kind }]);
  });
  const end = upload(async (incoming) => {
    parseBatchTotal(incoming.message.required(48));
    if (incoming.field60.code === NETWORK_CODES.batchEndUnequal) await compareDetails(context, keyOf(incoming));
  });
  return {
    handlers: {
      [`0500 ${NETWORK_CODES.settlement}`]: settle,
      [`0320 ${NETWORK_CODES.batchUploadDetails}`]: details,
      ...Object.fromEntries(['203', '204', '205', '206'].map((code) => [`0320 ${code}`, chip])),
      [`0320 ${NETWORK_CODES.batchEndEqual}`]: end,
      [`0320 ${NETWORK_CODES.batchEndUnequal}`]: end,
    },
    close: () => settlements.close(),
  };
}
