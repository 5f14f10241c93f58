/** Initiate application processing: GET PROCESSING OPTIONS with TTQ, amount and DF60 (PBOC 3.0 Part 12, as publicly described). */
import {
  bcdFromDigits,
  bcdFromNumber,
  buildDol,
  concat,
  encodeLength,
  fromHex,
  parseTlv,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import { type CryptogramKind, cryptogramKindOfCvr, dolAlignment, parseIssuerApplicationData } from '@polycard/emv';
import type { TerminalConfiguration } from '../configuration.ts';
import type { CardSession } from './exchange.ts';
import { refuse } from './outcome.ts';
import type { SelectedApplication } from './select.ts';

/** Terminal's values of one transaction, by tag. */
export type TerminalData = ReadonlyMap<string, Uint8Array>;

export interface Transaction {
  readonly terminalData: TerminalData;
  /** Objects of the answer's template 77. */
  readonly cardData: ReadonlyMap<string, Uint8Array>;
  readonly atc: number;
  readonly pan: string;
  readonly psn: string;
  /** Card expiry, YYMM. */
  readonly expiry: string;
  readonly cryptogramKind: CryptogramKind | undefined;
}

export interface TransactionRequest {
  readonly amountFen: number;
  /** DF60. */
  readonly cappIndicator: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly unpredictableNumber: Uint8Array;
}

const TRANSACTION_TYPE_PURCHASE = '00';

export function terminalDataFor(configuration: TerminalConfiguration, request: TransactionRequest): TerminalData {
  const numeric = (digits: string, bytes: number): Uint8Array => bcdFromDigits(digits, bytes);
  return new Map<string, Uint8Array>([
    ['9F66', configuration.ttq],
    ['9F02', bcdFromNumber(request.amountFen, 6)],
    ['9F03', new Uint8Array(6)],
    ['9F1A', numeric(configuration.country, 2)],
    ['95', new Uint8Array(5)],
    ['5F2A', numeric(configuration.currency, 2)],
    ['9A', numeric(request.at.slice(2, 8), 3)],
    ['9C', fromHex(TRANSACTION_TYPE_PURCHASE)],
    ['9F37', request.unpredictableNumber],
    ['9F21', numeric(request.at.slice(8, 14), 3)],
    ['DF60', Uint8Array.of(request.cappIndicator)],
  ]);
}

export function initiate(
  session: CardSession,
  application: SelectedApplication,
  configuration: TerminalConfiguration,
  request: TransactionRequest,
): Transaction {
  const terminalData = terminalDataFor(configuration, request);
  const values = buildDol(application.pdol, (tag) => terminalData.get(tag), dolAlignment);
  const data = concat(Uint8Array.of(0x83), encodeLength(values.length), values);
  const answer = session.send('gpo', { cla: 0x80, ins: 0xa8, p1: 0, p2: 0, data, le: 256 });
  if (answer.sw !== SW_9000_SUCCESS) refuse('declined', `GET PROCESSING OPTIONS answered ${swHex(answer.sw)}`);
  const cardData = tlvMap(parseTlv(answer.data, 'GPO answer'));
  const required = (tag: string): Uint8Array => cardData.get(tag) ?? refuse('declined', `the GPO answer lacks ${tag}`);
  const [pan, discretionary] = toHex(required('57')).split('D');
  const atc = required('9F36');
  // qPBOC answers carry no 9F27: the decision stands in the card verification results
  const { cvr } = parseIssuerApplicationData(required('9F10'));
  return {
    terminalData,
    cardData,
    atc: (atc[0]! << 8) | atc[1]!,
    pan: pan!,
    psn: toHex(cardData.get('5F34') ?? Uint8Array.of(0)),
    expiry: (discretionary ?? '').slice(0, 4),
    cryptogramKind: cryptogramKindOfCvr(cvr),
  };
}
