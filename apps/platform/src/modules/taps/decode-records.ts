/** Card records for screens: every field with its title, place in the record, bytes and value in words. */
import { cappApplications, type RecordField, type RecordValues } from '@polycard/blueprint';
import { fromHex, toHex } from '@polycard/bytes';
import type { Static } from 'typebox';
import type { Region } from '../../region.ts';
import type { DecodedField, DecodedRecord } from '../api-types.ts';

/** A record as a tap wrote it. */
export interface RecordImage {
  readonly sfi: string;
  readonly hex: string;
}

export function decodeRecordImages(region: Region, images: readonly RecordImage[]): Static<typeof DecodedRecord>[] {
  return images.flatMap((image) => {
    const decoded = decodeRecordImage(region, image);
    return decoded === undefined ? [] : [decoded];
  });
}

function decodeRecordImage(region: Region, image: RecordImage): Static<typeof DecodedRecord> | undefined {
  const bytes = fromHex(image.hex);
  for (const application of cappApplications(region.blueprint)) {
    const file = application.files.find((candidate) => candidate.sfi === image.sfi);
    const record = file?.records.find(
      (candidate) => candidate.recordId === undefined || candidate.recordId === image.hex.slice(0, 4),
    );
    if (record === undefined) continue;
    const values = region.records.get(record.name)!.codec.decode(bytes);
    return {
      application: application.application,
      record: record.name,
      title: record.title,
      sfi: image.sfi,
      ...(record.recordId === undefined ? {} : { recordId: record.recordId }),
      hex: image.hex,
      fields: decodedFields(record.fields, bytes, values),
    };
  }
  return undefined;
}

/** Fields with their bytes and their values in words, as they lie on the card: an overlay may have moved some. */
export function decodedFields(
  fields: readonly RecordField[],
  bytes: Uint8Array,
  values: RecordValues,
): Static<typeof DecodedField>[] {
  return [...fields]
    .sort((a, b) => a.offset - b.offset)
    .map((field) => {
      const hex = toHex(bytes.subarray(field.offset, field.offset + field.length));
      const meaning = field.values?.[hex];
      const value = String(values[field.name] ?? '');
      return {
        name: field.name,
        title: field.title,
        offset: field.offset,
        lengthBytes: field.length,
        hex,
        value:
          meaning === undefined
            ? `${value}${field.unit === undefined || value === '' ? '' : ` ${field.unit}`}`
            : `${meaning.en} · ${meaning.zh}`,
        ...(field.clause === undefined ? {} : { clause: field.clause }),
      };
    });
}
