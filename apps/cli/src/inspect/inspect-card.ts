/** Reads a card from end to end: directories, the applications they name, the ones known by name, all they give. */
import {
  findTlv,
  fromHex,
  PolycardError,
  parseTlv,
  SW_9000_SUCCESS,
  swHex,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import { maskedResponseHex } from '@polycard/emv';
import type { ConnectedCard } from '@polycard/readers';
import { CardQuestions } from './card-questions.ts';
import type { ApplicationDump, CardDump, DumpEntry } from './dump.ts';
import { objectParts, recordEntry } from './entries.ts';
import { KNOWN_APPLICATIONS, knownApplication } from './known-applications.ts';
import { readApplication, readIndustryApplication } from './read-application.ts';
import type { RegionRecords } from './region-records.ts';

const SW_6283_INVALIDATED = 0x6283;
const DIRECTORIES = [
  { name: { en: 'PPSE, contactless', zh: '非接触支付系统环境' }, file: '2PAY.SYS.DDF01' },
  { name: { en: 'PSE, contact', zh: '支付系统环境' }, file: '1PAY.SYS.DDF01' },
] as const;
const DIRECTORY_RECORDS_MAX = 10;
const AIDS_MAX = 24;

/** What was read before a card went away or went on for ever is kept, with the reason. */
export function inspectCard(connected: ConnectedCard, region: RegionRecords): CardDump {
  const card = new CardQuestions(connected);
  const directories: DumpEntry[] = [];
  const applications: ApplicationDump[] = [];
  let stopped: string | undefined;
  try {
    const listed = readDirectories(card, directories);
    readApplications(card, listed, region, applications);
  } catch (error) {
    if (!(error instanceof PolycardError)) throw error;
    stopped = error.message;
  }
  return {
    format: 'polycard-dump-1',
    reader: connected.reader,
    atr: toHex(connected.atr),
    directories,
    applications,
    exchanges: card.exchanges,
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function nodesOf(bytes: Uint8Array): readonly TlvNode[] {
  try {
    return parseTlv(bytes);
  } catch {
    return [];
  }
}

function aidsIn(nodes: readonly TlvNode[]): string[] {
  return nodes.flatMap((node) => (node.tag === '4F' ? [toHex(node.value)] : aidsIn(node.children ?? [])));
}

function readDirectories(card: CardQuestions, into: DumpEntry[]): string[] {
  const aids: string[] = [];
  for (const { name, file } of DIRECTORIES) {
    const { data, sw } = card.select(Buffer.from(file, 'latin1'));
    if (sw !== SW_9000_SUCCESS) continue;
    into.push({ what: file, name, hex: maskedResponseHex(data), parts: objectParts(data) });
    const nodes = nodesOf(data);
    aids.push(...aidsIn(nodes));
    const sfi = findTlv(nodes, '88')?.[0];
    if (sfi === undefined || sfi === 0 || sfi > 30) continue;
    for (let record = 1; record <= DIRECTORY_RECORDS_MAX; record++) {
      const answer = card.readRecord(sfi, record);
      if (answer.sw !== SW_9000_SUCCESS) break;
      into.push({ ...recordEntry(sfi, record, answer.data), what: `${file} record ${record}` });
      aids.push(...aidsIn(nodesOf(answer.data)));
    }
  }
  return [...new Set(aids)].filter((aid) => aid.length >= 10 && aid.length <= 32).slice(0, AIDS_MAX);
}

function readApplications(
  card: CardQuestions,
  listed: readonly string[],
  region: RegionRecords,
  into: ApplicationDump[],
): void {
  const named = [...KNOWN_APPLICATIONS, ...region.applications].map(({ aid }) => aid);
  const tried = [...new Set(named)].filter((aid) => !listed.includes(aid));
  for (const aid of [...listed, ...tried]) {
    const selected = card.select(fromHex(aid));
    const isThere = selected.sw === SW_9000_SUCCESS || selected.sw === SW_6283_INVALIDATED;
    if (!isThere) continue;
    const df = findTlv(nodesOf(selected.data), '84');
    const whole = df !== undefined && toHex(df).startsWith(aid) ? toHex(df) : aid;
    // a card may answer many names with one application
    if (into.some((application) => application.aid === whole)) continue;
    const source = listed.includes(aid) ? 'directory' : 'known';
    const own = region.applications.find((application) => application.aid === whole);
    into.push(
      own === undefined
        ? readApplication(card, { ...knownApplication(whole), aid: whole }, source, selected, region)
        : readIndustryApplication(card, own, source, selected),
    );
  }
  if (into.length === 0) {
    const { sw } = card.select(new Uint8Array(0));
    if (sw === SW_9000_SUCCESS) return;
    throw new PolycardError('POLYCARD_READER_UNKNOWN_CARD', `no application this command knows (SELECT: ${swHex(sw)})`);
  }
}
