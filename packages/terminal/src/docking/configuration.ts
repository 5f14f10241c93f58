/** Who a terminal is by its enrolment, and its configuration once set `CAP` says what it can. */
import type { FreshnessStep as DataFreshnessStep, TerminalProfile } from '@polycard/blueprint';
import { fromHex } from '@polycard/bytes';
import type { FreshnessStep } from '@polycard/deny-list';
import type { TerminalConfiguration } from '../configuration.ts';
import type { ListKey } from '../deny-list/list-key.ts';

export interface EnrolledTerminal {
  readonly terminalNo: string;
  readonly merchantNo: string;
  readonly operatorCode: string;
  readonly placeCode: string;
  readonly route: string | undefined;
  readonly batchNo: number;
  readonly masterKey: Uint8Array;
  readonly tpdu: Uint8Array;
  readonly header: Uint8Array;
  /** Whose deny lists it believes; a terminal without it takes none. */
  readonly listKey?: ListKey;
}

/** Absent in data is absent here. */
const stepOf = ({ floorFen, ...step }: DataFreshnessStep): FreshnessStep => ({
  ...step,
  ...(floorFen === undefined ? {} : { floorFen }),
});

export function configurationOf(
  enrolled: EnrolledTerminal,
  profile: TerminalProfile,
  mode: 'metro' | 'bus',
): TerminalConfiguration {
  return {
    terminalNo: enrolled.terminalNo,
    merchantNo: enrolled.merchantNo,
    mode,
    operatorCode: enrolled.operatorCode,
    placeCode: enrolled.placeCode,
    ...(enrolled.route === undefined ? {} : { route: enrolled.route }),
    ...configurationByProfile(profile),
  };
}

/** What a profile says of a terminal, whoever it is: this part changes with a parameter version. */
export function configurationByProfile(profile: TerminalProfile) {
  return {
    ttq: fromHex(profile.ttq),
    capabilities: fromHex(profile.capabilities),
    terminalType: fromHex(profile.terminalType),
    smAlgorithms: profile.smAlgorithms ?? false,
    country: profile.terminalCountry,
    currency: profile.terminalCountry,
    retapWindowMs: profile.retapWindowMs,
    tornRecordMs: profile.tornRecordMs,
    tornRecordsMax: profile.tornRecordsMax,
    ...(profile.tornLateMs === undefined ? {} : { tornLateMs: profile.tornLateMs }),
    ...(profile.denyListAge === undefined ? {} : { denyListAge: profile.denyListAge.map(stepOf) }),
    journalMax: profile.journalMax,
  };
}
