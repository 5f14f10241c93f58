import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkDuties, type Duties, DutyMatrix, type KeyTree } from '../src/index.ts';
import { DUTY_FAULTS } from './duty-faults.ts';

const read = (name: string): unknown =>
  parse(readFileSync(fileURLToPath(new URL(`../../../blueprints/guangdong/${name}`, import.meta.url)), 'utf8'));
const duties = (): Duties => structuredClone(read('duties.yaml')) as Duties;
const trees = (read('keys.yaml') as { trees: KeyTree[] }).trees;

describe('separation of duties', () => {
  it('holds for Guangdong over every person and every approval chain', () => {
    const report = checkDuties(duties(), trees);
    expect(report.findings).toEqual([]);
    expect(report.chains).toBeGreaterThan(100);
  });

  it.each(Object.entries(DUTY_FAULTS))('finds the planted fault: %s', (_name, { plant, code }) => {
    const matrix = duties();
    plant(matrix);
    const { findings } = checkDuties(matrix, trees);
    expect(findings.map((finding) => finding.code)).toContain(code);
    for (const { message, where } of findings) {
      expect(message.en.length * message.zh.length).toBeGreaterThan(0);
      expect(where).toMatch(/^\//);
    }
  });

  it('names the people of a chain that could obtain both halves', () => {
    const matrix = duties();
    DUTY_FAULTS['administrators grant every role']!.plant(matrix);
    const finding = checkDuties(matrix, trees).findings.find(({ code }) => code === 'chain-obtains-both');
    expect(finding?.people).toEqual(expect.arrayContaining(['he-min', 'you-jia']));
  });

  it('follows included roles and stand-ins, and ends in circles', () => {
    const matrix = duties();
    matrix.roles.find(({ id }) => id === 'witness')!.includes = ['auditor'];
    matrix.roles.find(({ id }) => id === 'auditor')!.includes = ['witness'];
    matrix.people[0]!.standsInFor = ['zhu-hong'];
    matrix.people.find(({ id }) => id === 'zhu-hong')!.standsInFor = ['he-min'];
    const held = new DutyMatrix(matrix).ofPerson(matrix.people[0]!);
    expect(held).toContain('ceremonies.witness');
    expect(held).toContain('ceremonies.prepare');
  });
});
