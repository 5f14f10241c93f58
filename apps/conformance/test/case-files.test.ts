/** Mistakes in case files are named before anything is played. */
import { readFileSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { CASES_DIRECTORY, parseCases, readCases } from '../src/case-files.ts';
import { hostSteps } from '../src/host/step.ts';
import { identityOf, parseEnrolment } from '../src/line/identity.ts';

const GOOD = `
- id: host.example
  class: function
  title: { en: Example, zh: 示例 }
  clause: nowhere
  steps:
    - send: echo
      expect: { code: '00' }
`;
const refused = (work: () => unknown): PolycardError => {
  try {
    work();
  } catch (error) {
    if (error instanceof PolycardError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('case files', () => {
  it('a case as it must be is read', () => {
    const [found] = parseCases(GOOD, 'mine.yaml');
    expect(hostSteps(found!.id, found!.steps)).toEqual([{ send: 'echo', expect: { code: '00' } }]);
  });

  it.each([
    ['class: function', 'class: fun', 'class'],
    ['id: host.example', 'id: Host Example', 'id'],
    ['zh: 示例', 'de: Beispiel', 'title'],
    ['clause: nowhere', 'clauses: nowhere', 'clause'],
    ['  steps:', '  stepz:', 'steps'],
    ['en: Example', 'en: Example, again', 'title'],
  ])('%s written as %s is refused by its name', (right, wrong, where) => {
    const error = refused(() => parseCases(GOOD.replace(right, wrong), 'mine.yaml'));
    expect(error.code).toBe('POLYCARD_CONFORM_CASE');
    expect(error.message).toContain(where);
  });

  it('a step or an expectation that nobody would play is refused', () => {
    const steps = (text: string) => parseCases(GOOD.replace("{ code: '00' }", text), 'mine.yaml')[0]!;
    const unknown = steps('{ codes: [1] }');
    expect(refused(() => hostSteps(unknown.id, unknown.steps)).message).toContain('codes');
    expect(refused(() => parseCases('- just text', 'mine.yaml')).code).toBe('POLYCARD_CONFORM_CASE');
    expect(refused(() => parseCases('{ not: a list }', 'mine.yaml')).code).toBe('POLYCARD_CONFORM_CASE');
    expect(refused(() => parseCases('- [unclosed', 'mine.yaml')).code).toBe('POLYCARD_CONFORM_CASE');
  });
});

describe('docs/conformance.md', () => {
  it('has every case of the kit', () => {
    const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
    const ids = (['host', 'terminal', 'card'] as const).flatMap((kind) => readCases(`${CASES_DIRECTORY}/${kind}`));
    expect(ids.filter(({ id }) => !page.includes(`\`${id}\``)).map(({ id }) => id)).toEqual([]);
  });
});

describe('an enrolment file', () => {
  const enrolment = {
    ...{ terminal: '10000001', merchant: '888888888880301', tpdu: '6000030000', header: '613100313031' },
    masterKey: 'B0096K0TD00N00004C1B3964E77118D71BE9797ED170B9B316B2471A708FF0C1148473854C6D5EB8F9AB084EEB0265B4',
  };

  it.each(Object.keys(enrolment))('without %s is refused by that name', (name) => {
    const error = refused(() => parseEnrolment(JSON.stringify({ ...enrolment, [name]: undefined })));
    expect(error).toMatchObject({ code: 'POLYCARD_CONFORM_ENROLMENT', where: name });
  });

  it('with a master key under another zone key does not open', () => {
    const error = refused(() => identityOf(parseEnrolment(JSON.stringify(enrolment)), new Uint8Array(16).fill(7)));
    expect(error.code).toBe('POLYCARD_KEY_BLOCK');
    expect(refused(() => parseEnrolment('no json')).code).toBe('POLYCARD_CONFORM_ENROLMENT');
  });
});
