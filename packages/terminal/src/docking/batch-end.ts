/**
 * The end of a batch (reference iso8583.md §1.8): totals; where the host calls them unequal each offline sale again,
 * should it have lost one, and each as a detail; then the end that belongs to the totals. Every step is in the journal
 * before the next, so that it goes on where a loss of power ended it. The host does what it gets twice only once.
 */
import { PolycardError } from '@polycard/bytes';
import { ACCEPTED, DUPLICATE } from '../host-link.ts';
import type { ClosingBatch, Journal } from '../journal.ts';
import { NO_FAULTS, storeEntry, type UploadHost } from './upload.ts';

/** A detail that the host refuses goes again after the others of its round, so often in all. */
const ROUNDS = 3;

export async function endBatch(
  host: UploadHost,
  journal: Journal,
  closing: ClosingBatch,
  nextTrace: () => number,
): Promise<'equal' | 'unequal'> {
  const { link, send } = host;
  const { batchNo, uploadedFen, uploadedCount } = closing;
  if (closing.totals === undefined) {
    const request = link.settlementRequest(nextTrace(), batchNo, uploadedFen, uploadedCount);
    journal.settled(link.settlementAnswer(await send(request)));
  }
  const { totals } = journal.closing!;
  if (totals === 'unequal') for (let round = 0; round < ROUNDS; round++) await sendDetails(host, journal);
  const { detailedCount } = journal.closing!;
  const count = totals === 'equal' ? uploadedCount : detailedCount;
  const { code } = link.answer(await send(link.batchEndRequest(nextTrace(), batchNo, count, totals!)));
  journal.endBatch();
  if (code !== ACCEPTED && code !== DUPLICATE)
    throw new PolycardError('POLYCARD_TERMINAL_SETTLEMENT', `the end of batch ${batchNo} was refused with ${code}`, {
      where: 'F39',
      expected: '00',
    });
  return totals!;
}

/** One round over what the host does not have yet. What it refuses stays: the host names the difference at the end. */
async function sendDetails(host: UploadHost, journal: Journal): Promise<void> {
  const { link, send } = host;
  for (const entry of journal.closing!.details) {
    try {
      await storeEntry(host, entry, NO_FAULTS);
    } catch (error) {
      if (!(error instanceof PolycardError) || error.code !== 'POLYCARD_TERMINAL_UPLOAD_REFUSED') throw error;
    }
    const { code } = link.answer(await send(link.batchDetailRequest(entry)));
    if (code === ACCEPTED || code === DUPLICATE) journal.detailed(entry);
  }
}
