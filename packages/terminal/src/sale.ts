/**
 * A purchase by qPBOC on any PBOC card, ours or foreign: no industry records, no journal, one card and one amount. What
 * the card decided and whether it proved itself is an outcome, whatever the card's bytes are.
 *
 * PBOC 3.0 Part 12 and EMV Book B §3.3 as publicly described. Does not go online: a card that asks for it is told so.
 */
import { type CardChannel, PolycardError, toHex } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { type CryptogramKind, cryptogramKindOfCvr, panOfTrack2, parseIssuerApplicationData } from '@polycard/emv';
import { availableFen } from './kernel/decision.ts';
import { CardSession, type Exchange, isCardLost } from './kernel/exchange.ts';
import { authenticateOffline, type TrustedKeys } from './kernel/offline-data-authentication.ts';
import { fromCard, Refusal, refuse } from './kernel/outcome.ts';
import { processingOptions } from './kernel/processing-options.ts';
import {
  type ApplicationData,
  emptyApplicationData,
  parseAfl,
  readLastRecord,
  readRecord,
  takeRecord,
} from './kernel/read-application-data.ts';
import { PAYMENT_AIDS, selectApplicationOrListed } from './kernel/select.ts';
import { type DescribedTerminal, terminalDataFor } from './kernel/terminal-data.ts';

export interface SaleRequest {
  readonly amountFen: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
}

/** How the card's signature was judged. */
export interface SaleAuthentication {
  readonly result: 'passed' | 'failed' | 'not-performed';
  readonly method?: 'fDDA';
  /** Of the signature: 00 over the random number, 01 over amount and currency too. */
  readonly version?: '00' | '01';
  readonly reason?: string;
}

export interface SaleCard {
  readonly aid: string;
  /** Digits; to be masked before anybody sees it. */
  readonly pan?: string;
  /** YYMM. */
  readonly expiry?: string;
  readonly atc?: number;
  readonly cryptogram?: CryptogramKind;
  /** 9F5D after the purchase, where the card says it. */
  readonly availableFen?: number;
}

export interface SaleResult {
  readonly outcome: 'approved' | 'declined' | 'online' | 'other';
  readonly reason: string;
  readonly oda: SaleAuthentication;
  readonly card: SaleCard | undefined;
  readonly exchanges: readonly Exchange[];
}

export interface SaleDependencies extends TrustedKeys {
  readonly random: RandomSource;
  readonly monotonicUs: () => number;
}

const NOT_PERFORMED: SaleAuthentication = { result: 'not-performed' };
const NO_CAPP = 0;

interface Read {
  readonly card: SaleCard;
  readonly oda: SaleAuthentication;
}

/** Refusals, lost cards and broken answers are results; only a defect of ours is thrown. */
export function makeSale(
  channel: CardChannel,
  terminal: DescribedTerminal,
  request: SaleRequest,
  dependencies: SaleDependencies,
): SaleResult {
  const session = new CardSession(channel, dependencies.monotonicUs);
  const { exchanges } = session;
  const without = (outcome: SaleResult['outcome'], reason: string): SaleResult => ({
    ...{ outcome, reason, oda: NOT_PERFORMED, card: undefined, exchanges },
  });
  try {
    const { card, oda } = perform(session, terminal, request, dependencies);
    return { ...decision(card, oda, request), oda, card, exchanges };
  } catch (error) {
    if (error instanceof Refusal) return without(error.reason === 'declined' ? 'declined' : 'other', error.message);
    if (isCardLost(error)) return without('other', `the card left: ${(error as Error).message}`);
    if (error instanceof PolycardError) return without('other', error.message);
    throw error;
  }
}

function decision(
  card: SaleCard,
  oda: SaleAuthentication,
  request: SaleRequest,
): Pick<SaleResult, 'outcome' | 'reason'> {
  switch (card.cryptogram) {
    case 'ARQC':
      return { outcome: 'online', reason: 'the card asks its issuer (ARQC); this terminal has no line to one' };
    case 'AAC':
      return { outcome: 'declined', reason: 'the card declined (AAC)' };
    case undefined:
      return { outcome: 'other', reason: 'the card gave no decision' };
    case 'TC':
  }
  if (card.expiry !== undefined && card.expiry < request.at.slice(2, 6))
    return { outcome: 'declined', reason: 'the card has expired' };
  if (oda.result === 'passed') return { outcome: 'approved', reason: 'the card approved offline and proved itself' };
  return { outcome: 'declined', reason: `the card approved but did not prove itself: ${oda.reason ?? oda.result}` };
}

