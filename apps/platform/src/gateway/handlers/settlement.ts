/** End of a terminal's batch: totals compared, and the end of a batch upload. */
import { encodeSettlementTotals, NETWORK_CODES, parseSettlementTotals } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { BatchSettlement } from '../batch-settlement.ts';
import * as response from '../response-codes.ts';
import type { Handler, HandlerGroup } from './handler.ts';

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
  const batchEnd: Handler = async () => ({ code: response.RC_00_APPROVED });
  return {
    handlers: {
      [`0500 ${NETWORK_CODES.settlement}`]: settle,
      [`0320 ${NETWORK_CODES.batchEndEqual}`]: batchEnd,
      [`0320 ${NETWORK_CODES.batchEndUnequal}`]: batchEnd,
    },
    close: () => settlements.close(),
  };
}
