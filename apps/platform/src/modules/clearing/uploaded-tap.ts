/** What a gateway hands over and clearing works on: the shapes of the tap table's JSON columns. */
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
  readonly tornOutcome: 'normal' | 're-read' | 'proof' | 'unresolved';
  readonly homeCity: string;
  readonly route?: string;
  /** Version of the deny list that the terminal says it held. */
  readonly denyListVersion?: number;
}
