/**
 * Driver and vehicle: the licence read with a MAC, points written, a penalty paid at a terminal that sees no licence.
 * Reference industries.md §3.2, §3.3; file names are the blueprint's.
 */
import type { RecordCodec } from '@polycard/blueprint';
import { fromCard, refuse } from '../kernel/outcome.ts';
import type { IndustryClient } from './industry-client.ts';

type Values = Record<string, number | string>;

/** The whole licence; its signature inside is the authority's and is checked by who knows its certificate. */
export function readLicence(client: IndustryClient, licence: RecordCodec): Values {
  const bytes = client.readBinary('driver-licence', { protection: 'mac' });
  return fromCard(() => licence.decode(bytes));
}

/** Points as of now, as the authority (or a terminal on its word) has them. */
export function writePoints(client: IndustryClient, points: RecordCodec, values: Readonly<Values>): void {
  const fresh = points.encode(values);
  client.updateBinary('points', 0, fresh);
}

/** Decisions as this terminal may see them, newest first: a payment terminal gets the front of each record only. */
export function readDecisions(client: IndustryClient): Uint8Array[] {
  const decisions: Uint8Array[] = [];
  for (let number = 1; ; number++) {
    const record = client.readRecord('decisions', number, 'mac');
    if (record === undefined) return decisions;
    decisions.push(record);
  }
}

const STATUS_PAID = '03';

/** Decision `number` becomes paid and its receipt is added, together; gives the card's TAC. */
export function recordPayment(
  client: IndustryClient,
  codecs: { readonly decision: RecordCodec; readonly receipt: RecordCodec },
  options: { readonly number: number; readonly decision: Uint8Array; readonly receipt: Readonly<Values> },
): Uint8Array {
  const { decision, receipt } = codecs;
  if (options.decision.length !== decision.lengthBytes)
    refuse('not-permitted', 'a terminal that sees only the front of a decision cannot write it back');
  client.begin();
  client.updateRecord('decisions', options.number, decision.encode({ status: STATUS_PAID }, options.decision));
  client.appendRecord('receipts', receipt.encode(options.receipt));
  return client.commit();
}
