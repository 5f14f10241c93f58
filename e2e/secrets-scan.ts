/**
 * A platform at work with its log at debug level, and everything it produced searched for its own keys and account
 * numbers: log, API answers and errors, database rows, audit export, output of a process that was killed. Each secret is
 * looked for in every form somebody might have written it in.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { publicFiles, type RegionSecrets, readRegion } from './evidence/region.ts';
import { PlatformProcess } from './platform-process.ts';
import { BUS, ENTRY_GATE, EXIT_GATE, joinPlatform } from './small-site.ts';

const POLYCARD = fileURLToPath(new URL('../apps/cli/bin/polycard.js', import.meta.url));

export type ScanPlant = 'key-in-log' | 'pan-in-answer' | 'key-in-table' | 'pan-in-error';

export interface SecretsReport {
  readonly keys: number;
  readonly accountNumbers: number;
  readonly sources: Readonly<Record<string, number>>;
  /** `SECRET in SOURCE as FORM`; names, never the secret. */
  readonly found: readonly string[];
}

interface SearchedText {
  readonly source: string;
  readonly text: string;
  readonly upper: string;
}

interface KnownSecret {
  readonly name: string;
  readonly forms: ReadonlyMap<string, string>;
}

export async function scanForSecrets(plant?: ScanPlant): Promise<SecretsReport> {
  const directory = mkdtempSync(join(tmpdir(), 'polycard-scan-'));
  try {
    const sources = new Map<string, string>();
    await work(directory, sources);
    const region = await readRegion(directory);
    const { keys, pans } = secretsOf(region);
    sources.set('database rows', region.rows);
    sources.set('audit export', exportAudit(directory));
    sources.set('public files', publicFiles(directory));
    if (plant === 'key-in-log') sources.set('log', `${sources.get('log')} key=${keys[0]!.forms.get('hex')}`);
    if (plant === 'pan-in-answer')
      sources.set('API answers', `${sources.get('API answers')} ${pans[0]!.forms.get('digits')}`);
    if (plant === 'key-in-table')
      sources.set('database rows', `${sources.get('database rows')} ${keys.at(-1)!.forms.get('base64')}`);
    if (plant === 'pan-in-error')
      sources.set('error texts', `${sources.get('error texts')} ${pans[0]!.forms.get('digits in groups')}`);
    const searched = [...sources].map(([source, text]) => ({ source, text, upper: text.toUpperCase() }));
    return {
      keys: keys.length,
      accountNumbers: pans.length,
      sources: Object.fromEntries([...sources].map(([name, text]) => [name, text.length])),
      found: [...keys, ...pans].flatMap((secret) => search(secret, searched)),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function search({ name, forms }: KnownSecret, searched: readonly SearchedText[]): string[] {
  const found: string[] = [];
  for (const { source, text, upper } of searched) {
    for (const [form, value] of forms) {
      const isHere = form.startsWith('base64') || form === 'raw' ? text.includes(value) : upper.includes(value);
      if (isHere) found.push(`${name} in ${source} as ${form}`);
    }
  }
  return found;
}

/** A region at work for a moment, every answer crawled, wrong requests made, and the process killed at the end. */
async function work(directory: string, sources: Map<string, string>): Promise<void> {
  const platform = new PlatformProcess({
    data: directory,
    args: ['--log-level', 'debug'],
    environment: { POLYCARD_FLEET_PASSWORD: 'scan-fleet', POLYCARD_SIMULATION_SEED: 'scan' },
  });
  let output = '';
  platform.child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1');
  });
  try {
    const ready = await platform.ready;
    const [host, port] = ready.gateway.split(':') as [string, string];
    const gateway = () => ({ host, port: Number(port) });
    const site = await joinPlatform(ready.url, gateway, 'scan-fleet', { cards: 1, seed: 'scan' });
    const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('rider') });
    for (const [index, request] of [
      [ENTRY_GATE, { kind: 'entry', at: '20180901080000' }],
      [EXIT_GATE, { kind: 'exit', at: '20180901083500' }],
      [BUS, { kind: 'boarding', at: '20180901085000', declaredBaseFen: 400 }],
    ] as const) {
      const terminal = site.terminals[index]!;
      const outcome = terminal.terminal!.tap(card, request);
      if (outcome.result !== 'accepted') throw new Error(`${request.kind}: ${outcome.result}`);
      terminal.keepDialogue(outcome.entry, outcome.exchanges);
      await terminal.upload();
    }
    const { answers, errors } = await crawl(ready);
    sources.set('API answers', answers);
    sources.set('error texts', errors);
  } finally {
    await platform.end('SIGKILL');
  }
  sources.set('log', platform.errors);
  sources.set('standard output', output);
}

