/** One chunk of clearing: proofs, duplicates, gaps, fares, postings. */
import { fromHex, PolycardError } from '@polycard/bytes';
import type { Fare } from '@polycard/fares';
import type { CryptogramCheck } from '@polycard/vault';
import type { Transaction } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import { issuerKeyLabel } from '../../region.ts';
import type { Tables } from '../../store/tables.ts';
import type { ExceptionReason, Words } from '../api-types.ts';
import { type ClearedFare, countGiven, everEnded } from '../campaigns/given.ts';
import { listedTaps, writeLiabilities } from '../deny-lists/liability.ts';
import { ordersSince } from '../operating-modes/store.ts';
import { shouldHaveUsed, type Told } from '../parameters/schedule.ts';
import { cryptogramInput } from './cryptogram.ts';
import { EXPLANATIONS, type NewException } from './exceptions.ts';
import { closingFare, purchaseFare, recomputeFare } from './fare-check.ts';
import { endListedRides } from './open-rides.ts';
import {
  checkEnded,
  checkEntry,
  NO_FACTS,
  needsFacts,
  type OperationFacts,
  operatedExit,
  readRepairs,
  repairOf,
} from './operation-check.ts';
import { ridePostings } from './postings.ts';
import { checkBoarding, checkMark, isSectionBoarding, readBoardings } from './section-check.ts';
import {
  type ClearedTap,
  type NewPosting,
  openExceptions,
  type ReceivedTap,
  readEarlier,
  readLastSequences,
  readReceived,
  readTold,
  writeCleared,
  writePostings,
  writeSequences,
} from './store.ts';
import { resolveTornTaps } from './torn.ts';

/** What clearing found out about one tap. */
interface Finding {
  readonly tap: ReceivedTap;
  readonly exceptions: { reason: ExceptionReason; explanation: Words }[];
  cryptogram: ClearedTap['cryptogram'];
  fare?: Fare;
}

/** Reasons that keep a tap from being posted. A gap is about another tap, the one that is missing. */
const SUSPENDING: ReadonlySet<ExceptionReason> = new Set([
  'format',
  'unknown-terminal',
  'unknown-card',
  'duplicate',
  'cryptogram',
  'fare',
  'torn',
  'deny-list',
]);

/** Clears up to `limit` received taps; gives how many. */
export async function clearChunk(context: PlatformContext, limit: number): Promise<number> {
  const { keyUses, now } = context;
  return keyUses.transaction(async (transaction) => {
    const taps = await readReceived(transaction, limit);
    if (taps.length === 0) return 0;
    const clearedAt = now();
    const findings = taps.map((tap): Finding => ({ tap, exceptions: [], cryptogram: 'unchecked' }));

    await checkCryptograms(context, findings);
    const earlier = await readEarlier(transaction, taps);
    for (const finding of findings) {
      const first = earlier.get(finding.tap.id);
      if (first !== undefined && finding.tap.industry_data.tornOutcome !== 'unresolved')
        finding.exceptions.push({ reason: 'duplicate', explanation: EXPLANATIONS.duplicate(first) });
    }
    for (const { tap, exceptions } of findings) {
      if (tap.industry_data.tornOutcome === 'unresolved')
        exceptions.push({ reason: 'torn', explanation: EXPLANATIONS.torn() });
    }
    const sequences = await readLastSequences(transaction, [...new Set(taps.map((tap) => tap.terminal_no))]);
    checkSequences(findings, sequences);
    await checkVersions(context, transaction, findings);
    const facts = taps.some(needsFacts)
      ? {
          orders: await ordersSince(transaction, taps.map(({ at }) => at).toSorted()[0]!),
          repairsOf: await readRepairs(transaction, taps),
          boardings: await readBoardings(transaction, taps),
          ended: await everEnded(transaction),
        }
      : NO_FACTS;
    for (const finding of findings) checkFare(context, finding, facts);
    const listed = await listedTaps(context, transaction, taps);
    for (const { tap, exceptions } of findings) {
      const found = listed.get(tap.id);
      if (found?.party === 'operator') exceptions.push({ reason: 'deny-list', explanation: found.explanation });
      const { closedRide } = tap.industry_data;
      if (closedRide?.settlement === 'unpaid')
        exceptions.push({ reason: 'missing-tap-off', explanation: EXPLANATIONS.missingTapOff(closedRide) });
    }

    const postings: NewPosting[] = [];
    const exceptions: NewException[] = [];
    const fares: ClearedFare[] = [];
    const cleared = findings.map((finding): ClearedTap => {
      const { tap } = finding;
      for (const { reason, explanation } of finding.exceptions) {
        exceptions.push({
          id: `${tap.id}:${reason}`,
          reason,
          tapId: tap.id,
          cardToken: tap.card_token,
          terminalNo: tap.terminal_no,
          businessDate: tap.business_date,
          explanation,
        });
      }
      const suspended = finding.exceptions.some(({ reason }) => SUSPENDING.has(reason));
      if (!suspended && finding.fare !== undefined) {
        postings.push(...ridePostings(context.region, tap, finding.fare, clearedAt));
        const region = context.parameters.regionOf(tap.industry_data.tariffVersion);
        if (region !== undefined) fares.push({ fare: finding.fare, businessDate: tap.business_date, region });
      }
      return {
        id: tap.id,
        card_token: tap.card_token,
        state: suspended ? 'suspended' : 'cleared',
        cryptogram: finding.cryptogram,
        exceptions: finding.exceptions.map(({ reason }) => reason),
        fare: finding.fare ?? null,
        base_fen: finding.fare?.baseFen ?? null,
      };
    });
    await writeCleared(transaction, cleared, clearedAt);
    await countGiven(context, transaction, fares, clearedAt);
    await writeSequences(transaction, sequences);
    await writePostings(transaction, postings);
    await openExceptions(transaction, exceptions, clearedAt);
    await writeLiabilities(
      transaction,
      taps.flatMap((tap) => (listed.has(tap.id) ? [{ ...tap, listed: listed.get(tap.id)! }] : [])),
      clearedAt,
    );
    await endListedRides(transaction, taps);
    await resolveTornTaps(
      transaction,
      taps.map((tap) => tap.card_token),
    );
    return taps.length;
  });
}

