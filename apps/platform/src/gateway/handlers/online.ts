/**
 * Online transactions: sale, balance inquiry, void and load of electronic cash as 0200, their reversal as 0400, and the
 * result of an issuer script as 0620. Track and PIN are opened with the session's keys; no PIN is kept or shown.
 */
import { concat, encodeTlvs, fromHex, PolycardError, parseTlv, tlvMap, toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { parseScriptResults } from '@polycard/emv';
import {
  BUSINESS_TAG,
  ONLINE_BUSINESS,
  parseOriginalMessage,
  parseSecurityControl,
  transformTrack,
} from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { authorise } from '../../modules/online/authorise.ts';
import type { Issuer } from '../../modules/online/issuer.ts';
import { StandInIssuer } from '../../modules/online/stand-in-issuer.ts';
import type { OnlineMessage, OnlineOutcome, OnlineRequest } from '../../modules/online/transactions.ts';
import { GroupCommit } from '../group-commit.ts';
import * as response from '../response-codes.ts';
import type { Answer, HandlerGroup } from './handler.ts';
import { type SealedIncoming, sealed } from './sealed.ts';

const KINDS = ['sale', 'inquiry', 'void', 'cash-load'] as const;
const REVERSAL_REASONS = new Set(['98', '06', 'A0', '17', '96']);
/** F54: account 20 (electronic cash), amount type 02 (available), currency 156, sign C, 12 digits. */
const BALANCE_HEAD = '2002156C';
/** Result of an issuer script, and the issuer script results of the terminal. */
const SCRIPT_RESULT_TAGS = ['DF31', '9F5B'];

/** No bank's host is connected: unless another issuer is given, the one that stands in answers. */
export function onlineHandlers(context: PlatformContext, issuer: Issuer = new StandInIssuer(context)): HandlerGroup {
  const group = new GroupCommit<OnlineMessage, OnlineOutcome>((messages) => authorise(context, issuer, messages));
  const online = (kind: OnlineRequest['kind']) =>
    sealed(context, async (incoming) => {
      const refused = refusedPin(incoming);
      if (refused !== undefined) return { code: refused };
      if (kind === 'cash-load' && incoming.message.required(25) !== ONLINE_BUSINESS['cash-load'].condition)
        return { code: response.RC_30_FORMAT };
      return answerOf(incoming, await group.add(requestOf(context, incoming, kind)));
    });
  const reversal = sealed(context, async ({ terminal, message, field60 }) => {
    const reason = message.required(39);
    if (!REVERSAL_REASONS.has(reason)) return { code: response.RC_30_FORMAT };
    const outcome = await group.add({
      kind: 'reversal',
      ...{ terminalNo: terminal.terminalNo, batchNo: field60.batchNo, traceNo: Number(message.required(11)) },
      ...{ operatorId: terminal.operatorId, amountFen: Number(message.required(4)), reason },
    });
    return { code: outcome.code, fields: { 37: outcome.referenceNo } };
  });
  const scriptResult = sealed(context, async ({ terminal, message, field60 }) => {
    const original = parseOriginalMessage(message.required(61));
    message.required(55);
    const objects = tlvMap(parseTlv(message.raw(55)!, 'F55'));
    const found = SCRIPT_RESULT_TAGS.map((tag) => objects.get(tag)).find((value) => value !== undefined);
    if (found === undefined) return { code: response.RC_30_FORMAT };
    const results = parseScriptResults(found);
    const outcome = await group.add({
      kind: 'script-result',
      ...{ terminalNo: terminal.terminalNo, batchNo: field60.batchNo, traceNo: Number(message.required(11)) },
      ...{ operatorId: terminal.operatorId, original, result: toHex(found) },
      isSuccessful: results.every((result) => result.outcome === 'successful'),
    });
    return { code: outcome.code };
  });
  return {
    handlers: {
      ...Object.fromEntries(KINDS.map((kind) => [`0200 ${ONLINE_BUSINESS[kind].type}`, online(kind)])),
      '0400 000': reversal,
      '0620 951': scriptResult,
    },
    close: () => group.close(),
  };
}

function requestOf(
  { vault }: PlatformContext,
  { terminal, message, field60, session }: SealedIncoming,
  kind: OnlineRequest['kind'],
): OnlineRequest {
  const chip = message.has(55) ? hexObjects(message.raw(55)!) : undefined;
  const pan = message.text(2) ?? trackPan({ message, session }) ?? chip?.['5A']?.replace(/F$/, '');
  if (pan === undefined)
    throw new PolycardError('POLYCARD_TERMINAL_PAN', 'F2, F35 and F55.5A are all missing', { where: 'F2' });
  return {
    kind,
    ...{ terminalNo: terminal.terminalNo, batchNo: field60.batchNo, traceNo: Number(message.required(11)) },
    operatorId: terminal.operatorId,
    amountFen: kind === 'inquiry' ? 0 : Number(message.required(4)),
    cardToken: vault.token(pan),
    ...(chip === undefined ? {} : { chip }),
    ...loadLogOf(message),
    ...(kind === 'void' ? { original: parseOriginalMessage(message.required(61)) } : {}),
    digest: toHex(sha256(message.beforeMac())).slice(0, 32),
  };
}

/** F57 of a load may carry the card's load log. */
function loadLogOf(message: SealedIncoming['message']): { loadLog?: string } {
  const log = message.has(57) ? tlvMap(parseTlv(message.raw(57)!, 'F57')).get(BUSINESS_TAG.loadLog) : undefined;
  return log === undefined ? {} : { loadLog: toHex(log) };
}

function hexObjects(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries([...tlvMap(parseTlv(bytes, 'F55'))].map(([tag, value]) => [tag, toHex(value)]));
}

/** The account number before the separator; a track that says it is encrypted is opened first. */
function trackPan({ message, session }: Pick<SealedIncoming, 'message' | 'session'>): string | undefined {
  const track = message.text(35);
  if (track === undefined) return undefined;
  const control = message.text(53);
  const isEncrypted = control !== undefined && parseSecurityControl(control).isTrackEncrypted;
  if (isEncrypted && session.decryptTrack === undefined)
    throw new PolycardError('POLYCARD_TERMINAL_TRACK', 'F35 is encrypted, but the sign-in gave no track key', {
      where: 'F53',
      expected: 'a sign-in with 004 or 006',
    });
  const clear = isEncrypted
    ? transformTrack(track, session.decryptTrack!, session.algorithm === 'SM4' ? 16 : 8)
    : track.replace('=', 'D');
  const pan = /^(\d{12,19})D/.exec(clear)?.[1];
  if (pan === undefined)
    throw new PolycardError('POLYCARD_TERMINAL_TRACK', 'F35 holds no account number and separator', { where: 'F35' });
  return pan;
}

/** 55 when there is a PIN block that holds no PIN under the session's key. */
function refusedPin({ message, session }: SealedIncoming): string | undefined {
  const block = message.raw(52);
  if (block === undefined) return undefined;
  const { pin } = parseSecurityControl(message.required(53));
  if (pin === 'none') return response.RC_30_FORMAT;
  const pan = pin === 'with-pan' ? (message.text(2) ?? trackPan({ message, session })) : undefined;
  if (pin === 'with-pan' && pan === undefined) return response.RC_30_FORMAT;
  return session.holdsPin(Uint8Array.from(block), pan) ? undefined : response.RC_55_PIN;
}

function answerOf({ message }: SealedIncoming, outcome: OnlineOutcome): Answer {
  const { code, referenceNo, issuerAuthentication, script, balanceFen } = outcome;
  const counter = message.has(55) ? tlvMap(parseTlv(message.raw(55)!, 'F55')).get('9F36') : undefined;
  const chip =
    issuerAuthentication === '' || counter === undefined
      ? {}
      : {
          55: concat(
            encodeTlvs([
              ['9F36', counter],
              ['91', fromHex(issuerAuthentication)],
            ]),
            fromHex(script),
          ),
        };
  return {
    code,
    fields: {
      37: referenceNo,
      ...(code === response.RC_00_APPROVED ? { 38: referenceNo.slice(-6) } : {}),
      ...(balanceFen === undefined
        ? {}
        : { 54: `${BALANCE_HEAD}${String(Math.max(0, balanceFen)).padStart(12, '0')}` }),
      ...chip,
    },
  };
}
