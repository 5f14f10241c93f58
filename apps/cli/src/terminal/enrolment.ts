/**
 * Who a terminal is: the answer of `polycard terminal enrol --json`, its keys opened with the maker's zone key, and the
 * keys of its PSAM. Kept in the terminal's own memory after the first start, sealed like everything there.
 */
import { readFileSync } from 'node:fs';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { checkValue, openKeyBlock } from '@polycard/crypto';
import type { EnrolledTerminal, ListKey, LoadedKey, TerminalStorage } from '@polycard/terminal';
import { readZoneKey } from '../zone-key-file.ts';

const NAME = 'enrolment';

export interface KnownTerminal {
  readonly enrolled: EnrolledTerminal;
  readonly psam: readonly LoadedKey[];
}

interface EnrolmentFile {
  readonly terminal: string;
  readonly merchant: string;
  readonly tpdu: string;
  readonly header: string;
  readonly masterKey: string;
  readonly kcv: string;
  readonly batch: string;
  readonly operatorCode: string;
  readonly place?: string;
  readonly route?: string;
  /** Public key of the list issuer: without it no deny list is asked for. */
  readonly listKey?: ListKey;
}

interface PsamFile {
  readonly keys: readonly { readonly label: string; readonly version: number; readonly keyBlock: string }[];
}

export interface EnrolmentOptions {
  readonly enrolment?: string;
  readonly zmk?: string;
  readonly psam?: string;
  readonly place?: string;
  readonly route?: string;
}

/** From the files given, else from the memory. Throws `POLYCARD_CLI_ENROLMENT` naming what is missing or wrong. */
export function knownTerminal(options: EnrolmentOptions, storage: TerminalStorage): KnownTerminal {
  if (options.enrolment === undefined) {
    const kept = storage.read(NAME);
    if (kept === undefined)
      throw wrong('--enrolment', 'there is no enrolment yet', 'the file that `polycard terminal enrol --json` wrote');
    return opened(JSON.parse(Buffer.from(kept).toString('utf8')) as ReturnType<typeof closed>);
  }
  if (options.zmk === undefined)
    throw wrong('--zmk', 'the master key is under a zone key', 'the zone key the terminal was enrolled with');
  const zone = readZoneKey(options.zmk).bytes;
  const file = readJson<EnrolmentFile>(options.enrolment, '--enrolment');
  for (const field of ['terminal', 'merchant', 'tpdu', 'header', 'masterKey', 'kcv', 'operatorCode'] as const) {
    if (typeof file[field] !== 'string' || file[field] === '')
      throw wrong('--enrolment', `${options.enrolment} has no ${field}`);
  }
  const masterKey = openKeyBlock(zone, file.masterKey).key;
  if (toHex(checkValue('3DES', masterKey)) !== file.kcv.toUpperCase())
    throw wrong('--enrolment', 'the master key does not have its check value', file.kcv);
  const psam = options.psam === undefined ? [] : readPsam(options.psam, zone);
  zone.fill(0);
  const route = options.route ?? file.route;
  const known: KnownTerminal = {
    enrolled: {
      ...{ terminalNo: file.terminal, merchantNo: file.merchant, operatorCode: file.operatorCode, route },
      placeCode: options.place ?? file.place ?? '0000',
      batchNo: Number(file.batch ?? '1'),
      masterKey,
      ...(file.listKey === undefined ? {} : { listKey: file.listKey }),
      tpdu: fromHex(file.tpdu),
      header: fromHex(file.header),
    },
    psam,
  };
  storage.write(NAME, Buffer.from(JSON.stringify(closed(known)), 'utf8'));
  return known;
}

function readPsam(path: string, zone: Uint8Array): LoadedKey[] {
  const { keys } = readJson<PsamFile>(path, '--psam');
  if (!Array.isArray(keys)) throw wrong('--psam', `${path} has no keys`, '{"keys":[{"label","version","keyBlock"}]}');
  return keys.map(({ label, version, keyBlock }) => ({ label, version, key: openKeyBlock(zone, keyBlock).key }));
}

function readJson<T>(path: string, where: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw wrong(where, `${path} cannot be read as JSON`, undefined, cause);
  }
}

const closed = ({ enrolled, psam }: KnownTerminal) => ({
  enrolled: {
    ...enrolled,
    masterKey: toHex(enrolled.masterKey),
    tpdu: toHex(enrolled.tpdu),
    header: toHex(enrolled.header),
  },
  psam: psam.map(({ key, ...rest }) => ({ ...rest, key: toHex(key) })),
});

const opened = ({ enrolled, psam }: ReturnType<typeof closed>): KnownTerminal => ({
  enrolled: {
    ...enrolled,
    masterKey: fromHex(enrolled.masterKey),
    tpdu: fromHex(enrolled.tpdu),
    header: fromHex(enrolled.header),
  },
  psam: psam.map(({ key, ...rest }) => ({ ...rest, key: fromHex(key) })),
});

function wrong(where: string, message: string, expected?: string, cause?: unknown): PolycardError {
  return new PolycardError('POLYCARD_CLI_ENROLMENT', message, {
    where,
    ...(expected === undefined ? {} : { expected }),
    ...(cause === undefined ? {} : { cause }),
  });
}
