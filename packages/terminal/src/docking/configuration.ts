/** Who a terminal is by its enrolment, and its configuration once set `CAP` says what it can. */
import type { TerminalProfile } from '@polycard/blueprint';
import { fromHex } from '@polycard/bytes';
import type { TerminalConfiguration } from '../configuration.ts';

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
}

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
    journalMax: profile.journalMax,
  };
}
