/**
 * Personalisation data from a file: which data groupings go to which application.
 *
 *     {"applications": [{"aid": "A000000333010101", "loadFile": "…", "module": "…",
 *                        "dgis": [{"dgi": "0101", "data": "70…"}, …]}]}
 *
 * `loadFile` and `module` are only needed where the card lists the module under another AID. Groupings are in clear, CRT
 * components without padding; they are enciphered for the card. The shape of recorded cards is read too:
 * `{"ppse": {aid, dgis}, "pse": …, "application": …, "variants": {NAME: {"differsFromBase": […]}}}`, also inside `card`.
 */
import { readFileSync } from 'node:fs';
import { fromHex, PolycardError } from '@polycard/bytes';
import { type DataGrouping, groupingsForChannel } from '@polycard/card';
import type { ApplicationPersonalisation } from '@polycard/globalplatform';

function wrong(where: string, message: string, expected: string, cause?: unknown): PolycardError {
  return new PolycardError('POLYCARD_CLI_DATA_FILE', `the personalisation data cannot be used: ${message}`, {
    ...{ where: `--data ${where}`, expected, cause },
  });
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw wrong(where, 'there is no object', 'a JSON object');
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(where, 'there is no list', 'a JSON array');
}

function hex(value: unknown, where: string, bytes: readonly [number, number]): Uint8Array {
  const found = typeof value === 'string' && /^([0-9a-fA-F]{2})*$/.test(value) ? fromHex(value) : undefined;
  if (found !== undefined && found.length >= bytes[0] && found.length <= bytes[1]) return found;
  const expected = bytes[0] === bytes[1] ? `${bytes[0]} bytes` : `${bytes[0]} to ${bytes[1]} bytes`;
  throw wrong(where, 'a value is no hexadecimal text of the right length', `${expected} in hexadecimal`);
}

const AID_BYTES: readonly [number, number] = [5, 16];
const GROUPING_BYTES: readonly [number, number] = [0, 4096];

/** `{dgi, data}` or `[dgi, data]`. */
function readGrouping(value: unknown, where: string): DataGrouping {
  const [dgi, data] = Array.isArray(value)
    ? [value[0], value[1]]
    : [object(value, where)['dgi'], object(value, where)['data']];
  hex(dgi, `${where}/dgi`, [2, 2]);
  return { dgi: String(dgi).toUpperCase(), data: hex(data, `${where}/data`, GROUPING_BYTES) };
}

function readGroupings(value: unknown, where: string): DataGrouping[] {
  return list(value, where).map((entry, index) => readGrouping(entry, `${where}/${index}`));
}

function readApplication(value: unknown, where: string, changes: readonly DataGrouping[] = []) {
  const found = object(value, where);
  const base = readGroupings(found['dgis'], `${where}/dgis`);
  if (base.length === 0) throw wrong(`${where}/dgis`, 'there is no grouping', 'at least one');
  const inPlace = base.map((own) => changes.findLast(({ dgi }) => dgi === own.dgi) ?? own);
  const added = changes.filter(({ dgi }) => !base.some((own) => own.dgi === dgi));
  const aid = hex(found['aid'], `${where}/aid`, AID_BYTES);
  const { loadFile, module } = found;
  const source =
    loadFile === undefined
      ? {}
      : {
          source: {
            loadFile: hex(loadFile, `${where}/loadFile`, AID_BYTES),
            module: module === undefined ? aid : hex(module, `${where}/module`, AID_BYTES),
          },
        };
  return { aid, groupings: groupingsForChannel([...inPlace, ...added]), ...source };
}

function readRecordedShape(data: Json, variant: string | undefined): ApplicationPersonalisation[] {
  const variants = data['variants'] === undefined ? {} : object(data['variants'], '/variants');
  const known = ['base', ...Object.keys(variants)];
  if (variant !== undefined && !known.includes(variant)) {
    throw wrong('/variants', `there is no variant ${variant}`, known.join(', '));
  }
  const path = `/variants/${variant}`;
  const changes =
    variant === undefined || variant === 'base'
      ? []
      : readGroupings(object(variants[variant], path)['differsFromBase'], `${path}/differsFromBase`);
  const directories = ['ppse', 'pse'].filter((name) => data[name] !== undefined);
  return [
    ...directories.map((name) => readApplication(data[name], `/${name}`)),
    readApplication(data['application'], '/application', changes),
  ];
}

/** Throws `POLYCARD_CLI_DATA_FILE` with the path of what is wrong. */
export function parsePersonalisationData(value: unknown, variant?: string): ApplicationPersonalisation[] {
  let data = object(value, '/');
  if (data['card'] !== undefined) data = object(data['card'], '/card');
  if (data['personalisation'] !== undefined) data = object(data['personalisation'], '/personalisation');
  if (data['application'] !== undefined) return readRecordedShape(data, variant);
  const applications = list(data['applications'], '/applications');
  if (applications.length === 0) throw wrong('/applications', 'there is no application', 'at least one');
  return applications.map((application, index) => readApplication(application, `/applications/${index}`));
}

export function readPersonalisationFile(path: string, variant?: string): ApplicationPersonalisation[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw wrong('', (cause as Error).message, 'a file of JSON', cause);
  }
  return parsePersonalisationData(value, variant);
}
