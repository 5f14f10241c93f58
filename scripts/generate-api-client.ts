/**
 * Types of the console's client, from the platform's OpenAPI document. json-schema-to-typescript does the schemas (it
 * needs no TypeScript compiler API, which TypeScript 7 has not); this file only lays out paths the way openapi-fetch reads them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPlatform } from '@polycard/platform';
import { compile } from 'json-schema-to-typescript';

const TARGET = fileURLToPath(new URL('../apps/console/src/generated/api.ts', import.meta.url));
const BLUEPRINT = fileURLToPath(new URL('../blueprints/guangdong', import.meta.url));
const METHODS = ['get', 'put', 'post', 'delete'] as const;

interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>;
}
type Document = { readonly paths: Record<string, Record<string, Operation>> };

async function readDocument(): Promise<Document> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-openapi-'));
  const platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: BLUEPRINT, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: '0', logLevel: 'error', simulationSeed: 'openapi' },
  });
  try {
    return (await (await fetch(`${platform.url}/api/openapi.json`)).json()) as Document;
  } finally {
    await platform.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function objectOf(parameters: Operation['parameters'], place: string): object | undefined {
  const own = (parameters ?? []).filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  return {
    type: 'object',
    properties: Object.fromEntries(own.map((parameter) => [parameter.name, parameter.schema])),
    required: own.filter((parameter) => parameter.required === true).map((parameter) => parameter.name),
    additionalProperties: false,
  };
}

/** The client's types as text; a test compares it with the committed file. */
export async function generateApiClient(): Promise<string> {
  const document = await readDocument();
  const definitions: Record<string, object> = {};
  const paths: string[] = [];
  for (const [path, operations] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const methods: string[] = [];
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation?.operationId === undefined) continue;
      const name = operation.operationId[0]!.toUpperCase() + operation.operationId.slice(1);
      const define = (suffix: string, schema: object | undefined): string | undefined => {
        if (schema === undefined) return undefined;
        definitions[name + suffix] = schema;
        return name + suffix;
      };
      const query = define('Query', objectOf(operation.parameters, 'query'));
      const pathParameters = define('Path', objectOf(operation.parameters, 'path'));
      const body = define('Body', operation.requestBody?.content['application/json']?.schema);
      const answer = define('Answer', operation.responses['200']?.content?.['application/json']?.schema);
      const parameters = `{ query?: ${query ?? 'never'}; header?: never; path${pathParameters === undefined ? '?: never' : `: ${pathParameters}`}; cookie?: never }`;
      const responses = `{ 200: { headers: Record<string, unknown>; content: { 'application/json': ${answer ?? 'never'} } } }`;
      const request =
        body === undefined ? 'requestBody?: never' : `requestBody: { content: { 'application/json': ${body} } }`;
      methods.push(`    ${method}: { parameters: ${parameters}; ${request}; responses: ${responses} };`);
    }
    if (methods.length > 0) paths.push(`  '${path}': {\n${methods.join('\n')}\n  };`);
  }
  const root = {
    title: 'Api',
    type: 'object',
    properties: Object.fromEntries(
      Object.keys(definitions).map((name) => [name, { ...definitions[name], title: name }]),
    ),
    additionalProperties: false,
  };
  const types = await compile(root as never, 'Api', {
    bannerComment: '',
    format: true,
    additionalProperties: false,
    unreachableDefinitions: false,
  });
  return `// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.\n${types}\nexport interface paths {\n${paths.join('\n')}\n}\n`;
}

export async function run(): Promise<void> {
  writeFileSync(TARGET, await generateApiClient());
}
