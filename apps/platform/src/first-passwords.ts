/**
 * First passwords of the people of duties.yaml, in a file that only its owner reads: each is handed to its person, who
 * changes it (`polycard account password`), and the file is deleted. The store keeps hashes only.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

export const FIRST_PASSWORDS = 'first-passwords.txt';

/** Gives the file's path when there were some. */
export function keepFirstPasswords(
  directory: string,
  accounts: readonly { readonly name: string; readonly password: string }[],
): string | undefined {
  if (accounts.length === 0) return undefined;
  const path = join(directory, FIRST_PASSWORDS);
  const lines = accounts.map(({ name, password }) => `${name.padEnd(20)} ${password}\n`);
  appendFileSync(path, lines.join(''), { mode: 0o600 });
  return path;
}
