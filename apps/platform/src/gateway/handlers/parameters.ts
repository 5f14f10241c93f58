/** Pages of the parameter sets a terminal downloads. */
import { encodeParameterAnswer, NETWORK_CODES, parseParameterRequest } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { ParameterSets } from '../parameter-sets.ts';
import * as response from '../response-codes.ts';
import type { TerminalDirectory } from '../terminal-directory.ts';
import type { Handler, HandlerGroup } from './handler.ts';

export function parameterHandlers(context: PlatformContext, terminals: TerminalDirectory): HandlerGroup {
  const sets = new ParameterSets(context);
  const page: Handler = async ({ terminal, message }) => {
    const request = parseParameterRequest(message.raw(62) ?? new Uint8Array(0));
    const page = sets.page(terminal, request);
    if (page === undefined) return { code: response.RC_12_INVALID_TRANSACTION };
    const { answer, told } = page;
    if (told !== undefined) {
      const holds = request.set === 'TAR' ? { version: answer.version } : {};
      await terminals.told(terminal, { sequence: told.sequence, ...holds });
    }
    return { code: response.RC_00_APPROVED, fields: { 62: encodeParameterAnswer(answer) } };
  };
  return { handlers: { [`0800 ${NETWORK_CODES.tmsParameters}`]: page } };
}