function perform(
  session: CardSession,
  terminal: DescribedTerminal,
  request: SaleRequest,
  dependencies: SaleDependencies,
): Read {
  const application = selectApplicationOrListed(session, PAYMENT_AIDS);
  const terminalData = terminalDataFor(terminal, {
    ...{ amountFen: request.amountFen, at: request.at, cappIndicator: NO_CAPP },
    unpredictableNumber: dependencies.random(4),
  });
  const cardData = processingOptions(session, application, terminalData);
  const cryptogram = decidedKind(cardData);
  const data = emptyApplicationData();
  // only an approval has records to read, and reading the last of them commits it
  const afl = cardData.get('94');
  if (cryptogram === undefined && !cardData.has('9F26'))
    refuse('card-data', 'the card answers for a full debit/credit transaction, not for qPBOC');
  if (cryptogram === 'TC') readRecords(session, afl ?? refuse('card-data', 'the GPO answer lacks the AFL'), data);
  const object = (tag: string): Uint8Array | undefined => cardData.get(tag) ?? data.objects.get(tag);
  const pan = accountNumber(object);
  const atc = object('9F36');
  const available = availableFen(cardData);
  const card: SaleCard = {
    aid: application.aid,
    ...(pan === undefined ? {} : { pan }),
    ...expiryOf(object),
    ...(atc?.length === 2 ? { atc: (atc[0]! << 8) | atc[1]! } : {}),
    ...(cryptogram === undefined ? {} : { cryptogram }),
    ...(available === undefined ? {} : { availableFen: available }),
  };
  if (cryptogram !== 'TC') return { card, oda: NOT_PERFORMED };
  if (pan === undefined || card.atc === undefined) refuse('card-data', 'the card gave no account number or no counter');
  const transaction = { terminalData, cardData, pan, atc: card.atc };
  const judged = authenticateOffline(dependencies, application.aid, transaction, data);
  const version = judged.ok && judged.version !== undefined ? { version: judged.version } : {};
  const oda: SaleAuthentication = judged.ok
    ? { result: 'passed', method: 'fDDA', ...version }
    : { result: 'failed', method: 'fDDA', reason: judged.reason };
  return { card, oda };
}

/** From the cryptogram information data where a card gives it, else from the card verification results in 9F10. */
function decidedKind(cardData: ReadonlyMap<string, Uint8Array>): CryptogramKind | undefined {
  const information = cardData.get('9F27')?.[0];
  if (information !== undefined) return (['AAC', 'TC', 'ARQC', undefined] as const)[information >> 6];
  const issuerData = cardData.get('9F10');
  return issuerData === undefined
    ? undefined
    : fromCard(() => cryptogramKindOfCvr(parseIssuerApplicationData(issuerData).cvr));
}

function readRecords(session: CardSession, afl: Uint8Array, data: ApplicationData): void {
  const addresses = fromCard(() => parseAfl(afl));
  for (const address of addresses.slice(0, -1)) readRecord(session, address, data);
  const last = addresses.at(-1)!;
  const commit = readLastRecord(session, last);
  if (commit.state !== 'committed') refuse('commit-refused', 'the card did not give its last record: nothing was paid');
  fromCard(() => takeRecord(last, commit.bytes, data));
}

function accountNumber(object: (tag: string) => Uint8Array | undefined): string | undefined {
  const track2 = object('57');
  const fromTrack = track2 === undefined ? undefined : panOfTrack2(track2);
  const number = object('5A');
  return fromTrack ?? (number === undefined ? undefined : /^(\d{10,19})F*$/.exec(toHex(number))?.[1]);
}

function expiryOf(object: (tag: string) => Uint8Array | undefined): { expiry?: string } {
  const date = object('5F24');
  if (date?.length === 3) return { expiry: toHex(date).slice(0, 4) };
  const track2 = object('57');
  const expiry = track2 === undefined ? undefined : /D(\d{4})/.exec(toHex(track2))?.[1];
  return expiry === undefined ? {} : { expiry };
}
