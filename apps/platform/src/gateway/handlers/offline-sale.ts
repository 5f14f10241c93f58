/** Taps uploaded one by one: kept once, answered after they are durable. */
import { cupMac, hasRightMac, OFFLINE_SALE_TYPE } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { EXPLANATIONS } from '../../modules/clearing/exceptions.ts';
import { openExceptions } from '../../modules/clearing/store.ts';
import * as response from '../response-codes.ts';
import { tapId, uploadOf } from '../sale-to-upload.ts';
import { UploadQueue } from '../upload-queue.ts';
import type { Handler, HandlerGroup, Incoming } from './handler.ts';

export function offlineSaleHandlers(context: PlatformContext, onUploads: () => void): HandlerGroup {
  const uploads = new UploadQueue(context, onUploads);
  const offlineSale: Handler = async (incoming) => {
    const { terminal, message } = incoming;
    if (terminal.macEncryptor === undefined) return { code: response.RC_97_TERMINAL };
    if (!message.has(64) || !hasRightMac(message, cupMac(terminal.macEncryptor))) {
      await nameWrongMac(context, incoming);
      return { code: response.RC_A0_MAC };
    }
    const outcome = await uploads.add(uploadOf(context, terminal, message));
    // sent twice: done once and answered the same; another message under a used key is refused
    return { code: outcome === 'conflict' ? response.RC_94_DUPLICATE : response.RC_00_APPROVED };
  };
  return { handlers: { [`0220 ${OFFLINE_SALE_TYPE}`]: offlineSale }, close: () => uploads.close() };
}

/** A message that was changed on its way, or a terminal with wrong keys: named on the exception list. */
async function nameWrongMac(
  { store, region, now }: PlatformContext,
  { terminal, message, field60 }: Incoming,
): Promise<void> {
  const traceNo = message.required(11);
  await openExceptions(
    store.database,
    [
      {
        id: `${tapId(terminal.terminalNo, field60.batchNo, Number(traceNo))}:mac`,
        reason: 'mac',
        tapId: null,
        cardToken: null,
        terminalNo: terminal.terminalNo,
        businessDate: region.businessDate(region.localTime(now())),
        explanation: EXPLANATIONS.mac(traceNo),
      },
    ],
    now(),
  );
}
