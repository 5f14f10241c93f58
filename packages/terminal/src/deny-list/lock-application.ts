/**
 * Locks a listed industry application on the card that was held to the terminal: a transaction of nothing that sets the
 * lock flag of the application's record, sealed with the management key of the PSAM like every update (UPDATE CAPP DATA
 * CACHE, PBOC 3.0 Part 14, as publicly described). A whole card is never locked here: what blocks a card is a script of
 * its issuer, and no terminal has that key.
 */
import { CAPP_INDICATOR } from '@polycard/emv';
import type { TerminalConfiguration, TerminalRecord } from '../configuration.ts';
import { readCappRecord, updateCappRecord } from '../kernel/capp.ts';
import { type CardSession, isCardLost } from '../kernel/exchange.ts';
import { initiate } from '../kernel/initiate.ts';
import { fromCard, Refusal } from '../kernel/outcome.ts';
import { emptyApplicationData, parseAfl, readLastRecord, readRecord } from '../kernel/read-application-data.ts';
import { selectApplication } from '../kernel/select.ts';
import type { UpdateMacSource } from '../psam.ts';
import type { HitOutcome } from './tap-list.ts';

export interface LockRequest {
  readonly configuration: TerminalConfiguration;
  readonly record: TerminalRecord;
  readonly psam: UpdateMacSource;
  readonly unpredictableNumber: Uint8Array;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
}

const LOCKED = '01';

/** Never throws for what a card does: a listed card that cannot be locked is refused all the same. */
export function lockApplication(session: CardSession, request: LockRequest): HitOutcome {
  try {
    return lock(session, request);
  } catch (error) {
    if (isCardLost(error)) return 'lock-unknown';
    if (error instanceof Refusal) return 'lock-refused';
    throw error;
  }
}

function lock(session: CardSession, { configuration, record, psam, unpredictableNumber, at }: LockRequest): HitOutcome {
  // the card has a transaction under way that nobody finishes: it begins anew with the selection
  const application = selectApplication(session);
  const before = readCappRecord(session, record);
  const values = fromCard(() => record.codec.decode(before));
  if (values['lock'] === LOCKED) return 'locked';
  const { pan, atc, cardData, cryptogramKind } = initiate(session, application, configuration, {
    ...{ amountFen: 0, cappIndicator: CAPP_INDICATOR.segmentDeduction, at, unpredictableNumber },
  });
  const afl = cardData.get('94');
  if (cryptogramKind !== 'TC' || afl === undefined) return 'lock-refused';
  const bytes = record.codec.encode({ lock: LOCKED }, before);
  updateCappRecord(session, psam, { pan, homeCityCode: String(values['homeCity']) }, atc, { record, bytes });
  const addresses = fromCard(() => parseAfl(afl));
  const data = emptyApplicationData();
  for (const address of addresses.slice(0, -1)) readRecord(session, address, data);
  return readLastRecord(session, addresses.at(-1)!).state === 'committed' ? 'locked' : 'lock-refused';
}
