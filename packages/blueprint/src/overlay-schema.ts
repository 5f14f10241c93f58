/** The JSON Schema of a file in an overlay, made from the schema of the whole file: nothing is required, marks are allowed. */

type JsonSchema = Readonly<Record<string, unknown>>;

const REMOVE_ALL: JsonSchema = {
  type: 'object',
  properties: { remove: { const: 'all', description: "First item: take nothing of the parent's list" } },
  required: ['remove'],
  additionalProperties: false,
};

const MARKS: Readonly<Record<string, JsonSchema>> = {
  remove: { const: true, description: "Remove this item of the parent's list" },
  replace: { const: true, description: 'Take nothing of what the parent has here' },
};

const LEAVE_OUT: JsonSchema = {
  type: 'array',
  items: { type: 'string' },
  description: 'Files of the blueprint it extends that do not hold here, e.g. networks/shenzhen-metro.yaml',
};

/** `name` is the kind of file: the manifest of an overlay may leave files of its parent out. */
export function overlaySchema(name: string, schema: JsonSchema): JsonSchema {
  const relaxed = relax(schema);
  if (name !== 'blueprint') return relaxed;
  return {
    ...relaxed,
    properties: { ...(relaxed['properties'] as JsonSchema), leaveOut: LEAVE_OUT },
    required: ['extends'],
  };
}

function relax(schema: JsonSchema): JsonSchema {
  const { required: _required, minItems: _minItems, ...kept } = schema;
  const changed: Record<string, unknown> = { ...kept };
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[key];
    if (Array.isArray(branches)) changed[key] = branches.map((branch: JsonSchema) => relax(branch));
  }
  for (const key of ['patternProperties', '$defs'] as const) {
    if (schema[key] !== undefined) changed[key] = mapValues(schema[key] as Record<string, JsonSchema>, relax);
  }
  if (schema['items'] !== undefined) {
    const items = relax(schema['items'] as JsonSchema);
    changed['items'] = isScalar(items) ? items : { anyOf: [REMOVE_ALL, items] };
  }
  if (schema['properties'] !== undefined) {
    const own = mapValues(schema['properties'] as Record<string, JsonSchema>, nullable);
    changed['properties'] = { ...own, ...MARKS };
  }
  return changed;
}

const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [relax(schema), { type: 'null' }] });

function isScalar({ type }: JsonSchema): boolean {
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean';
}

function mapValues(of: Record<string, JsonSchema>, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(of).map(([key, schema]) => [key, change(schema)]));
}
