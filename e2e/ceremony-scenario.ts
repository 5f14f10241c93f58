/** A ceremony on the command line: 3 of 5 custodians, backup, destruction, restore; for the test and for acceptance. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditVerdict, verifyAudit } from '@polycard/audit/verifier';

const POLYCARD = fileURLToPath(new URL('../apps/cli/bin/polycard.js', import.meta.url));
export const CUSTODIANS = ['zhao-lei', 'qian-ying', 'sun-hao', 'li-na', 'zhou-jie'];
const OFFICIALS = [
  { who: 'he-min', role: 'administrator' },
  { who: 'yang-guang', role: 'witness' },
  { who: 'zhu-hong', role: 'auditor' },
];

export interface CeremonyRun {
  readonly status: number | null;
  readonly output: string;
  readonly transcript: AuditVerdict | undefined;
}

export interface CeremonyReport {
  readonly generated: CeremonyRun;
  readonly checkValues: readonly string[];
  readonly destroyed: CeremonyRun & { readonly keystoreIsGone: boolean };
  readonly withTwo: CeremonyRun;
  readonly withWrongShare: CeremonyRun;
  readonly withOneTwice: CeremonyRun;
  readonly restored: CeremonyRun & { readonly checkValues: readonly string[] };
  /** Shares, passphrases: none of it may be in any transcript or output but the share files. */
  readonly secrets: readonly string[];
  readonly written: string;
}

export type CeremonyPlant = 'two-suffice' | 'share-exchanged';

export function runCeremony(plant?: CeremonyPlant): CeremonyReport {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-ceremony-'));
  const at = (name: string): string => join(directory, name);
  const passphrase = (who: string): string => `signing phrase of ${who}`;
  const keystorePassphrase = 'the daily phrase of the keystore';
  let written = '';
  const hold = (
    name: string,
    kind: string,
    custodians: readonly string[],
    shares: Record<string, string>,
    ...args: string[]
  ): CeremonyRun => {
    const participants = [...OFFICIALS, ...custodians.map((who) => ({ who, role: 'custodian' }))];
    const answers = Object.fromEntries(
      participants.map(({ who }) => [
        who,
        {
          passphrase: passphrase(who),
          keystorePassphrase,
          ...(shares[who] === undefined ? {} : { share: shares[who] }),
        },
      ]),
    );
    writeFileSync(at(`${name}.json`), JSON.stringify({ participants, answers }));
    const run = spawnSync(
      process.execPath,
      [
        ...[POLYCARD, 'keys', 'ceremony', '--kind', kind, '--tree', 'activation', '--script', at(`${name}.json`)],
        ...['--keystore', at('keystore.json'), '--transcript', at(`${name}.ndjson`), '--json', ...args],
      ],
      { encoding: 'utf8', input: '' },
    );
    const text = existsSync(at(`${name}.ndjson`)) ? readFileSync(at(`${name}.ndjson`), 'utf8') : '';
    written += `${text}${run.stdout}${run.stderr}`;
    return {
      status: run.status,
      output: run.stdout + run.stderr,
      transcript: text === '' ? undefined : verifyAudit(Buffer.from(text)),
    };
  };
  try {
    const backup = ['--backup', at('backup.json')];
    const generated = hold('generate', 'generate', CUSTODIANS, {}, '--shares-to', at('shares'), ...backup);
    const shares = Object.fromEntries(
      CUSTODIANS.map((who) => [who, readFileSync(at(`shares/${who}.share`), 'utf8').trim()]),
    );
    const keysOf = (text: string): string[] =>
      [...text.matchAll(/"checkValue":"([0-9A-F]{6})"/g)].map(([, value]) => value!);
    const destroyed = {
      ...hold('destroy', 'destroy', CUSTODIANS.slice(0, 2), {}),
      keystoreIsGone: !existsSync(at('keystore.json')),
    };
    const some = (...who: string[]): Record<string, string> =>
      Object.fromEntries(who.map((name) => [name, shares[name]!]));
    const [a, b, c] = CUSTODIANS as [string, string, string];
    const withTwo = hold('two', 'restore', plant === 'two-suffice' ? [a, b, c] : [a, b], some(a, b, c), ...backup);
    if (plant === 'two-suffice') rmSync(at('keystore.json'), { force: true });
    // a share of the right set that was changed and given a fitting check, so that only its commitment tells
    const withWrongShare = hold('wrong', 'restore', [a, b, c], { ...some(a, b), [c]: forged(shares[c]!) }, ...backup);
    const withOneTwice = hold('twice', 'restore', [a, b, c], { ...some(a, b), [c]: shares[a]! }, ...backup);
    const last = plant === 'share-exchanged' ? { ...some(a, b), [c]: forged(shares[c]!) } : some(a, b, c);
    const restored = hold('restore', 'restore', [a, b, c], last, ...backup);
    return {
      generated,
      checkValues: [...new Set(keysOf(readFileSync(at('generate.ndjson'), 'utf8')))].sort(),
      destroyed,
      withTwo,
      withWrongShare,
      withOneTwice,
      restored: { ...restored, checkValues: [...new Set(keysOf(restored.output))].sort() },
      secrets: [...Object.values(shares), ...CUSTODIANS.map(passphrase), keystorePassphrase],
      written,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One hex digit of the data changed and the check made to fit again. */
function forged(share: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const bytes = Buffer.from(share.replaceAll('-', ''), 'hex');
  bytes[20]! ^= 0x10;
  const body = bytes.subarray(0, bytes.length - 4);
  const check = createHash('sha256').update(body).digest().subarray(0, 4);
  return Buffer.concat([body, check]).toString('hex').toUpperCase();
}
