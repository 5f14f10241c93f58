/** Initiate application processing: GET PROCESSING OPTIONS with TTQ, amount and DF60 (PBOC 3.0 Part 12, as publicly described). */
import { toHex } from '@polycard/bytes';
import { type CryptogramKind, cryptogramKindOfCvr, parseIssuerApplicationData } from '@polycard/emv';
import type { TerminalConfiguration } from '../configuration.ts';
import type { CardSession } from './exchange.ts';
import { fromCard, refuse } from './outcome.ts';
import { processingOptions } from './processing-options.ts';
import type { SelectedApplication } from './select.ts';
import { type TerminalData, type TransactionRequest, terminalDataFor } from './terminal-data.ts';

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

const PAN = /^\d{12,19}$/;

export function initiate(
  session: CardSession,
  application: SelectedApplication,
  configuration: TerminalConfiguration,
  request: TransactionRequest,
): Transaction {
  const terminalData = terminalDataFor(configuration, request);
  const cardData = processingOptions(session, application, terminalData);
  const required = (tag: string): Uint8Array => cardData.get(tag) ?? refuse('declined', `the GPO answer lacks ${tag}`);
  const [pan = '', discretionary = ''] = toHex(required('57')).split('D');
  if (!PAN.test(pan)) refuse('card-data', 'the track 2 data (57) hold no account number');
  const atc = required('9F36');
  if (atc.length !== 2) refuse('card-data', `the ATC (9F36) has ${atc.length} bytes`);
  // qPBOC answers carry no 9F27: the decision stands in the card verification results
  const { cvr } = fromCard(() => parseIssuerApplicationData(required('9F10')));
  return {
    terminalData,
    cardData,
    atc: (atc[0]! << 8) | atc[1]!,
    pan,
    psn: toHex(cardData.get('5F34') ?? Uint8Array.of(0)),
    expiry: discretionary.slice(0, 4),
    cryptogramKind: cryptogramKindOfCvr(cvr),
  };
}
