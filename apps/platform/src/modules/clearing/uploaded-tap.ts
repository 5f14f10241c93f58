/** What a gateway hands over and clearing works on: the shapes of the tap table's JSON columns. */
import type { BusDirection, OperatingMode } from '@polycard/blueprint';
import type { RepairCode } from '@polycard/fares';
import type { ClosedRide } from '@polycard/terminal';
import type { RecordImage } from '../taps/decode-records.ts';

/** F55 without account data: tag to hex. */
export type ClearingData = Readonly<Record<string, string>>;

/** F57, our industry extension, as plain data. */
export interface IndustryData {
  readonly operatorCode: string;
  readonly placeCode: string;
  readonly baseFen: number;
  readonly baseSource: 'network' | 'declared' | 'none';
  readonly classCode: string;
  readonly serviceClassCode: string;
  readonly transferApplied: boolean;
  /** Combined-ride record as the terminal read it before the tap, hex. */
  readonly combinedRideBefore?: string;
  readonly tariffVersion: string;
  readonly records: readonly RecordImage[];
  readonly entryPlaceCode?: string;
  readonly entryTime?: string;
  readonly tornOutcome: 'normal' | 're-read' | 'proof' | 'unresolved' | 'balance';
  readonly homeCity: string;
  readonly route?: string;
  readonly direction?: BusDirection;
  readonly markedFen?: number;
  readonly closedRide?: ClosedRide;
  /** Version of the deny list that the terminal says it held. */
  readonly denyListVersion?: number;
  /** Earlier torn taps of this card whose outcome this visit told; cryptogram in hexadecimal. */
  readonly resolves?: readonly {
    readonly atc: number;
    readonly outcome: 'committed' | 'not-committed';
    readonly cryptogram?: string;
  }[];
  readonly endedCampaigns?: readonly string[];
  readonly modes?: readonly OperatingMode[];
  readonly entryKind?: 'assumed' | 'paid-inside';
  readonly releasedBy?: string;
  readonly repair?: RepairCode;
  /** Clearing's own: how a torn tap that nobody knew about was resolved. */
  readonly tornVerdict?: string;
}