/** Recomputes every cryptogram of the chunk in one call to the vault. */
async function checkCryptograms({ vault, region }: PlatformContext, findings: readonly Finding[]): Promise<void> {
  const checks: CryptogramCheck[] = [];
  const checked: Finding[] = [];
  const tree = region.issuerTree('application-cryptogram').label;
  for (const finding of findings) {
    const { tap } = finding;
    if (tap.terminal_operator_id === null) {
      finding.exceptions.push({
        reason: 'unknown-terminal',
        explanation: EXPLANATIONS.unknownTerminal(tap.terminal_no),
      });
    }
    if (tap.pan_sealed === null || tap.psn === null || tap.issuer_id === null) {
      finding.exceptions.push({ reason: 'unknown-card', explanation: EXPLANATIONS.unknownCard() });
      continue;
    }
    try {
      const { input, atc } = cryptogramInput(tap.clearing_data);
      const pan = new TextDecoder().decode(vault.open(tap.pan_sealed, `card:${tap.card_token}`));
      checks.push({
        label: issuerKeyLabel(tap.issuer_id, tree),
        card: { pan, psn: tap.psn },
        atc,
        input,
        cryptogram: fromHex(tap.application_cryptogram),
      });
      checked.push(finding);
    } catch (error) {
      if (!(error instanceof PolycardError)) throw error;
      finding.exceptions.push({ reason: 'format', explanation: EXPLANATIONS.format(error.message) });
    }
  }
  const verdicts = await vault.verifyCryptograms(checks);
  checked.forEach((finding, index) => {
    const { verified, refusal } = verdicts[index]!;
    finding.cryptogram = verified ? 'verified' : 'failed';
    if (!verified) finding.exceptions.push({ reason: 'cryptogram', explanation: EXPLANATIONS.cryptogram(refusal) });
  });
}

/** A terminal numbers its taps without holes; a hole is named on the tap after it. Moves the last numbers on. */
function checkSequences(findings: readonly Finding[], sequences: Map<string, number>): void {
  for (const { tap, exceptions } of findings) {
    const last = sequences.get(tap.terminal_no);
    if (last === undefined) continue;
    if (tap.sequence_no > last + 1) {
      exceptions.push({ reason: 'gap', explanation: EXPLANATIONS.gap(last + 1, tap.sequence_no - 1) });
    }
    if (tap.sequence_no > last) sequences.set(tap.terminal_no, tap.sequence_no);
  }
}

