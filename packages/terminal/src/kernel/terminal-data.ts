/** What the terminal says about itself and about one transaction, by tag (PBOC 3.0 Part 12, as publicly described). */
import { bcdFromDigits, bcdFromNumber, fromHex } from '@polycard/bytes';
import type { TerminalConfiguration } from '../configuration.ts';

/** Terminal's values of one transaction, by tag. */
export type TerminalData = ReadonlyMap<string, Uint8Array>;

export interface TransactionRequest {
  readonly amountFen: number;
  /** DF60. */
  readonly cappIndicator: number;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly unpredictableNumber: Uint8Array;
}

/** What of its configuration a terminal tells a card. */
export type DescribedTerminal = Pick<
  TerminalConfiguration,
  'ttq' | 'capabilities' | 'terminalType' | 'country' | 'currency' | 'merchantName' | 'smAlgorithms'
>;

const TRANSACTION_TYPE_PURCHASE = '00';
const MERCHANT_NAME_BYTES = 20;

/** Whatever a PDOL may ask for; tags that are not here go as zeros (EMV 4.4 Book 3 §5.4). */
export function terminalDataFor(configuration: DescribedTerminal, request: TransactionRequest): TerminalData {
  const numeric = (digits: string, bytes: number): Uint8Array => bcdFromDigits(digits, bytes);
  const data = new Map<string, Uint8Array>([
    ['9F66', configuration.ttq],
    ['9F02', bcdFromNumber(request.amountFen, 6)],
    ['9F03', new Uint8Array(6)],
    ['9F1A', numeric(configuration.country, 2)],
    ['95', new Uint8Array(5)],
    ['5F2A', numeric(configuration.currency, 2)],
    ['9A', numeric(request.at.slice(2, 8), 3)],
    ['9C', fromHex(TRANSACTION_TYPE_PURCHASE)],
    ['9F37', request.unpredictableNumber],
    ['9F33', configuration.capabilities],
    ['9F35', configuration.terminalType],
    ['9F21', numeric(request.at.slice(8, 14), 3)],
    ['DF60', Uint8Array.of(request.cappIndicator)],
    ['DF69', Uint8Array.of(configuration.smAlgorithms === true ? 1 : 0)],
  ]);
  // the card keeps the name in its transaction log
  if (configuration.merchantName !== undefined)
    data.set('9F4E', Buffer.from(configuration.merchantName.padEnd(MERCHANT_NAME_BYTES), 'latin1'));
  return data;
}
