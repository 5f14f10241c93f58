/** A record of the field, whatever its format: what was tapped, where, and what the rider was charged. */
export interface TapRecord {
  /** Line of the file it stands on (1 is the header). */
  readonly line: number;
  readonly cardNo: string;
  /** Local time, YYYYMMDDhhmmss. */
  readonly at: string;
  readonly kind: 'entry' | 'exit' | 'boarding';
  readonly chargedFen: number;
  readonly baseFen: number;
  readonly deviceNo: string;
  readonly company: string;
  /** Station, or the bus route; empty when unknown. */
  readonly place: string;
  readonly vehicle: string;
  readonly markedTransfer: boolean;
}

/** A row that is no tap: kept with its reason, counted as refused. */
export interface UnreadableRecord {
  readonly line: number;
  readonly field: string;
  readonly reason: string;
}

export interface RecordFile {
  readonly records: readonly TapRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}
