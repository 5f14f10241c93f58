/** Everything one selected application gives to questions that change nothing. */

import {
  buildDol,
  concat,
  type DolEntry,
  encodeLength,
  findTlv,
  numberFromBcd,
  parseDol,
  parseTlv,
  type ResponseApdu,
  SW_9000_SUCCESS,
  swHex,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import { dolAlignment, purseRecordOf, type TwoLanguages } from '@polycard/emv';
import { parseAfl } from '@polycard/terminal';
import type { CardQuestions } from './card-questions.ts';
import type { ApplicationDump, DumpEntry } from './dump.ts';
import { harmlessValue, isTemplate, logEntry, objectEntry, objectParts, purseEntry, recordEntry } from './entries.ts';
import type { KnownApplication } from './known-applications.ts';
import {
  blueprintRecordsOf,
  industryFciParts,
  industryFilesOf,
  type RegionApplication,
  type RegionRecords,
} from './region-records.ts';

const TAGS =
  '9F36 9F13 9F17 9F4F DF4F 9F79 9F5D 9F77 9F78 9F6D 9F6B 9F7F 9F51 9F52 9F53 9F54 9F56 9F57 9F58 9F59 9F5C 9F68 9F72 9F73 9F75 9F76 DF61 DF62 DF63 DF71 DF72 DF76 DF77 DF78 DF79 DF11 42 45 66'.split(
    ' ',
  );
const SFI_MAX = 30;
const RECORDS_OF_A_FILE_MAX = 32;
const BINARY_SFIS = [0x05, 0x06, 0x0a, 0x15, 0x16, 0x17, 0x1b];
const BALANCE_TAGS: Readonly<Record<string, TwoLanguages>> = {
  '9F79': { en: 'electronic cash', zh: '电子现金余额' },
  '9F5D': { en: 'available offline', zh: '可用脱机金额' },
  DF79: { en: 'electronic cash, second currency', zh: '第二币种电子现金余额' },
};
/** P1 and P2 of GET BALANCE (reference pboc.md §4.1, §4.2). */
const PURSE_BALANCES: readonly (readonly [p1: number, p2: number, name: TwoLanguages])[] = [
  [0x00, 0x02, { en: 'purse, available', zh: '电子钱包余额' }],
  [0x01, 0x02, { en: 'overdraft limit', zh: '透支限额' }],
  [0x02, 0x02, { en: 'overdraft used', zh: '已透支金额' }],
  [0x03, 0x02, { en: 'purse, actual', zh: '电子钱包实际余额' }],
  [0x00, 0x01, { en: 'electronic deposit', zh: '电子存折余额' }],
];

const isDone = ({ sw }: ResponseApdu): boolean => sw === SW_9000_SUCCESS;

function nodesOf(bytes: Uint8Array): readonly TlvNode[] {
  try {
    return parseTlv(bytes);
  } catch {
    return [];
  }
}

function dolOf(bytes: Uint8Array | undefined): readonly DolEntry[] | undefined {
  try {
    return bytes === undefined ? undefined : parseDol(bytes);
  } catch {
    return undefined;
  }
}

export function readApplication(
  card: CardQuestions,
  known: KnownApplication,
  source: ApplicationDump['source'],
  selected: ResponseApdu,
  region: RegionRecords,
): ApplicationDump {
  const fci = nodesOf(selected.data);
  const objects = readObjects(card);
  const options = readOptions(card, fci);
  // a new session: what GET PROCESSING OPTIONS began is over, nothing can be committed by reading
  if (options !== undefined) card.select(Buffer.from(known.aid, 'hex'));
  const logs = readLogs(card, fci);
  const records = readRecords(card, options?.afl, logs.sfis);
  const isPurse = known.isPurse === true || isDone(card.getBalance(0x00, 0x02));
  return {
    aid: known.aid,
    name: known.name,
    source,
    sw: swHex(selected.sw),
    fci: objectParts(selected.data),
    ...(options === undefined ? {} : { options: { sw: options.sw, parts: options.parts } }),
    balances: [...cashBalances(objects), ...(isPurse ? purseBalances(card) : [])],
    objects: objects.map(({ tag, bytes }) => objectEntry(tag, bytes)),
    records: withRegion(records, blueprintRecordsOf(card, region)),
    logs: logs.entries,
    files: isPurse || records.length === 0 ? readBinaries(card) : [],
  };
}

/** An industry file application of the region: its state and whatever it shows without a key. */
export function readIndustryApplication(
  card: CardQuestions,
  application: RegionApplication,
  source: ApplicationDump['source'],
  selected: ResponseApdu,
): ApplicationDump {
  const { aid, name } = application;
  return {
    ...{ aid, name, source, sw: swHex(selected.sw) },
    fci: industryFciParts(objectParts(selected.data), application),
    ...{ balances: [], objects: [], records: [], logs: [], files: industryFilesOf(card, application) },
  };
}

/** The region knows its own records better than the tables of other cards do. */
function withRegion(records: readonly DumpEntry[], own: readonly DumpEntry[]): DumpEntry[] {
  const known = new Set(own.map(({ what }) => what));
  return [...records.filter(({ what }) => !known.has(what)), ...own];
}

interface ReadObject {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

function readObjects(card: CardQuestions): ReadObject[] {
  return TAGS.flatMap((tag) => {
    const answer = card.getData(tag);
    return isDone(answer) && answer.data.length > 0 ? [{ tag, bytes: answer.data }] : [];
  });
}

function cashBalances(objects: readonly ReadObject[]): { name: TwoLanguages; fen: number }[] {
  return objects.flatMap(({ tag, bytes }) => {
    const name = BALANCE_TAGS[tag];
    const value = findTlv(nodesOf(bytes), tag);
    if (name === undefined || value === undefined) return [];
    try {
      return [{ name, fen: numberFromBcd(value) }];
    } catch {
      return [];
    }
  });
}

function purseBalances(card: CardQuestions): { name: TwoLanguages; fen: number }[] {
  return PURSE_BALANCES.flatMap(([p1, p2, name]) => {
    const answer = card.getBalance(p1, p2);
    if (!isDone(answer) || answer.data.length !== 4) return [];
    return [{ name, fen: new DataView(Uint8Array.from(answer.data).buffer).getInt32(0) }];
  });
}

/** Asks what a full debit/credit transaction would: AIP and AFL without a decision, and no amount. */
function readOptions(card: CardQuestions, fci: readonly TlvNode[]) {
  const pdol = findTlv(fci, '9F38');
  if (fci.length === 0 || (pdol === undefined && findTlv(fci, '50') === undefined)) return undefined;
  const values = buildDol(dolOf(pdol) ?? [], harmlessValue, dolAlignment);
  const data = concat(Uint8Array.of(0x83), encodeLength(values.length), values);
  if (data.length > 255) return undefined;
  const answer = card.processingOptions(data);
  const nodes = nodesOf(answer.data);
  const afl = nodes[0]?.tag === '80' ? nodes[0].value.subarray(2) : findTlv(nodes, '94');
  return { sw: swHex(answer.sw), parts: objectParts(answer.data), afl };
}

interface ReadLogs {
  readonly sfis: ReadonlySet<number>;
  readonly entries: readonly DumpEntry[];
}

const LOGS = [
  { entryTag: '9F4D', formatTag: '9F4F', name: { en: 'transaction', zh: '交易明细' } },
  { entryTag: 'DF4D', formatTag: 'DF4F', name: { en: 'load', zh: '圈存明细' } },
] as const;

function readLogs(card: CardQuestions, fci: readonly TlvNode[]): ReadLogs {
  const sfis = new Set<number>();
  const entries = LOGS.flatMap(({ entryTag, formatTag, name }) => {
    const [sfi, count] = findTlv(fci, entryTag) ?? [];
    if (sfi === undefined || count === undefined || sfi === 0 || sfi > SFI_MAX) return [];
    sfis.add(sfi);
    const given = card.getData(formatTag);
    const format = dolOf(findTlv(nodesOf(given.data), formatTag)) ?? [];
    return sequence(card, sfi, Math.min(count, RECORDS_OF_A_FILE_MAX)).map(({ record, bytes }) =>
      logEntry(`log ${toHex(Uint8Array.of(sfi))} record ${record}`, name, format, bytes),
    );
  });
  return { sfis, entries };
}

function sequence(card: CardQuestions, sfi: number, count: number): { record: number; bytes: Uint8Array }[] {
  const found: { record: number; bytes: Uint8Array }[] = [];
  for (let record = 1; record <= count; record++) {
    const answer = card.readRecord(sfi, record);
    if (!isDone(answer) || answer.data.length === 0) break;
    found.push({ record, bytes: answer.data });
  }
  return found;
}

/** Records the AFL names, then every file by its number. */
function readRecords(card: CardQuestions, afl: Uint8Array | undefined, logs: ReadonlySet<number>): DumpEntry[] {
  const entries = new Map<string, DumpEntry>();
  const take = (sfi: number, record: number, bytes: Uint8Array): void => {
    const entry = recordEntry(sfi, record, bytes);
    if (!entries.has(entry.what)) entries.set(entry.what, entry);
  };
  for (const { sfi, record } of addressesOf(afl)) {
    const answer = card.readRecord(sfi, record);
    if (isDone(answer)) take(sfi, record, answer.data);
  }
  for (let sfi = 1; sfi <= SFI_MAX; sfi++) {
    if (logs.has(sfi)) continue;
    for (const { record, bytes } of sequence(card, sfi, RECORDS_OF_A_FILE_MAX)) take(sfi, record, bytes);
  }
  return [...entries.values()].sort((a, b) => a.what.localeCompare(b.what, 'en', { numeric: true }));
}

function addressesOf(afl: Uint8Array | undefined): readonly { sfi: number; record: number }[] {
  try {
    return afl === undefined ? [] : parseAfl(afl);
  } catch {
    return [];
  }
}

function readBinaries(card: CardQuestions): DumpEntry[] {
  return BINARY_SFIS.flatMap((sfi) => {
    const answer = card.readBinary(sfi);
    if (!isDone(answer) || answer.data.length === 0) return [];
    const what = `file ${toHex(Uint8Array.of(sfi))}`;
    const definition = purseRecordOf(sfi, answer.data);
    if (definition !== undefined && !isTemplate(answer.data, '70')) return [purseEntry(what, definition, answer.data)];
    return [{ what, name: { en: 'binary file', zh: '二进制文件' }, hex: toHex(answer.data), parts: [] }];
  });
}
