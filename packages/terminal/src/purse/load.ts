/**
 * Load of a purse at a counter (圈存): PIN, INITIALIZE FOR LOAD, the issuer checks MAC1 and gives MAC2, CREDIT FOR LOAD.
 * Torn after CREDIT was sent, the online counter tells whether the money arrived. PBOC 2.0 Part 2 as publicly described.
 */
import { bcdFromDigits, type CardChannel, concat, SW_9000_SUCCESS, swHex } from '@polycard/bytes';
import { balanceBytes, type LoadAnswer, type LoadRequest, PURSE_TYPE } from '@polycard/emv';
import { CardSession, isCardLost } from '../kernel/exchange.ts';
import { Refusal, type RefusalReason, refuse } from '../kernel/outcome.ts';
import { PurseCard } from './purse-card.ts';

export interface LoadOptions {
  readonly aid: Uint8Array;
  /** Packed digits as VERIFY sends them. */
  readonly pin: Uint8Array;
  readonly keyIndex: number;
  readonly amountFen: number;
  /** 6 bytes. */
  readonly terminal: Uint8Array;
  /** YYYYMMDDhhmmss. */
  readonly at: string;
  /** The issuer, over whatever line the counter has. */
  readonly authorise: (request: LoadRequest) => LoadAnswer;
  /** Called before CREDIT FOR LOAD is sent: from then on the money may be on the card. */
  readonly beforeCredit?: (request: LoadRequest) => void;
}

export type LoadOutcome =
  | { readonly result: 'loaded'; readonly request: LoadRequest; readonly tac: Uint8Array }
  /** With a request: the card itself refused the money. */
  | {
      readonly result: 'refused';
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly request?: LoadRequest;
    }
  /** With a request: MAC2 was sent and the money may be on the card; `resolveLoad` tells. */
  | { readonly result: 'torn'; readonly request: LoadRequest | undefined };

const OPENED_BYTES = 16;
const P2_PURSE = 0x02;

function open(session: CardSession, options: LoadOptions): Omit<LoadRequest, 'card'> {
  const { keyIndex, amountFen, terminal } = options;
  const verify = session.send('authenticate', { cla: 0, ins: 0x20, p1: 0, p2: 0, data: options.pin });
  if (verify.sw !== SW_9000_SUCCESS) refuse('declined', `VERIFY answered ${swHex(verify.sw)}`);
  const { sw, data } = session.send('initialize', {
    ...{ cla: 0x80, ins: 0x50, p1: 0x00, p2: P2_PURSE },
    data: concat(Uint8Array.of(keyIndex), balanceBytes(amountFen), terminal),
    le: OPENED_BYTES,
  });
  if (sw !== SW_9000_SUCCESS || data.length !== OPENED_BYTES)
    return refuse('declined', `INITIALIZE FOR LOAD answered ${swHex(sw)}`);
  const view = Buffer.from(data);
  return {
    ...{ balanceFen: view.readInt32BE(), onlineSequence: view.readUInt16BE(4) },
    ...{ random: data.slice(8, 12), mac1: data.slice(12, 16) },
    ...{ amountFen, type: PURSE_TYPE.loadPurse, terminal, at: bcdFromDigits(options.at, 7) },
  };
}

export function loadPurse(channel: CardChannel, options: LoadOptions): LoadOutcome {
  const session = new CardSession(channel, () => 0);
  const card = new PurseCard(session);
  let sent: LoadRequest | undefined;
  try {
    card.select(options.aid);
    const { issuer, serial } = card.identify(options.at);
    const request: LoadRequest = { card: { issuer, serial }, ...open(session, options) };
    const answer = options.authorise(request);
    if (!answer.approved) return { result: 'refused', reason: 'declined', detail: `the issuer: ${answer.reason}` };
    sent = request;
    options.beforeCredit?.(request);
    const data = concat(request.at, answer.mac2);
    const { sw, data: tac } = session.send('debit', { cla: 0x80, ins: 0x52, p1: 0, p2: 0, data, le: 4 });
    if (sw !== SW_9000_SUCCESS) refuse('commit-refused', `CREDIT FOR LOAD answered ${swHex(sw)}`);
    return { result: 'loaded', request, tac: tac.slice() };
  } catch (error) {
    if (isCardLost(error)) return { result: 'torn', request: sent };
    if (error instanceof Refusal) {
      const refusal = { result: 'refused', reason: error.reason, detail: error.message } as const;
      return sent === undefined ? refusal : { ...refusal, request: sent };
    }
    throw error;
  }
}

export type ResolvedLoad =
  | { readonly state: 'loaded'; readonly tac: Uint8Array }
  /** `torn`: the card left again before it told. */
  | { readonly state: 'not-loaded' | 'unclear' | 'torn' };

/** The card of a torn load is back: its TAC when the money arrived, `not-loaded` when it did not. */
export function resolveLoad(channel: CardChannel, options: LoadOptions, torn: LoadRequest): ResolvedLoad {
  const session = new CardSession(channel, () => 0);
  const card = new PurseCard(session);
  try {
    card.select(options.aid);
    const { serial } = card.identify(options.at);
    if (Buffer.compare(serial, torn.card.serial) !== 0) return { state: 'unclear' };
    const now = open(session, options);
    if (now.onlineSequence === torn.onlineSequence) return { state: 'not-loaded' };
    const proof = card.prove(torn.type, torn.onlineSequence + 1);
    return proof === undefined ? { state: 'unclear' } : { state: 'loaded', tac: proof.tac };
  } catch (error) {
    if (isCardLost(error)) return { state: 'torn' };
    if (error instanceof Refusal) return { state: 'unclear' };
    throw error;
  }
}
