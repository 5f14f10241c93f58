/** Repository rules as a test: the import graph, file lengths, banned names, stray markers. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
const sources = files.filter((path) => /\.(ts|tsx)$/.test(path) && !path.includes('/generated/'));

/** docs/architecture.md draws this graph; an arrow that is not here fails. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  crypto: ['bytes'],
  emv: ['bytes', 'crypto'],
  iso8583: ['bytes'],
  fares: ['bytes', 'blueprint'],
  ledger: ['bytes'],
  blueprint: ['bytes', 'emv'],
  globalplatform: ['bytes', 'crypto'],
  card: ['bytes', 'crypto', 'emv', 'globalplatform'],
  terminal: ['bytes', 'crypto', 'emv', 'fares', 'iso8583', 'blueprint', 'deny-list'],
  vault: ['bytes', 'crypto', 'emv'],
  readers: ['bytes'],
  audit: ['bytes', 'crypto'],
  'deny-list': ['bytes'],
};
/** Types only: a package may name the shapes of another without depending on its code. */
const TYPES_ONLY = new Set(['fares→blueprint', 'terminal→blueprint', 'blueprint→emv']);
/** Beside the types: records and dispersion paths at run time, without loader, schemas and checks. */
const LIGHT_ENTRIES = new Set(['@polycard/blueprint/card-data']);
/** The rooms for randomness and devices: node:crypto, PKCS#11 libraries, card readers. */
const TOUCHES_DEVICES = new Set(['crypto', 'vault', 'readers']);
const FILE_LINES_MAX = 600;

function imports(path: string): { specifier: string; typeOnly: boolean }[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/g)].map(
    (match) => ({
      specifier: match[2]!,
      typeOnly: match[1] !== undefined,
    }),
  );
}

describe('import graph', () => {
  it('packages import only what the plan allows, apps only packages and public entries', () => {
    const wrong: string[] = [];
    for (const path of sources.filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file))) {
      const [tier, name] = path.split('/') as [string, string];
      for (const { specifier, typeOnly } of imports(path)) {
        if (specifier.startsWith('.')) {
          const target = normalize(join(dirname(path), specifier));
          if (!target.startsWith(`${tier}/${name}/`) && target !== 'package.json')
            wrong.push(`${path} reaches into ${target}`);
          continue;
        }
        const scoped = /^@polycard\/([^/]+)/.exec(specifier)?.[1];
        if (scoped === undefined || tier === 'apps') continue;
        const isTypesOnly = TYPES_ONLY.has(`${name}→${scoped}`);
        if (!(ALLOWED[name] ?? []).includes(scoped) || (isTypesOnly && !typeOnly && !LIGHT_ENTRIES.has(specifier)))
          wrong.push(`${path} imports ${specifier}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('every workspace declares what it imports', () => {
    const wrong: string[] = [];
    for (const path of sources.filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file))) {
      const workspace = path.split('/').slice(0, 2).join('/');
      const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as Record<
        string,
        Record<string, string>
      >;
      const declared = { ...manifest['dependencies'], ...manifest['devDependencies'] };
      for (const { specifier } of imports(path)) {
        if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        if (declared[name] === undefined)
          wrong.push(`${path} imports ${name}, ${workspace}/package.json does not list it`);
      }
    }
    expect([...new Set(wrong)]).toEqual([]);
  });

  it('pure packages touch no files, sockets, clocks or randomness of their own', () => {
    const pure = Object.keys(ALLOWED).filter((name) => !TOUCHES_DEVICES.has(name));
    const banned =
      /\bnode:(fs|net|http|child_process|crypto|os|worker_threads)\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|hrtime)/;
    const wrong = sources
      .filter((path) => pure.some((name) => path.startsWith(`packages/${name}/src/`)))
      .filter((path) => banned.test(readFileSync(join(root, path), 'utf8')));
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  it(`are at most ${FILE_LINES_MAX} lines long`, () => {
    const long = files
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => [path, readFileSync(join(root, path), 'utf8').split('\n').length] as const)
      .filter(([, lines]) => lines > FILE_LINES_MAX);
    expect(long).toEqual([]);
  });

  it('have names that say what is inside', () => {
    expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|misc|manager)(\.|\/|$)/i.test(path))).toEqual([]);
  });

  it('carry no unfinished markers, skipped tests or switched-off checks', () => {
    const marker = new RegExp(
      [
        'TO' + 'DO',
        'FIX' + 'ME',
        '@ts-' + 'ignore',
        '@ts-' + 'expect-error',
        '\\.(skip|only)\\(',
        'as ' + 'any\\b',
      ].join('|'),
    );
    expect(sources.filter((path) => marker.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  it('hold no real tap rows', () => {
    const rows = files.filter((path) => /\.(csv|json|ts|yaml|md)$/.test(path) && !path.includes('package-lock'));
    const row = /[A-J]{8,9},2018-0[89]-\d\d \d\d:\d\d:\d\d,/;
    expect(rows.filter((path) => row.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });
});

describe('documents', () => {
  it('link only to files that exist', () => {
    const broken: string[] = [];
    for (const path of files.filter((file) => file.endsWith('.md'))) {
      for (const [, target] of readFileSync(join(root, path), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue;
        if (!existsSync(join(root, dirname(path), target!))) broken.push(`${path} → ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
