import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@polycard/bytes';
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
