/** Pages of the parameter sets a terminal downloads. */
import { encodeParameterAnswer, NETWORK_CODES, type ParameterRequest, parseParameterRequest } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { ParameterSets } from '../parameter-sets.ts';
import * as response from '../response-codes.ts';
import type { TerminalDirectory } from '../terminal-directory.ts';
import type { Answer, Handler, HandlerGroup, Incoming } from './handler.ts';

/** A page of a set that is kept elsewhere. */
export type SetPage = (incoming: Incoming, request: ParameterRequest) => Promise<Answer>;

export function parameterHandlers(
  context: PlatformContext,
  terminals: TerminalDirectory,
  others: Readonly<Record<string, SetPage>>,
): HandlerGroup {
  const sets = new ParameterSets(context);
  const page: Handler = async (incoming) => {
    const { terminal, message } = incoming;
    const request = parseParameterRequest(message.raw(62) ?? new Uint8Array(0));
    const other = others[request.set];
    if (other !== undefined) return other(incoming, request);
    const found = sets.page(terminal, request);
    if (found === undefined) return { code: response.RC_12_INVALID_TRANSACTION };
    const { answer, told } = found;
    if (told !== undefined) {
      const holds = request.set === 'TAR' ? { version: answer.version } : {};
      await terminals.told(terminal, { sequence: told.sequence, ...holds });
    }
    return { code: response.RC_00_APPROVED, fields: { 62: encodeParameterAnswer(answer) } };
  };
  return { handlers: { [`0800 ${NETWORK_CODES.tmsParameters}`]: page } };
}
