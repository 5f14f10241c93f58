/**
 * The deny list at the gateway: our compact list as set `DNL` of 364 with its acknowledgement 365, status messages about
 * listed cards (892), and the two doors of older terminals, 390 and 570, onto the same list (reference iso8583.md §1.7).
 */
import { PolycardError } from '@polycard/bytes';
import {
  CHUNK_BYTES_MAX,
  encodeBinBlacklistPage,
  encodeParameterAnswer,
  encodeTransitListAnswer,
  hasRightMac,
  NETWORK_CODES,
  type ParameterAnswer,
  parseBinBlacklistRequest,
  parseParameterRequest,
  parseTransitListRequest,
  type ReceivedMessage,
} from '@polycard/iso8583';
import { DENY_LIST_SET, listVersionText, parseDenyListHit } from '@polycard/terminal';
import type { PlatformContext } from '../../context.ts';
import { ListDistribution } from '../../modules/deny-lists/distribution.ts';
import { LegacyDoors } from '../../modules/deny-lists/legacy-doors.ts';
import {
  type Acknowledgement,
  type ReceivedHit,
  saveAcknowledgements,
  saveHits,
} from '../../modules/deny-lists/terminals.ts';
import { GroupCommit } from '../group-commit.ts';
import * as response from '../response-codes.ts';
import type { GatewayTerminal } from '../terminal-directory.ts';
import type { Answer, Handler, HandlerGroup } from './handler.ts';
import type { SetPage } from './parameters.ts';

/** Handlers of their own messages, and the page of set `DNL` for the handler of 364. */
export interface DenyListHandlers extends HandlerGroup {
  readonly page: SetPage;
}

export function denyListHandlers(context: PlatformContext): DenyListHandlers {
  const distribution = new ListDistribution(context);
  const doors = new LegacyDoors(context);
  const acknowledgements = new GroupCommit<Acknowledgement, undefined>((batch) => saveAcknowledgements(context, batch));
  const hits = new GroupCommit<ReceivedHit, undefined>((batch) => saveHits(context, batch));

  const page: SetPage = async ({ terminal, message }, request) => {
    // an answer that somebody else could have asked for would tell a terminal that its list is fresh
    if (!isSealedBy(terminal, message)) return { code: response.RC_A0_MAC };
    const held = versionOf(request.version);
    const way = await distribution.wayFrom(held);
    if (way === undefined) {
      await acknowledgements.add({ terminalNo: terminal.terminalNo, version: held });
      const chunk = new Uint8Array(0);
      return answered({ status: 'nothing-newer', version: listVersionText(held), page: 0, chunk });
    }
    const start = request.page * CHUNK_BYTES_MAX;
    const chunk = way.bytes.subarray(start, start + CHUNK_BYTES_MAX);
    const status = start + CHUNK_BYTES_MAX >= way.bytes.length ? 'last' : 'more';
    return answered({ status, version: listVersionText(way.version), page: request.page, chunk });
  };

  const acknowledge: Handler = async ({ terminal, message }) => {
    const data = message.raw(62);
    // other sets end with 365 as well, and say nothing of a version
    if (data === undefined || data.length === 0) return { code: response.RC_00_APPROVED };
    const request = parseParameterRequest(data);
    if (request.set !== DENY_LIST_SET) return { code: response.RC_00_APPROVED };
    if (!isSealedBy(terminal, message)) return { code: response.RC_A0_MAC };
    const version = versionOf(request.version);
    if (version > (await distribution.currentVersion())) return { code: response.RC_30_FORMAT };
    await acknowledgements.add({ terminalNo: terminal.terminalNo, version });
    return { code: response.RC_00_APPROVED };
  };

  const takeHit: Handler = async ({ terminal, message }) => {
    if (!isSealedBy(terminal, message)) return { code: response.RC_A0_MAC };
    await hits.add({ terminalNo: terminal.terminalNo, hit: parseDenyListHit(message.raw(62) ?? new Uint8Array(0)) });
    return { code: response.RC_00_APPROVED };
  };

  const binBlacklist: Handler = async ({ message }) => {
    const index = parseBinBlacklistRequest(message.raw(62) ?? new Uint8Array(0));
    return { code: response.RC_00_APPROVED, fields: { 62: encodeBinBlacklistPage(await doors.binPage(index)) } };
  };

  const transitList: Handler = async ({ message }) => {
    const request = parseTransitListRequest(message.required(63));
    return {
      code: response.RC_00_APPROVED,
      fields: { 63: encodeTransitListAnswer(await doors.transitPage(request)) },
    };
  };

  return {
    page,
    handlers: {
      [`0800 ${NETWORK_CODES.tmsParametersEnd}`]: acknowledge,
      [`0820 ${NETWORK_CODES.denyListHit}`]: takeHit,
      [`0800 ${NETWORK_CODES.binBlacklist}`]: binBlacklist,
      [`0800 ${NETWORK_CODES.binBlacklistEnd}`]: async () => ({ code: response.RC_00_APPROVED }),
      [`0800 ${NETWORK_CODES.transitList}`]: transitList,
    },
    close: async () => {
      await Promise.all([acknowledgements.close(), hits.close()]);
    },
  };
}

const answered = (answer: ParameterAnswer): Answer => ({
  code: response.RC_00_APPROVED,
  fields: { 62: encodeParameterAnswer(answer) },
});

function isSealedBy({ mac }: GatewayTerminal, message: ReceivedMessage): boolean {
  return mac !== undefined && message.has(64) && hasRightMac(message, mac);
}

/** Blanks are no list. */
function versionOf(text: string): number {
  if (!/^\d{0,8}$/.test(text))
    throw new PolycardError(
      'POLYCARD_ISO8583_FIELD_VALUE',
      `F62: offset 3: expected a version of digits, found others`,
      {
        where: 'F62',
        expected: 'up to 8 digits',
      },
    );
  return Number(text);
}
