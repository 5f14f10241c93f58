/**
 * The embedded database's first cluster. Making one (initdb inside WebAssembly) and its tables takes five times as long
 * as unpacking one that was made before, so a fresh cluster of this version of PGlite with these migrations is kept
 * beside the installed packages, and every new data directory begins as its copy: empty tables, no row of anybody's.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';

/** What every fresh cluster gets; `digest` changes whenever `prepare` would do something else. */
export interface FreshTables {
  readonly digest: string;
  readonly prepare: (pglite: PGlite) => Promise<void>;
}

/** Opens the cluster in `dataDir`, which is made when it is not there. */
export async function openCluster(dataDir: string, options: PGliteOptions, tables: FreshTables): Promise<PGlite> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return PGlite.create({ ...options, dataDir });
  return PGlite.create({ ...options, dataDir, loadDataDir: await freshCluster(tables) });
}

async function freshCluster({ digest, prepare }: FreshTables): Promise<Blob> {
  const path = keptAt(digest);
  if (path !== undefined && existsSync(path)) return new Blob([readFileSync(path)]);
  const maker = await PGlite.create('memory://');
  try {
    await prepare(maker);
    const made = await maker.dumpDataDir('none');
    if (path !== undefined) keep(path, new Uint8Array(await made.arrayBuffer()));
    return made;
  } finally {
    await maker.close();
  }
}

/** `node_modules/.cache/polycard/pglite-<version>-<digest>.tar`; undefined where PGlite is not installed in the usual way. */
function keptAt(digest: string): string | undefined {
  const main = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const root = main.slice(0, main.lastIndexOf(join('@electric-sql', 'pglite')));
  const manifest = join(root, '@electric-sql', 'pglite', 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return join(root, '.cache', 'polycard', `pglite-${version}-${digest}.tar`);
}

/**
 * Whole or not at all: other processes may look at the same moment. The one of older migrations goes. Where nothing can
 * be written nothing is kept.
 */
function keep(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    for (const older of readdirSync(dirname(path))) {
      if (older.endsWith('.tar')) rmSync(join(dirname(path), older), { force: true });
    }
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
  }
}
