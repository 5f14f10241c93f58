/** Example records: what a specification's fields look like filled in, the same every time. */
import { toHex } from '@polycard/bytes';
import { compileRecord, type RecordLayout, type RecordValue, type RecordValues } from './record-codec.ts';
import type { RecordField } from './schema/field.ts';

export interface ExampleRecord {
  readonly bytes: Uint8Array;
  readonly values: RecordValues;
}

/** Values that decode again: the last value a field knows a meaning for, else something of its coding and length. */
export function exampleOf(record: RecordLayout): ExampleRecord {
  const codec = compileRecord(record);
  const given = record.fields
    .filter(({ coding }) => coding !== 'rfu')
    .map((field, index) => [field.name, exampleValue(field, index + 1)] as const);
  const bytes = codec.encode(Object.fromEntries(given));
  return { bytes, values: codec.decode(bytes) };
}

function exampleValue(field: RecordField, index: number): RecordValue {
  const known = Object.keys(field.values ?? {}).at(-1);
  switch (field.coding) {
    case 'uint':
    case 'sint':
      return known === undefined ? Math.min(index * 25, 100) : Number.parseInt(known, 16);
    case 'bcd':
      return Math.min(index * 25, 99);
    case 'digits':
      return known ?? String(index).padStart(field.length * 2, '0');
    case 'datetime':
      return '20180901083000';
    case 'date':
      return '20180901';
    case 'ascii':
      return 'A1B2C3D4E5F6'.slice(0, field.length);
    case 'gb18030':
      return '示例'.slice(0, Math.floor(field.length / 2));
    default:
      return known ?? field.initial ?? toHex(new Uint8Array(field.length).fill(index & 0xff));
  }
}
