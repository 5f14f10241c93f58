/** What a docked terminal keeps beside its journal: working keys as they came, sets, what is wrong with it. */
import { PolycardError } from '@polycard/bytes';
import type { DownloadedSet, SetShelf } from '../parameters/sets.ts';
import type { Condition } from './conditions.ts';
import { decodePlain, encodePlain } from './plain-data.ts';
import type { TerminalStorage } from './storage.ts';

export interface KeptState {
  /** Field 62 of the last sign-in: keys enciphered under the master key, with their check values. */
  readonly keys?: Uint8Array;
  /** Local time YYYYMMDDhhmmss at which the host last said that the parameters are its newest. */
  readonly parametersConfirmedAt?: string;
  readonly conditions: readonly Condition[];
}

const STATE = 'state';
const SET_NAME = /^[A-Z]{3}$/;

export function loadState(storage: TerminalStorage): KeptState {
  const bytes = storage.read(STATE);
  return bytes === undefined ? { conditions: [] } : decodePlain<KeptState>(Buffer.from(bytes).toString('utf8'));
}

export function saveState(storage: TerminalStorage, state: KeptState): void {
  storage.write(STATE, Buffer.from(encodePlain(state), 'utf8'));
}

/** Downloaded sets, each replaced whole. */
export class StoredShelf implements SetShelf {
  readonly #storage: TerminalStorage;

  constructor(storage: TerminalStorage) {
    this.#storage = storage;
  }

  get(set: string): DownloadedSet | undefined {
    const bytes = this.#storage.read(nameOf(set));
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(0x0a);
    return { version: Buffer.from(bytes.subarray(0, end)).toString('utf8'), bytes: bytes.subarray(end + 1) };
  }

  set(set: string, { version, bytes }: DownloadedSet): void {
    this.#storage.write(nameOf(set), Buffer.concat([Buffer.from(`${version}\n`, 'utf8'), bytes]));
  }
}

function nameOf(set: string): string {
  if (!SET_NAME.test(set))
    throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `${set} is no name of a parameter set`, {
      expected: 'three capital letters',
    });
  return `set-${set.toLowerCase()}`;
}
