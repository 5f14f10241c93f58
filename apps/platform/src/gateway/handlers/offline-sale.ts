/** Taps uploaded one by one: kept once, answered after they are durable. */
import { OFFLINE_SALE_TYPE } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import * as response from '../response-codes.ts';
import { uploadOf } from '../sale-to-upload.ts';
import { UploadQueue } from '../upload-queue.ts';
import type { HandlerGroup } from './handler.ts';
import { sealed } from './sealed.ts';

export function offlineSaleHandlers(context: PlatformContext, onUploads: () => void): HandlerGroup {
  const uploads = new UploadQueue(context, onUploads);
  const offlineSale = sealed(context, async ({ terminal, message }) => {
    const outcome = await uploads.add(uploadOf(context, terminal, message));
    // sent twice: done once and answered the same; another message under a used key is refused
    return { code: outcome === 'conflict' ? response.RC_94_DUPLICATE : response.RC_00_APPROVED };
  });
  return { handlers: { [`0220 ${OFFLINE_SALE_TYPE}`]: offlineSale }, close: () => uploads.close() };
}
