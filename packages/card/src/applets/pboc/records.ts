/**
 * Payment records: as personalised, or as the issuer has updated them since. An updated record lies behind the logs,
 * among the extended ones, from its first UPDATE RECORD on; it keeps the room it was personalised with.
 */
import type { MemoryWrite } from '../../os/memory.ts';
import type { PbocContext } from './context.ts';
import { INTERNAL_DATA_GROUPINGS, type RecordName, recordGrouping } from './image.ts';

/** A record as personalised; undefined for one that is none or is the card's own. */
export function personalisedRecord({ image }: PbocContext, name: RecordName): Uint8Array | undefined {
  const dgi = recordGrouping(name);
  if (name.sfi === 0 || name.sfi > 0x1e || (INTERNAL_DATA_GROUPINGS as readonly string[]).includes(dgi))
    return undefined;
  const isLast = image.qpboc?.lastRecord !== undefined && dgi === recordGrouping(image.qpboc.lastRecord);
  return isLast ? image.lastRecord : image.groupings.get(dgi);
}

/** A record as it is read now. */
export function currentRecord(context: PbocContext, name: RecordName): Uint8Array | undefined {
  const personalised = personalisedRecord(context, name);
  return personalised === undefined ? undefined : (context.files.updatedRecord(name) ?? personalised);
}

export function recordUpdateWrite(
  { files }: PbocContext,
  name: RecordName,
  capacityBytes: number,
  record: Uint8Array,
): MemoryWrite {
  return files.updatedRecordWrite(name, capacityBytes, record);
}
