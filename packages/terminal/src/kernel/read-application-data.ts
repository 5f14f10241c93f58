/**
 * Records of the application file locator, in its order. Reading the last one commits the transaction on the card, so
 * that read has its own function and its own outcomes (PBOC 3.0 Parts 12 and 14, as publicly described).
 */
import { PolycardError, parseTlv, type ResponseApdu, SW_9000_SUCCESS, swHex, tlvMap } from '@polycard/bytes';
import type { AuthenticatedRecord } from '@polycard/emv';
import type { CardSession, Phase } from './exchange.ts';
import { fromCard, refuse } from './outcome.ts';

export interface RecordAddress {
  readonly sfi: number;
  readonly record: number;
  readonly isAuthenticated: boolean;
}

export interface ApplicationData {
  readonly objects: Map<string, Uint8Array>;
  /** Records under offline data authentication, in order. */
  readonly authenticated: AuthenticatedRecord[];
}

/** No card needs more; a wrong AFL could name sixteen thousand. */
const RECORDS_MAX = 255;

/** AFL entries as single records (EMV 4.4 Book 3 §10.2). Throws `POLYCARD_TERMINAL_AFL`. */
export function parseAfl(afl: Uint8Array): RecordAddress[] {
  const addresses: RecordAddress[] = [];
  for (let offset = 0; offset < afl.length; offset += 4) {
    const [sfiByte, first, last, authenticated] = afl.subarray(offset, offset + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    if (authenticated === undefined || first === 0 || last < first) {
      throw new PolycardError('POLYCARD_TERMINAL_AFL', `AFL entry at offset ${offset} is malformed`, { where: '94' });
    }
    for (let record = first; record <= last; record++) {
      addresses.push({ sfi: sfiByte >> 3, record, isAuthenticated: record - first < authenticated });
    }
  }
  if (addresses.length > RECORDS_MAX)
    throw new PolycardError('POLYCARD_TERMINAL_AFL', `the AFL names ${addresses.length} records`, { where: '94' });
  if (addresses.length === 0)
    throw new PolycardError('POLYCARD_TERMINAL_AFL', 'the AFL names no record', { where: '94' });
  return addresses;
}

/** READ RECORD (EMV 4.4 Book 3 §6.5.11). */
export function sendReadRecord(session: CardSession, phase: Phase, { record, sfi }: RecordAddress): ResponseApdu {
  const p2 = (sfi << 3) | 4;
  return session.send(phase, { cla: 0x00, ins: 0xb2, p1: record, p2, data: new Uint8Array(0), le: 256 });
}

/** Takes a record into the application data. Throws `POLYCARD_TLV_*` when it is no TLV. */
export function takeRecord(address: RecordAddress, bytes: Uint8Array, data: ApplicationData): void {
  if (address.isAuthenticated) data.authenticated.push({ sfi: address.sfi, bytes });
  tlvMap(parseTlv(bytes, `record ${address.record} of SFI ${address.sfi}`), data.objects);
}

/** A record before the last one: nothing is committed yet, so a card that does not give it is simply refused. */
export function readRecord(session: CardSession, address: RecordAddress, data: ApplicationData): void {
  const answer = sendReadRecord(session, 'read-record', address);
  if (answer.sw !== SW_9000_SUCCESS)
    refuse('card-data', `READ RECORD ${address.record} of SFI ${address.sfi} answered ${swHex(answer.sw)}`);
  fromCard(() => takeRecord(address, answer.data, data));
}

/** What the last READ RECORD did: committed (its bytes are still unread), left all as it was, or nobody can tell. */
export type Commit =
  | { readonly state: 'committed'; readonly bytes: Uint8Array }
  | { readonly state: 'unchanged' | 'unknown'; readonly sw: number };

export function readLastRecord(session: CardSession, address: RecordAddress): Commit {
  const { sw, data } = sendReadRecord(session, 'read-record', address);
  if (sw === SW_9000_SUCCESS) return { state: 'committed', bytes: data };
  // ISO 7816-4:2020 §5.6: 64xx and the checking errors 67xx to 6Exx leave the memory unchanged; other words do not say so
  const group = sw >> 8;
  return { state: group === 0x64 || (group >= 0x67 && group <= 0x6e) ? 'unchanged' : 'unknown', sw };
}

export const emptyApplicationData = (): ApplicationData => ({ objects: new Map(), authenticated: [] });
