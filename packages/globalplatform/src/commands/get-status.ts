/** GET STATUS (GPC 2.3.1 §11.4): what is on the card. Only the TLV answers (P2 b2 = 1). */
import {
  type CommandApdu,
  concat,
  encodeTlv,
  findTlv,
  parseTlv,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  toHex,
} from '@polycard/bytes';
import { Refusal } from '../refusal.ts';
import { readOrRefuse } from './data.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_F2_GET_STATUS = 0xf2;

export const GET_STATUS_STATUS_WORDS: StatusWordTable = {
  25360: { en: 'more entries: ask again for the next', zh: '还有更多条目' },
  27264: { en: 'the search criteria cannot be read', zh: '查询条件错误' },
  27272: { en: 'nothing found', zh: '没有匹配条目' },
};

/** P1: what kind of entries. */
export const STATUS_OF = {
  issuerDomain: 0x80,
  applications: 0x40,
  loadFiles: 0x20,
  loadFilesAndModules: 0x10,
} as const;
export type StatusScope = keyof typeof STATUS_OF;

const P2_TLV = 0x02;
const P2_NEXT = 0x01;

export interface GetStatus {
  readonly scope: StatusScope;
  readonly next: boolean;
  /** AID or its beginning; empty for all. */
  readonly aid: Uint8Array;
  /** Tags asked for; undefined for all. */
  readonly tags: readonly string[] | undefined;
}

export function encodeGetStatus(scope: StatusScope, aid: Uint8Array = new Uint8Array(0), next = false): CommandApdu {
  const data = encodeTlv('4F', aid);
  return { cla: 0x80, ins: INS_F2_GET_STATUS, p1: STATUS_OF[scope], p2: P2_TLV | (next ? P2_NEXT : 0), data, le: 256 };
}

/** Tags of a 5C list. */
function readTagList(list: Uint8Array): string[] {
  const tags: string[] = [];
  for (let offset = 0; offset < list.length; ) {
    const length = (list[offset]! & 0x1f) === 0x1f ? 2 : 1;
    tags.push(toHex(list.subarray(offset, offset + length)));
    offset += length;
  }
  return tags;
}

export function parseGetStatus(command: CommandApdu): GetStatus {
  const scope = (Object.keys(STATUS_OF) as StatusScope[]).find((name) => STATUS_OF[name] === command.p1);
  if (scope === undefined || (command.p2 & ~P2_NEXT) !== P2_TLV) {
    throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'GET STATUS of an unknown kind');
  }
  const nodes = readOrRefuse('search criteria', () => parseTlv(command.data, 'search criteria'));
  const aid = findTlv(nodes, '4F');
  if (aid === undefined || aid.length > 16) throw new Refusal(SW_6A80_WRONG_DATA, 'no 4F in the search criteria', '4F');
  const list = findTlv(nodes, '5C');
  const next = (command.p2 & P2_NEXT) !== 0;
  return { scope, next, aid, tags: list === undefined ? undefined : readTagList(list) };
}

export interface StatusEntry {
  readonly aid: Uint8Array;
  readonly lifeCycle: number;
  /** Three bytes; absent for load files. */
  readonly privileges?: Uint8Array;
  readonly loadFile?: Uint8Array;
  /** Major and minor version of a load file. */
  readonly version?: Uint8Array;
  readonly modules?: readonly Uint8Array[];
  readonly securityDomain?: Uint8Array;
}

/** One E3 (GPC 2.3.1 Table 11-36). C4, CE and CC are sent unasked: no tool asks, and people want to see them. */
export function encodeStatusEntry(entry: StatusEntry, tags?: readonly string[]): Uint8Array {
  const objects: (readonly [string, Uint8Array | undefined])[] = [
    ['4F', entry.aid],
    ['9F70', Uint8Array.of(entry.lifeCycle)],
    ['C5', entry.privileges],
    ['C4', entry.loadFile],
    ['CE', entry.version],
    ...(entry.modules ?? []).map((module): readonly [string, Uint8Array] => ['84', module]),
    ['CC', entry.securityDomain],
  ];
  const wanted = objects.flatMap(([tag, value]) =>
    value === undefined || (tags !== undefined && !tags.includes(tag)) ? [] : [encodeTlv(tag, value)],
  );
  return encodeTlv('E3', concat(...wanted));
}

/** Host side, from all answers one after another. Unknown objects are ignored. Throws `POLYCARD_TLV_*`. */
export function parseStatusEntries(data: Uint8Array): StatusEntry[] {
  return parseTlv(data, 'GET STATUS').flatMap((entry) => {
    const aid = entry.tag === 'E3' ? findTlv(entry.children ?? [], '4F') : undefined;
    if (aid === undefined) return [];
    const children = entry.children ?? [];
    const optional = (name: keyof StatusEntry, tag: string): Partial<StatusEntry> => {
      const value = findTlv(children, tag);
      return value === undefined ? {} : { [name]: value };
    };
    const modules = children.filter(({ tag }) => tag === '84').map(({ value }) => value);
    return [
      {
        aid,
        lifeCycle: findTlv(children, '9F70')?.[0] ?? 0,
        ...optional('privileges', 'C5'),
        ...optional('loadFile', 'C4'),
        ...optional('version', 'CE'),
        ...optional('securityDomain', 'CC'),
        ...(modules.length === 0 ? {} : { modules }),
      },
    ];
  });
}
