/** Records of the application file locator, in its order: reading the last one commits the transaction on the card. */
import { PolycardError, parseTlv, SW_9000_SUCCESS, swHex, tlvMap } from '@polycard/bytes';
import type { AuthenticatedRecord } from '@polycard/emv';
import type { CardSession, Phase } from './exchange.ts';
import { refuse } from './outcome.ts';

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
  return addresses;
}

export function readRecord(session: CardSession, phase: Phase, address: RecordAddress, data: ApplicationData): void {
  const answer = session.send(phase, {
    cla: 0x00,
    ins: 0xb2,
    p1: address.record,
    p2: (address.sfi << 3) | 4,
    data: new Uint8Array(0),
    le: 256,
  });
  if (answer.sw !== SW_9000_SUCCESS)
    refuse('commit-refused', `READ RECORD ${address.record} of SFI ${address.sfi} answered ${swHex(answer.sw)}`);
  if (address.isAuthenticated) data.authenticated.push({ sfi: address.sfi, bytes: answer.data });
  tlvMap(parseTlv(answer.data, `record ${address.record} of SFI ${address.sfi}`), data.objects);
}

export const emptyApplicationData = (): ApplicationData => ({ objects: new Map(), authenticated: [] });
