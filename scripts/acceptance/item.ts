import { spawnSync } from 'node:child_process';

export interface AcceptanceItem {
  readonly title: string;
  /** Faults that `--plant` knows; each must make the item fail. */
  readonly plants: readonly string[];
  /** Gives what does not hold; prints figures on its way. */
  readonly run: (plant: string | undefined) => Promise<string[]>;
}

/** Collects what does not hold. */
export class Findings {
  readonly list: string[] = [];

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.list.push(otherwise);
  }

  equal(found: unknown, expected: unknown, what: string): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
    if (a !== b) this.list.push(`${what}: expected ${b}, found ${a}`);
  }
}

export function figure(name: string, value: string | number): void {
  process.stdout.write(`  ${name.padEnd(44)} ${typeof value === 'number' ? value.toLocaleString('en') : value}\n`);
}

/** Vitest over these files; with `plant` an environment variable tells the suite what to break. */
export async function tests(files: readonly string[], environment: Record<string, string> = {}): Promise<string[]> {
  // a planted fault is found by the first test that fails; the others would only wait for it in vain
  const bail = environment['POLYCARD_PLANT'] === undefined ? [] : ['--bail=1'];
  const { status } = spawnSync('vitest', ['run', ...bail, ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return status === 0 ? [] : [`vitest run ${files.join(' ')} ended with ${status}`];
}