/** Every GET of the OpenAPI document, with what the lists name; and requests that are wrong in each way. */
async function crawl(ready: { url: string; firstAccounts: readonly { name: string; password: string }[] }) {
  let answers = '';
  let errors = '';
  for (const { name, password } of ready.firstAccounts) {
    const signIn = await fetch(`${ready.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });
    const headers = {
      authorization: `Bearer ${signIn.headers.get('x-polycard-session')}`,
      'content-type': 'application/json',
    };
    const get = async (path: string): Promise<string> => {
      const response = await fetch(`${ready.url}${path}`, { headers });
      const text = await response.text();
      if (response.ok) answers += text;
      else errors += text;
      return text;
    };
    const document = JSON.parse(await get('/api/openapi.json')) as { paths: Record<string, Record<string, unknown>> };
    const rowsOf = async (path: string): Promise<Record<string, string>[]> => {
      const body = JSON.parse(await get(path)) as { rows?: Record<string, string>[]; keys?: Record<string, string>[] };
      return body.rows ?? body.keys ?? (Array.isArray(body) ? (body as Record<string, string>[]) : []);
    };
    const values: Record<string, (string | undefined)[]> = {
      id: (await rowsOf('/api/taps')).map(({ id }) => id),
      token: (await rowsOf('/api/cards')).map(({ token }) => token),
      terminalNo: (await rowsOf('/api/terminals')).map(({ terminalNo }) => terminalNo),
      date: ['2018-09-01'],
      name: (await rowsOf('/api/keys')).map((key) => key['name']),
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      const parameter = /\{(\w+)\}/.exec(path)?.[1];
      if ('get' in methods) {
        const filled =
          parameter === undefined
            ? [path]
            : (values[parameter] ?? ['x']).map((value) =>
                path.replace(`{${parameter}}`, encodeURIComponent(value ?? 'x')),
              );
        for (const address of filled) await get(address);
      }
      await get(path.replace(/\{\w+\}/, 'no%20such%20thing'));
      for (const method of ['post', 'put', 'delete'].filter((name) => name in methods && path !== '/api/session')) {
        for (const body of [
          '{}',
          '{"',
          '[1]',
          JSON.stringify({ cards: [{ product: 'x', homeCity: '5840', cardKey: 9 }], zoneId: 'z', cardPublicKeys: [] }),
        ])
          errors += await (
            await fetch(`${ready.url}${path.replace(/\{\w+\}/, 'x')}`, { method: method.toUpperCase(), headers, body })
          ).text();
      }
    }
  }
  return { answers, errors };
}

function secretsOf(region: RegionSecrets): { keys: KnownSecret[]; pans: KnownSecret[] } {
  const keys = region.keys.map(({ name, clear }): KnownSecret => ({ name, forms: formsOf(clear) }));
  const pans = region.accountNumbers.map(({ name, pan }): KnownSecret => {
    const forms = new Map([
      ['digits', pan],
      ['digits in groups', pan.replace(/(.{4})(?=.)/g, '$1 ')],
      ['hex of its text', Buffer.from(pan).toString('hex').toUpperCase()],
      ['base64', Buffer.from(pan).toString('base64').slice(0, 20)],
    ]);
    return { name, forms };
  });
  return { keys, pans };
}

/** A key as hex, spaced hex, base64 at each of three alignments, decimal bytes, raw bytes. RSA keys by their first 32 bytes. */
function formsOf(clear: Uint8Array): ReadonlyMap<string, string> {
  const bytes = Buffer.from(clear.subarray(0, Math.min(clear.length, 32)));
  const hex = bytes.toString('hex').toUpperCase();
  const forms = new Map([
    ['hex', hex],
    ['hex in pairs', hex.match(/../g)!.join(' ')],
    ['decimal bytes', [...bytes].join(',')],
    ['decimal bytes, spaced', [...bytes].join(', ')],
    ['raw', bytes.toString('latin1')],
  ]);
  for (let shift = 0; shift < 3; shift++) {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // the characters that depend on the key alone
    forms.set(`base64${shift === 0 ? '' : `, shifted by ${shift}`}`, padded.slice(shift === 0 ? 0 : 4, -4));
  }
  return forms;
}

function exportAudit(directory: string): string {
  const file = join(directory, 'scan.ndjson');
  const run = spawnSync(process.execPath, [POLYCARD, 'audit', 'export', file, '--data', directory], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return readFileSync(file, 'latin1') + run.stdout + run.stderr;
}
