/** The password of an account: from the call, a file, the environment, or asked for at the terminal, unseen. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { PolycardError } from '@polycard/bytes';

export interface PasswordOptions {
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
}

export const hasPassword = ({ password, passwordFile }: PasswordOptions): boolean =>
  [password, passwordFile, process.env['POLYCARD_PASSWORD']].some((given) => given !== undefined && given !== '');

/** Throws `POLYCARD_CLI_ARGUMENT` when there is none and nobody to ask. */
export async function passwordOf(
  account: string,
  { password, passwordFile }: PasswordOptions,
  prompt = `password of ${account}`,
): Promise<string> {
  if (password !== undefined && password !== '') return password;
  if (passwordFile !== undefined) return fromFile(account, passwordFile);
  const fromEnvironment = process.env['POLYCARD_PASSWORD'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (process.stdin.isTTY) return ask(prompt);
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `a password is needed for ${account}`, {
    where: '--password',
    expected: 'the password, --password-file FILE, or POLYCARD_PASSWORD in the environment',
  });
}

/** A file with the password alone, or with lines of NAME PASSWORD as the first start writes them. */
function fromFile(account: string, path: string): string {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const named = lines.map((line) => line.trim().split(/\s+/)).find(([name, value]) => name === account && value);
  const alone = lines.length === 1 && !/\s/.test(lines[0]!.trim()) ? lines[0]!.trim() : undefined;
  const found = named?.[1] ?? alone;
  if (found !== undefined) return found;
  throw new PolycardError('POLYCARD_CLI_ARGUMENT', `${path} holds no password of ${account}`, {
    where: '--password-file',
    expected: 'a file with the password alone, or with a line NAME PASSWORD',
  });
}

export async function ask(words: string): Promise<string> {
  process.stderr.write(`${words}: `);
  const echo = (mode: 'echo' | '-echo') => spawnSync('stty', [mode], { stdio: ['inherit', 'ignore', 'ignore'] });
  echo('-echo');
  const reader = createInterface({ input: process.stdin, terminal: false });
  try {
    const { value } = await reader[Symbol.asyncIterator]().next();
    return (value as string | undefined)?.trim() ?? '';
  } finally {
    reader.close();
    echo('echo');
    process.stderr.write('\n');
  }
}
