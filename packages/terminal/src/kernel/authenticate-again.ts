/**
 * A card that paid and whose kept record is gone: another reader had it in between, and with the copy went 9F69, over
 * which the first signature was made. So the card signs once more: GET PROCESSING OPTIONS with amount 0 and fDDA 00, over
 * a new random number, its certificates being read already. The last record is not read, so nothing of this commits.
 */
import type { TerminalConfiguration } from '../configuration.ts';
import type { CardSession } from './exchange.ts';
import { type AuthenticationResult, authenticateOffline, type TrustedKeys } from './offline-data-authentication.ts';
import { Refusal } from './outcome.ts';
import { processingOptions } from './processing-options.ts';
import type { ApplicationData } from './read-application-data.ts';
import type { SelectedApplication } from './select.ts';
import { terminalDataFor } from './terminal-data.ts';

export interface SecondSignature {
  readonly application: SelectedApplication;
  readonly configuration: TerminalConfiguration;
  readonly trusted: TrustedKeys;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly cappIndicator: number;
  readonly unpredictableNumber: Uint8Array;
}

const TTQ_4_FDDA_01 = 0x80;
const NO_COUNTER = Uint8Array.of(0, 0);

/** `pan` is of the transaction that was torn, `data` what was read of the card before. */
export function authenticateAgain(
  session: CardSession,
  { application, configuration, trusted, at, cappIndicator, unpredictableNumber }: SecondSignature,
  pan: string,
  data: ApplicationData,
): AuthenticationResult {
  const ttq = Uint8Array.from(configuration.ttq);
  ttq[3]! &= ~TTQ_4_FDDA_01;
  const terminalData = terminalDataFor(
    { ...configuration, ttq },
    { amountFen: 0, cappIndicator, at, unpredictableNumber },
  );
  try {
    const cardData = processingOptions(session, application, terminalData, 'proof');
    const [high, low] = cardData.get('9F36') ?? NO_COUNTER;
    return authenticateOffline(
      trusted,
      application.aid,
      { terminalData, cardData, pan, atc: (high! << 8) | low! },
      data,
    );
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}
