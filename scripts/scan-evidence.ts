/**
 * The last step of the test command: everything the run produced, searched for every key and account number its regions
 * had. Before that each form of a secret is planted and must be found, so that a search that finds nothing means something.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isReadableRegion, type LeftByRegion, publicFiles, readRegion } from '../e2e/evidence/region.ts';
import { SecretSearch } from '../e2e/evidence/search.ts';

export interface EvidenceReport {
  readonly regions: number;
  readonly unreadable: number;
  readonly keys: number;
  readonly accountNumbers: number;
  /** Characters by kind of source. */
  readonly searched: Readonly<Record<string, number>>;
  /** Forms a planted secret was not found in. */
  readonly missedCanaries: readonly string[];
  /** `SECRET in SOURCE as FORM`; names, never the secret. */
  readonly found: readonly string[];
}

export async function scanEvidence(directory: string, plant?: 'key' | 'account-number'): Promise<EvidenceReport> {
  const search = new SecretSearch();
  const sources: { readonly kind: string; readonly name: string; readonly text: string }[] = [];
  const folder = join(directory, 'regions');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const secrets: LeftByRegion[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (!isReadableRegion(path)) continue;
    const region = await readRegion(path);
    secrets.push(region);
    for (const key of region.keys) search.addKey(key.name, key.clear);
    for (const { name: card, pan } of region.accountNumbers) search.addAccountNumber(card, pan);
    sources.push({ kind: 'database rows', name, text: region.rows });
    // the database's own files hold the rows once more, and megabytes of its catalogue
    sources.push({ kind: 'files', name, text: publicFiles(path, 'database') });
  }
  for (const file of readdirSync(directory).filter((entry) => entry.endsWith('.txt'))) {
    const kind = { answers: 'API answers', errors: 'error texts', output: 'output of processes' }[file.split('-')[0]!];
    sources.push({ kind: kind ?? file, name: file, text: readFileSync(join(directory, file), 'latin1') });
  }
  const [first] = secrets;
  if (plant === 'key') sources.push({ kind: 'planted', name: 'log', text: hexOf(first!.keys[0]!.clear) });
  if (plant === 'account-number') {
    const { pan } = secrets.flatMap(({ accountNumbers }) => accountNumbers)[0]!;
    sources.push({ kind: 'planted', name: 'answer', text: `{"pan":"${pan}"}` });
  }
  const searched: Record<string, number> = {};
  const found: string[] = [];
  for (const { kind, name, text } of sources) {
    searched[kind] = (searched[kind] ?? 0) + text.length;
    for (const { secret, form } of search.search(text)) found.push(`${secret} in ${kind} (${name}) as ${form}`);
  }
  return {
    ...{ regions: secrets.length, unreadable: names.length - secrets.length, ...search.counts },
    ...{ searched, found, missedCanaries: missedCanaries(search, secrets) },
  };
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A key and an account number of the run, written in each form, must be found in that form. */
function missedCanaries(search: SecretSearch, secrets: readonly LeftByRegion[]): string[] {
  const key = secrets.flatMap(({ keys }) => keys).find(({ clear }) => clear.length >= 16)?.clear;
  const pan = secrets.flatMap(({ accountNumbers }) => accountNumbers)[0]?.pan;
  if (key === undefined || pan === undefined) return ['there was no key and no account number to look for'];
  const bytes = Buffer.from(key);
  const planted: readonly (readonly [form: string, what: string, text: string])[] = [
    ['hex', 'hex', `key=${bytes.toString('hex')};`],
    ['hex', 'hex in pairs', bytes.toString('hex').match(/../g)!.join(' ')],
    ['decimal bytes', 'decimal bytes', `[${[...bytes].join(', ')}]`],
    ['base64', 'base64', `"${bytes.toString('base64')}"`],
    ['base64', 'base64, shifted', Buffer.concat([Buffer.from('k'), bytes]).toString('base64')],
    ['base64', 'base64, shifted by two', Buffer.concat([Buffer.from('kk'), bytes]).toString('base64url')],
    ['raw', 'raw', `x${bytes.toString('latin1')}x`],
    ['digits', 'digits', `card ${pan} refused`],
    ['digits', 'digits in groups', pan.replace(/(.{4})(?=.)/g, '$1 ')],
    ['digits', 'track 2', `${pan}D2812220`],
    ['hex of its text', 'hex of its text', Buffer.from(pan).toString('hex')],
  ];
  return planted
    .filter(([form, , text]) => !search.search(text).some((found) => found.form === form))
    .map(([, what]) => what);
}

/** `node scripts/scan-evidence.ts DIR` prints what was searched; exit 1 when something was found. DIR is removed. */
async function main(directory: string): Promise<void> {
  const report = await scanEvidence(directory);
  const { regions, keys, accountNumbers, searched, found, missedCanaries: missed } = report;
  process.stdout.write(
    `secrets of ${regions} regions of this run: ${keys} keys and ${accountNumbers} account numbers looked for in ${Object.entries(
      searched,
    )
      .map(([kind, characters]) => `${kind} (${(characters / 1e6).toFixed(1)} MB)`)
      .join(', ')}\n`,
  );
  for (const what of missed) process.stdout.write(`  ✗ the search does not find a planted ${what}\n`);
  for (const what of found) process.stdout.write(`  ✗ ${what}\n`);
  if (missed.length + found.length > 0) process.exit(1);
  rmSync(directory, { recursive: true, force: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]!);
