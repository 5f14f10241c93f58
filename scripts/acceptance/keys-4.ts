/** keys.4: activation and management never in one hand: API, CLI, vault, and the checker of the matrix. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Duties } from '@polycard/blueprint';
import { parse, stringify } from 'yaml';
import { DUTY_FAULTS } from '../../packages/blueprint/test/duty-faults.ts';
import { type AcceptanceItem, Findings, figure, tests } from './item.ts';

const POLYCARD = fileURLToPath(new URL('../../apps/cli/bin/polycard.js', import.meta.url));
const BLUEPRINT = fileURLToPath(new URL('../../blueprints/guangdong', import.meta.url));
/** Faults whose finding is expected; the plants below damage the sound matrix instead. */
const PLANTS: Readonly<Record<string, string>> = {
  'both-halves': 'a person has a role of each half',
  'zero-approvals': 'an act without approval',
  'own-request': 'who asks may approve',
};

function check(directory: string, duties: Duties): { status: number | null; codes: string[] } {
  writeFileSync(join(directory, 'duties.yaml'), stringify(duties));
  const run = spawnSync(process.execPath, [POLYCARD, 'keys', 'duties', 'check', directory, '--json'], {
    encoding: 'utf8',
  });
  const { findings } = JSON.parse(run.stdout) as { findings: { code: string }[] };
  return { status: run.status, codes: findings.map(({ code }) => code) };
}

async function separate(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-keys-4-'));
  try {
    cpSync(BLUEPRINT, directory, { recursive: true });
    const sound = (): Duties => parse(readFileSync(join(BLUEPRINT, 'duties.yaml'), 'utf8')) as Duties;
    const matrix = sound();
    if (plant !== undefined) DUTY_FAULTS[PLANTS[plant]!]!.plant(matrix);
    findings.equal(check(directory, matrix), { status: 0, codes: [] }, 'the matrix of Guangdong');
    if (plant !== undefined) return findings.list;
    let found = 0;
    for (const [name, fault] of Object.entries(DUTY_FAULTS)) {
      const faulty = sound();
      fault.plant(faulty);
      const { status, codes } = check(directory, faulty);
      const isFound = status === 1 && codes.includes(fault.code);
      found += isFound ? 1 : 0;
      findings.expect(isFound, `${name}: ended with ${status}, found ${codes.join(', ') || 'nothing'}`);
    }
    figure('planted faults, found', `${Object.keys(DUTY_FAULTS).length}, ${found}`);
    findings.list.push(...(await tests(['packages/vault/test/custody.test.ts', 'e2e/duties.test.ts'])));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return findings.list;
}

export const KEYS_4: AcceptanceItem = {
  title: 'activation and management are separate at API, CLI and vault; faults of the matrix are found',
  plants: Object.keys(PLANTS),
  run: separate,
};
