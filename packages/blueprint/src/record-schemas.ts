/** JSON Schemas of what records decode to, for those who get decoded records: hosts, analysts, other languages. */
import type { Blueprint } from './blueprint.ts';
import type { RecordLayout } from './record-codec.ts';
import type { RecordField } from './schema/field.ts';

export interface RecordSchema {
  /** `<application>.<record>.schema.json` */
  readonly fileName: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One for each record and file layout of the blueprint, in its order. */
export function recordSchemas({ applications, manifest }: Blueprint): RecordSchema[] {
  return applications.flatMap(({ application, files }) =>
    files.flatMap((file) =>
      (file.records ?? []).map((record) => ({
        fileName: `${application}.${record.name}.schema.json`,
        schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          title: `${manifest.name.en}, ${application}: ${record.title.en} · ${record.title.zh}`,
          ...objectSchema(record),
        },
      })),
    ),
  );
}

function objectSchema({ fields }: RecordLayout): Record<string, unknown> {
  const decoded = fields.filter(({ coding }) => coding !== 'rfu');
  return {
    type: 'object',
    properties: Object.fromEntries(decoded.map((field) => [field.name, fieldSchema(field)])),
    required: decoded.map(({ name }) => name),
    additionalProperties: false,
  };
}

function fieldSchema(field: RecordField): Record<string, unknown> {
  const { title, unit, clause, values = {} } = field;
  const meanings = Object.entries(values).map(([code, { en, zh }]) => `${code} ${en} · ${zh}`);
  const words = [`${title.en} · ${title.zh}`, unit, clause, ...meanings].filter((word) => word !== undefined);
  return { ...valueSchema(field), description: words.join('; ') };
}

function valueSchema({ coding, length }: RecordField): Record<string, unknown> {
  const digits = length * 2;
  switch (coding) {
    case 'uint':
      return { type: 'integer', minimum: 0, maximum: Math.min(256 ** length - 1, Number.MAX_SAFE_INTEGER) };
    case 'sint':
      return { type: 'integer', minimum: -(256 ** length) / 2, maximum: 256 ** length / 2 - 1 };
    case 'bcd':
      return { type: 'integer', minimum: 0, maximum: Math.min(10 ** digits - 1, Number.MAX_SAFE_INTEGER) };
    case 'digits':
      return { type: 'string', pattern: `^[0-9]{${digits}}$` };
    case 'date':
    case 'datetime':
      return { type: 'string', pattern: `^([0-9]{${digits}})?$` };
    case 'ascii':
    case 'gb18030':
      return { type: 'string', maxLength: length };
    default:
      return { type: 'string', pattern: `^[0-9A-F]{${digits}}$` };
  }
}
