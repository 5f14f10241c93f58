/** The audit trail of a data directory or database, read without a running platform. */
import { existsSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import { readBlueprint } from './blueprint-files.ts';
import { anchorLines, exportTrail } from './modules/audit/trail.ts';
import { lockDirectory, openDatabase } from './store/database.ts';

export interface StoredTrail {
  readonly dataDirectory: string;
  readonly databaseUrl?: string | undefined;
  readonly blueprintDirectory: string;
  readonly exportedBy: string;
  readonly now: () => Date;
}

/** Gives the file in pieces; `anchors` gives the anchor lines alone. */
export async function* readStoredTrail(options: StoredTrail, what: 'trail' | 'anchors'): AsyncGenerator<string> {
  if (options.databaseUrl === undefined && !existsSync(options.dataDirectory)) {
    throw new PolycardError('POLYCARD_STORE_NOT_FOUND', `there are no data in ${options.dataDirectory}`, {
      where: '--data',
      expected: 'the data directory of a platform, or --platform with the address of a running one',
    });
  }
  const unlock = options.databaseUrl === undefined ? lockDirectory(options.dataDirectory) : () => undefined;
  try {
    const store = await openDatabase({
      directory: options.dataDirectory,
      url: options.databaseUrl,
      now: options.now,
    });
    try {
      if (what === 'anchors') yield await anchorLines(store.database);
      else {
        const chain = readBlueprint(options.blueprintDirectory).manifest.blueprint;
        yield* exportTrail(store.database, { chain, exportedAt: options.now(), exportedBy: options.exportedBy });
      }
    } finally {
      await store.close();
    }
  } finally {
    unlock();
  }
}
