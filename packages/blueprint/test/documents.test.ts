import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@polycard/bytes';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import {
  applyPatch,
  type BlueprintFile,
  blueprintDocuments,
  compileRecord,
  diffBlueprints,
  exampleOf,
  loadBlueprint,
  type PatchOperation,
  recordSchemas,
} from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
const files: BlueprintFile[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') }));
const guangdong = loadBlueprint(files);

describe('documents', () => {
  const documents = blueprintDocuments(guangdong);

  it('are an index and one page for each application, each naming every field in both languages', () => {
    expect(documents.map(({ name }) => name)).toEqual([
      'index.html',
      ...guangdong.applications.map(({ application }) => `${application}.html`),
    ]);
    for (const application of guangdong.applications) {
      const { html } = documents.find(({ name }) => name === `${application.application}.html`)!;
      expect(html).toContain(application.name.zh);
      for (const field of application.files.flatMap((file) => file.records ?? []).flatMap((record) => record.fields)) {
        expect(html).toContain(`<code>${field.name}</code>`);
        expect(html).toContain(field.title.zh);
      }
    }
  });

  it('show example bytes that decode to the example values beside them', () => {
    const metro = guangdong.applications.find(({ application }) => application === 'metro')!.files[0]!.records![0]!;
    const { bytes, values } = exampleOf(metro);
    expect(compileRecord(metro).decode(bytes)).toEqual(values);
    expect(documents.find(({ name }) => name === 'metro.html')!.html).toContain(toHex(bytes));
  });

  it('state card classes with their review, the PIN, and every data object with its grouping', () => {
    const html = (application: string) => documents.find(({ name }) => name === `${application}.html`)!.html;
    const student = guangdong.cards.classes.find(({ id }) => id === 'student')!;
    expect(html('metro')).toContain(student.name.zh);
    expect(html('metro')).toMatch(/<td>72<\/td><td>12<\/td><td>30<\/td>/);
    expect(html('health')).toContain('<code>health-pin-unblock</code>');
    expect(html('pboc')).toContain('<h3>DGI <code>9102</code></h3>');
    expect(html('pboc')).toContain('<code>A5/BF0C</code>');
  });

  it('hold no markup of the blueprint', () => {
    const patch: PatchOperation[] = [
      { file: 'applications/water.yaml', op: 'replace', path: '/name/en', value: '<script>x</script>' },
    ];
    const pages = blueprintDocuments(loadBlueprint(applyPatch(files, patch)));
    expect(pages.some(({ html }) => html.includes('<script>'))).toBe(false);
  });
});

describe('JSON Schemas of decoded records', () => {
  const ajv = new Ajv({ strict: false, validateSchema: false });

  it('accept the example of each record, and neither a field too many nor one too few nor a value out of range', () => {
    const layouts = guangdong.applications.flatMap(({ files: all }) => all.flatMap((file) => file.records ?? []));
    const schemas = recordSchemas(guangdong);
    expect(schemas.length).toBe(layouts.length);
    for (const [index, { schema, fileName }] of schemas.entries()) {
      const { $schema: _dialect, ...rest } = schema;
      const validate = ajv.compile(rest);
      const values = compileRecord(layouts[index]!).decode(exampleOf(layouts[index]!).bytes);
      expect([fileName, validate(values), validate.errors]).toEqual([fileName, true, null]);
      expect([fileName, validate({ ...values, another: 1 })]).toEqual([fileName, false]);
      const [first] = Object.keys(values);
      const { [first!]: left, ...others } = values;
      expect([fileName, validate(others)]).toEqual([fileName, false]);
      expect([fileName, validate({ ...values, [first!]: typeof left === 'number' ? -(2 ** 60) : 5 })]).toEqual([
        fileName,
        false,
      ]);
    }
  });
});

describe('the difference of two editions', () => {
  const changedBy = (file: string, path: string, value: unknown, op: PatchOperation['op'] = 'replace') =>
    diffBlueprints(guangdong, loadBlueprint(applyPatch(files, [{ file, op, path, value }])));

  it('of an edition to itself is nothing', () => {
    expect(diffBlueprints(guangdong, guangdong)).toEqual({ changes: [], verdict: 'keep-working' });
  });

  it.each([
    ['keep-working', 'applications/metro.yaml', '/files/0/records/0/fields/0/title/en', 'Validity'],
    ['keep-working', 'settlement.yaml', '/fees/0/perMille', 6],
    ['parameter-download', 'tariffs/metro.yaml', '/baseFare/startFen', 300],
    ['parameter-download', 'terminals.yaml', '/profiles/0/retapWindowMs', 4000],
    ['issuer-script', 'cards.yaml', '/products/0/electronicCash/singleTransactionLimitFen', 50_000],
    ['new-card', 'keys.yaml', '/trees/3/algorithm', 'SM4'],
    ['new-card', 'applications/bus.yaml', '/files/0/sfi', '18'],
  ] as const)('%s: %s#%s', (verdict, file, path, value) => {
    const { changes, verdict: whole } = changedBy(file, path, value);
    expect(whole).toBe(verdict);
    expect(changes.length).toBeGreaterThan(0);
  });
});
