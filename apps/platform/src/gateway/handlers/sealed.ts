/** Messages that must carry the terminal's MAC: refused by name without keys (97) or with a wrong MAC (A0). */
import { hasRightMac } from '@polycard/iso8583';
import type { TerminalSession } from '@polycard/vault';
import type { PlatformContext } from '../../context.ts';
import { EXPLANATIONS } from '../../modules/clearing/exceptions.ts';
import { openExceptions } from '../../modules/clearing/store.ts';
import * as response from '../response-codes.ts';
import { tapId } from '../sale-to-upload.ts';
import type { Answer, Handler, Incoming } from './handler.ts';

/** A message whose MAC was right, with the keys of its session. */
export interface SealedIncoming extends Incoming {
  readonly session: TerminalSession;
}

export function sealed(context: PlatformContext, handler: (incoming: SealedIncoming) => Promise<Answer>): Handler {
  return async (incoming) => {
    const { terminal, message } = incoming;
    const { mac, session } = terminal;
    if (mac === undefined || session === undefined) return { code: response.RC_97_TERMINAL };
    if (!message.has(64) || !hasRightMac(message, mac)) {
      await nameWrongMac(context, incoming);
      return { code: response.RC_A0_MAC };
    }
    return handler({ ...incoming, session });
  };
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
