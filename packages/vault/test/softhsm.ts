/** A SoftHSM2 of its own for tests and benches: a fresh token in a folder of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SOFTHSM_LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';
export const TEST_PIN = '493827';

export interface TestToken {
  /** As `--vault` takes it. */
  readonly address: string;
  /** For processes that open it: where SoftHSM finds its tokens, and the PIN. */
  readonly environment: { readonly SOFTHSM2_CONF: string; readonly POLYCARD_PKCS11_PIN: string };
  remove(): void;
}

/** One token, or several whose labels count on from the first: `polycard-1`, `polycard-2` … */
export function makeToken(label = 'polycard', count = 1): TestToken {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-softhsm-'));
  const tokens = join(directory, 'tokens');
  mkdirSync(tokens);
  const configuration = join(directory, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  for (let index = 0; index < count; index++) addToken(configuration, label.replace(/1$/, String(index + 1)));
  return {
    address: `pkcs11:${SOFTHSM_LIBRARY}?token=${label}`,
    environment: { SOFTHSM2_CONF: configuration, POLYCARD_PKCS11_PIN: TEST_PIN },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Tokens must be there before the library starts in a process. */
export function addToken(configuration: string, label: string): void {
  execFileSync(
    'softhsm2-util',
    ['--init-token', '--free', '--label', label, '--pin', TEST_PIN, '--so-pin', '11223344'],
    { env: { ...process.env, SOFTHSM2_CONF: configuration }, stdio: 'ignore' },
  );
}
