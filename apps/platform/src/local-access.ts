/**
 * How commands on this machine reach the running platform: a file in its data directory that its owner alone can read. It
 * says where the platform listens and holds a key for a session without a password, for accounts that reach no keys:
 * whoever has the data directory in their hands can open one anyway, once the platform is stopped.
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@polycard/bytes';
import { constantTimeEqual, type RandomSource } from '@polycard/crypto';

const FILE_NAME = 'running.json';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface RunningHere {
  readonly url: string;
  readonly processId: number;
  readonly localKey: string;
}

export class LocalAccess {
  readonly #path: string;
  readonly #key: string;

  constructor(dataDirectory: string, random: RandomSource) {
    this.#path = join(dataDirectory, FILE_NAME);
    this.#key = toHex(random(32));
  }

  matches(key: string): boolean {
    return constantTimeEqual(utf8(key), utf8(this.#key));
  }

  /** Once the platform listens. */
  announce(url: string): void {
    const running: RunningHere = { url, processId: process.pid, localKey: this.#key };
    rmSync(this.#path, { force: true });
    writeFileSync(this.#path, `${JSON.stringify(running)}\n`, { mode: 0o600 });
    chmodSync(this.#path, 0o600);
  }

  withdraw(): void {
    rmSync(this.#path, { force: true });
  }
}

/** The platform that runs on a data directory now, or undefined. */
export function runningOn(dataDirectory: string): RunningHere | undefined {
  try {
    const running = JSON.parse(readFileSync(join(dataDirectory, FILE_NAME), 'utf8')) as RunningHere;
    process.kill(running.processId, 0);
    return running;
  } catch {
    // no file, or a process that is gone without taking it away
    return undefined;
  }
}
