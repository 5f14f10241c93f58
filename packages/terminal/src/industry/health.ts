/**
 * A resident health card at a hospital: identity enciphered, emergency data, visits that never show half-written.
 * Reference industries.md §2.3 to §2.5; file names are the blueprint's.
 */
import type { RecordCodec } from '@polycard/blueprint';
import { fromCard, refuse } from '../kernel/outcome.ts';
import type { IndustryClient } from './industry-client.ts';

type Values = Record<string, number | string>;

const INDEX_VALID = Uint8Array.of(0x00);
const INDEX_FREE = Uint8Array.of(0xff);

/** Name, identity number and the rest of the holder's file; it crosses the air enciphered. */
export function identifyPatient(client: IndustryClient, holder: RecordCodec): Values {
  const bytes = client.readBinary('holder', { protection: 'enciphered' });
  return fromCard(() => holder.decode(bytes));
}

/** Blood group and alerts: no PIN, but a role that may. */
export function readEmergencyData(client: IndustryClient, emergency: RecordCodec): Values {
  const bytes = client.readBinary('emergency', { protection: 'enciphered' });
  return fromCard(() => emergency.decode(bytes));
}

export type VisitKind = 'outpatient' | 'inpatient';

/** Numbers of the visits that are there, from the index bytes. */
export function visitNumbers(client: IndustryClient, kind: VisitKind): number[] {
  const numbers: number[] = [];
  for (let number = 1; ; number++) {
    const index = client.readRecord(`${kind}-index`, number);
    if (index === undefined) return numbers;
    if (index[0] === INDEX_VALID[0]) numbers.push(number);
  }
}

export function readVisit(client: IndustryClient, kind: VisitKind, number: number): Uint8Array {
  return client.readBinary(`${kind}-visit-${number}`, { protection: 'enciphered' });
}

/** Bytes of one protected update that still fit a short APDU. */
const UPDATE_BYTES_MAX = 0xc0;

/**
 * The index byte goes to free first and to valid last: a write torn in between shows no visit, and is done again at the
 * next one (§2.9 H9).
 */
export function writeVisit(client: IndustryClient, kind: VisitKind, number: number, body: Uint8Array): void {
  const name = `${kind}-visit-${number}`;
  if (body.length !== client.file(name).lengthBytes)
    refuse('card-data', `a visit has ${client.file(name).lengthBytes} bytes`);
  client.updateRecord(`${kind}-index`, number, INDEX_FREE);
  for (let offset = 0; offset < body.length; offset += UPDATE_BYTES_MAX) {
    client.updateBinary(name, offset, body.subarray(offset, offset + UPDATE_BYTES_MAX));
  }
  client.updateRecord(`${kind}-index`, number, INDEX_VALID);
}