/** A terminal computes with the version it was told to use then; with another the tap is named, and cleared under it. */
async function checkVersions(
  { parameters }: PlatformContext,
  transaction: Transaction<Tables>,
  findings: readonly Finding[],
): Promise<void> {
  const isChanging = parameters.schedule.length > 1;
  const told = isChanging
    ? await readTold(transaction, [...new Set(findings.map(({ tap }) => tap.terminal_no))])
    : new Map<string, Told[]>();
  for (const { tap, exceptions } of findings) {
    const { tariffVersion } = tap.industry_data;
    if (parameters.regionOf(tariffVersion) === undefined) {
      exceptions.push({ reason: 'tariff-version', explanation: EXPLANATIONS.versionUnknown(tariffVersion) });
    } else if (isChanging) {
      const rows = parameters.rowsFor(tap.terminal_no);
      const { ok, expected } = shouldHaveUsed(rows, told.get(tap.terminal_no) ?? [], tariffVersion, tap.at);
      if (!ok)
        exceptions.push({
          reason: 'tariff-version',
          explanation: EXPLANATIONS.versionUnexpected(tariffVersion, expected),
        });
    }
  }
}

function checkFare({ parameters }: PlatformContext, finding: Finding, facts: OperationFacts): void {
  const { tap } = finding;
  const signedFen = Number(tap.clearing_data['9F02'] ?? Number.NaN);
  if (signedFen !== tap.charged_fen) {
    finding.exceptions.push({ reason: 'fare', explanation: EXPLANATIONS.amountDiffers(tap.charged_fen, signedFen) });
    return;
  }
  if (tap.kind === 'purchase') {
    // the shop's price is the amount that the card signed; there is nothing to recompute
    finding.fare = purchaseFare(tap);
    return;
  }
  const isRide = tap.kind === 'exit' || tap.kind === 'boarding' || tap.kind === 'alighting';
  const region = parameters.regionOf(tap.industry_data.tariffVersion);
  if (region === undefined) {
    const reason = `version ${tap.industry_data.tariffVersion} is not known`;
    if (isRide || tap.charged_fen !== 0)
      finding.exceptions.push({ reason: 'fare', explanation: EXPLANATIONS.fareUnknown(reason) });
    return;
  }
  const at = tap.at.replace(/[-:T]/g, '');
  try {
    if (tap.kind === 'entry') checkEntry(tap, facts);
    checkBoarding(tap, facts.boardings);
    if (!isRide) {
      const { repair: code, closedRide } = tap.industry_data;
      const isRepair = tap.kind === 'counter' && code !== undefined && closedRide === undefined;
      const repair = isRepair ? repairOf(tap, region.tariff('metro')) : closingFare(region, tap.industry_data, at);
      if (repair !== undefined && repair.chargeFen > 0) finding.fare = repair;
      if (tap.charged_fen !== (repair?.chargeFen ?? 0))
        finding.exceptions.push({
          reason: 'fare',
          explanation: EXPLANATIONS.fareDiffers(tap.charged_fen, repair?.chargeFen ?? 0),
        });
      return;
    }
    finding.fare = recomputeFare(region, {
      kind: tap.kind as 'exit' | 'boarding' | 'alighting',
      at,
      operatorDiscounts: tap.discounts !== 'none',
      chargedFen: tap.charged_fen,
      industry: tap.industry_data,
    });
    checkEnded(tap, finding.fare, facts);
    if (isSectionBoarding(tap.kind, tap.industry_data)) checkMark(region.tariff('bus'), tap.industry_data);
    if (tap.kind === 'exit') finding.fare = operatedExit(tap, finding.fare, region.tariff('metro'), facts);
  } catch (error) {
    if (!(error instanceof PolycardError)) throw error;
    finding.exceptions.push({ reason: 'fare', explanation: EXPLANATIONS.fareUnknown(error.message) });
    return;
  }
  if (finding.fare.chargeFen !== tap.charged_fen) {
    finding.exceptions.push({
      reason: 'fare',
      explanation: EXPLANATIONS.fareDiffers(tap.charged_fen, finding.fare.chargeFen),
    });
  }
}
