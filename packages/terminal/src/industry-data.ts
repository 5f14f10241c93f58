/**
 * F57, our documented industry extension: what a ride is, as BER-TLV with private tags. The same table serves the
 * terminal that writes it, the host that reads it and the screen that explains it.
 */

import type { BusDirection, OperatingMode } from '@polycard/blueprint';
import {
  bcdFromDigits,
  bcdFromNumber,
  digitsFromBcd,
  encodeTlv,
  encodeTlvs,
  fromHex,
  numberFromBcd,
  PolycardError,
  parseTlv,
  type TlvNode,
  toHex,
} from '@polycard/bytes';
import { modesOfWord, modeWord, REPAIR_CODES, type RepairCode } from '@polycard/fares';
import { type ClosedRide, encodeClosedRide, encodeDirection, parseClosedRide, parseDirection } from './closed-ride.ts';

export type { ClosedRide } from './closed-ride.ts';

export type TapKind = 'entry' | 'exit' | 'boarding' | 'counter' | 'purchase' | 'alighting';
export type BaseSource = 'network' | 'declared' | 'none';
/** How the tap came to be known: straight, from the record the card kept, its proof or its balance, or never resolved. */
export type TornOutcome = 'normal' | 're-read' | 'proof' | 'unresolved' | 'balance';

/** What a later visit of the card says about a torn tap of its: under this counter it committed, or it did not. */
export interface TornResolution {
  readonly atc: number;
  readonly outcome: 'committed' | 'not-committed';
  /** Of a committed one, as GET TRANS PROVE gave it: 8 bytes. */
  readonly cryptogram?: Uint8Array;
}

export interface WrittenRecord {
  readonly sfi: number;
  readonly bytes: Uint8Array;
}

export interface IndustryData {
  readonly kind: TapKind;
  /** 4 digits each; place 0000 is none. */
  readonly operatorCode: string;
  readonly placeCode: string;
  readonly baseFen: number;
  readonly baseSource: BaseSource;
  readonly classCode: string;
  readonly serviceClassCode: string;
  readonly transferApplied: boolean;
  /** The combined-ride record as read before the tap: from it clearing sees the right to a transfer. */
  readonly combinedRideBefore?: Uint8Array;
  readonly tariffVersion: string;
  readonly records: readonly WrittenRecord[];
  readonly entryPlaceCode?: string;
  /** YYYYMMDDhhmmss. */
  readonly entryTime?: string;
  readonly tornOutcome: TornOutcome;
  readonly homeCity: string;
  /** Local time of the tap, YYYYMMDDhhmmss. */
  readonly at: string;
  readonly route?: string;
  /** Of a bus with fares by section. */
  readonly direction?: BusDirection;
  /** Boarding with fares by section: what the card was marked with, the most this ride can cost. */
  readonly markedFen?: number;
  /** A section ride before this tap that had no tap-off, and how it was settled. */
  readonly closedRide?: ClosedRide;
  /** Version of the deny list that the terminal held at the tap; 0 while it had none. Liability follows it. */
  readonly denyListVersion?: number;
  /** Operating modes of the station at the tap. */
  readonly modes?: readonly OperatingMode[];
  /** Campaigns of the tariff that the terminal had heard the end of. */
  readonly endedCampaigns?: readonly string[];
  /** Exit: no entry on the card, one was assumed; or the fare was settled at a counter inside. */
  readonly entryKind?: 'assumed' | 'paid-inside';
  /** Entry: the order under which the trip before was closed without a trace. */
  readonly releasedBy?: string;
  /** Counter: reason code of the repair. */
  readonly repair?: RepairCode;
  /** Earlier torn taps of this card whose outcome this visit told. */
  readonly resolves?: readonly TornResolution[];
}

export const INDUSTRY_TAGS: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  DF01: { en: 'Kind of tap', zh: '交易类别' },
  DF02: { en: 'Operator', zh: '运营商代码' },
  DF03: { en: 'Place', zh: '站点代码' },
  DF04: { en: 'Base fare', zh: '基准票价' },
  DF05: { en: 'Source of the base fare', zh: '基准票价来源' },
  DF06: { en: 'Card class', zh: '卡类型' },
  DF07: { en: 'Service class', zh: '服务等级' },
  DF08: { en: 'Transfer applied', zh: '换乘优惠' },
  DF09: { en: 'Combined-ride record before', zh: '交易前联乘记录' },
  DF0A: { en: 'Tariff version', zh: '票价版本' },
  FF0B: { en: 'Record written', zh: '写入记录' },
  DF0C: { en: 'SFI', zh: '短文件标识' },
  DF0D: { en: 'Record', zh: '记录内容' },
  DF0E: { en: 'Entry place', zh: '进站站点' },
  DF0F: { en: 'Entry time', zh: '进站时间' },
  DF10: { en: 'Outcome of a torn tap', zh: '闪卡结果' },
  DF11: { en: 'Home city', zh: '归属城市' },
  DF12: { en: 'Time of the tap', zh: '交易时间' },
  DF13: { en: 'Route', zh: '线路' },
  DF18: { en: 'Version of the deny list', zh: '黑名单版本' },
  DF14: { en: 'Torn tap resolved', zh: '闪卡处理结论' },
  DF20: { en: 'Operating modes', zh: '运营模式' },
  DF21: { en: 'Kind of entry', zh: '进站依据' },
  DF22: { en: 'Released by order', zh: '放行命令' },
  DF23: { en: 'Repair code', zh: '更新原因代码' },
  DF24: { en: 'Ended campaign', zh: '已结束的促销' },
  DF30: { en: 'Direction', zh: '方向' },
  DF31: { en: 'Marked amount', zh: '标记金额' },
  FF32: { en: 'Ride without tap-off', zh: '下车未刷卡行程' },
  DF33: { en: 'How it was settled', zh: '处理方式' },
  DF34: { en: 'Its fare', zh: '应付票价' },
};

const KINDS: readonly TapKind[] = ['entry', 'exit', 'boarding', 'counter', 'purchase', 'alighting'];
const BASE_SOURCES: readonly BaseSource[] = ['network', 'declared', 'none'];
const ENTRY_KINDS: readonly NonNullable<IndustryData['entryKind']>[] = ['assumed', 'paid-inside'];
const TORN_OUTCOMES: readonly TornOutcome[] = ['normal', 're-read', 'proof', 'unresolved', 'balance'];

export function encodeIndustryData(data: IndustryData): Uint8Array {
  const code = (digits: string): Uint8Array => bcdFromDigits(digits, 2);
  const objects: (readonly [string, Uint8Array])[] = [
    ['DF01', Uint8Array.of(KINDS.indexOf(data.kind) + 1)],
    ['DF02', code(data.operatorCode)],
    ['DF03', code(data.placeCode)],
    ['DF04', bcdFromNumber(data.baseFen, 6)],
    ['DF05', Uint8Array.of(BASE_SOURCES.indexOf(data.baseSource))],
    ['DF06', fromHex(data.classCode)],
    ['DF07', fromHex(data.serviceClassCode)],
    ['DF08', Uint8Array.of(data.transferApplied ? 1 : 0)],
    ['DF0A', Buffer.from(data.tariffVersion.padEnd(8), 'latin1')],
    ['DF10', Uint8Array.of(TORN_OUTCOMES.indexOf(data.tornOutcome))],
    ['DF11', code(data.homeCity)],
    ['DF12', bcdFromDigits(data.at, 7)],
  ];
  if (data.combinedRideBefore !== undefined) objects.push(['DF09', data.combinedRideBefore]);
  if (data.entryPlaceCode !== undefined) objects.push(['DF0E', code(data.entryPlaceCode)]);
  if (data.entryTime !== undefined && data.entryTime !== '') objects.push(['DF0F', bcdFromDigits(data.entryTime, 7)]);
  if (data.route !== undefined && data.route !== '') objects.push(['DF13', new TextEncoder().encode(data.route)]);
  if (data.denyListVersion !== undefined) objects.push(['DF18', bcdFromNumber(data.denyListVersion, 5)]);
  if (data.modes !== undefined && data.modes.length > 0) {
    const word = modeWord(data.modes);
    objects.push(['DF20', Uint8Array.of(word >> 8, word & 0xff)]);
  }
  if (data.entryKind !== undefined) objects.push(['DF21', Uint8Array.of(ENTRY_KINDS.indexOf(data.entryKind) + 1)]);
  if (data.releasedBy !== undefined) objects.push(['DF22', new TextEncoder().encode(data.releasedBy)]);
  if (data.repair !== undefined) objects.push(['DF23', bcdFromDigits(data.repair, 1)]);
  for (const campaign of data.endedCampaigns ?? []) objects.push(['DF24', new TextEncoder().encode(campaign)]);
  if (data.direction !== undefined) objects.push(['DF30', encodeDirection(data.direction)]);
  if (data.markedFen !== undefined) objects.push(['DF31', bcdFromNumber(data.markedFen, 6)]);
  if (data.closedRide !== undefined) objects.push(['FF32', encodeClosedRide(data.closedRide)]);
  for (const resolution of data.resolves ?? []) objects.push(['DF14', encodeResolution(resolution)]);
  for (const { sfi, bytes } of data.records) {
    objects.push(['FF0B', Buffer.concat([encodeTlv('DF0C', Uint8Array.of(sfi)), encodeTlv('DF0D', bytes)])]);
  }
  return encodeTlvs(objects);
}

/** Throws `POLYCARD_TERMINAL_INDUSTRY_DATA` naming the tag that is missing or wrong. */
export function parseIndustryData(bytes: Uint8Array): IndustryData {
  const nodes = parseTlv(bytes, 'F57');
  const optional = (tag: string): Uint8Array | undefined => nodes.find((node) => node.tag === tag)?.value;
  const required = (tag: string, lengthBytes: number): Uint8Array => {
    const value = optional(tag);
    if (value?.length !== lengthBytes) {
      throw new PolycardError(
        'POLYCARD_TERMINAL_INDUSTRY_DATA',
        `F57.${tag} (${INDUSTRY_TAGS[tag]?.en}) has ${value?.length ?? 0} bytes, expected ${lengthBytes}`,
        {
          where: `F57.${tag}`,
          expected: `${lengthBytes} bytes`,
        },
      );
    }
    return value;
  };
  const choice = <T>(tag: string, choices: readonly T[], first: number): T => {
    const found = choices[required(tag, 1)[0]! - first];
    if (found === undefined) {
      throw new PolycardError(
        'POLYCARD_TERMINAL_INDUSTRY_DATA',
        `F57.${tag} (${INDUSTRY_TAGS[tag]?.en}) has an unknown value`,
        { where: `F57.${tag}` },
      );
    }
    return found;
  };
  const resolves = nodes.filter((node) => node.tag === 'DF14').map(({ value }) => parseResolution(value));
  const ended = nodes.filter((node) => node.tag === 'DF24').map(({ value }) => campaignOf(value));
  const releasing = optional('DF22');
  const closed = nodes.find((node) => node.tag === 'FF32');
  const combinedRideBefore = optional('DF09');
  const [entryPlace, entryTime, route] = [optional('DF0E'), optional('DF0F'), optional('DF13')];
  return {
    kind: choice('DF01', KINDS, 1),
    operatorCode: digitsFromBcd(required('DF02', 2)),
    placeCode: digitsFromBcd(required('DF03', 2)),
    baseFen: numberFromBcd(required('DF04', 6)),
    baseSource: choice('DF05', BASE_SOURCES, 0),
    classCode: toHex(required('DF06', 1)),
    serviceClassCode: toHex(required('DF07', 1)),
    transferApplied: required('DF08', 1)[0] === 1,
    tariffVersion: Buffer.from(required('DF0A', 8)).toString('latin1').trim(),
    tornOutcome: choice('DF10', TORN_OUTCOMES, 0),
    homeCity: digitsFromBcd(required('DF11', 2)),
    at: digitsFromBcd(required('DF12', 7)),
    records: nodes.filter((node) => node.tag === 'FF0B').map(writtenRecord),
    ...(combinedRideBefore === undefined ? {} : { combinedRideBefore }),
    ...(entryPlace === undefined ? {} : { entryPlaceCode: digitsFromBcd(entryPlace) }),
    ...(entryTime === undefined ? {} : { entryTime: digitsFromBcd(entryTime) }),
    ...(optional('DF18') === undefined ? {} : { denyListVersion: numberFromBcd(required('DF18', 5)) }),
    ...(route === undefined ? {} : { route: new TextDecoder().decode(route) }),
    ...(optional('DF20') === undefined ? {} : { modes: parseModes(required('DF20', 2)) }),
    ...(optional('DF21') === undefined ? {} : { entryKind: choice('DF21', ENTRY_KINDS, 1) }),
    ...(releasing === undefined ? {} : { releasedBy: new TextDecoder().decode(releasing) }),
    ...(optional('DF23') === undefined ? {} : { repair: parseRepair(required('DF23', 1)) }),
    ...(optional('DF30') === undefined ? {} : { direction: parseDirection(required('DF30', 1), 'F57.DF30') }),
    ...(optional('DF31') === undefined ? {} : { markedFen: numberFromBcd(required('DF31', 6)) }),
    ...(closed === undefined ? {} : { closedRide: parseClosedRide(closed.value) }),
    ...(ended.length === 0 ? {} : { endedCampaigns: ended }),
    ...(resolves.length === 0 ? {} : { resolves }),
  };
}

function parseModes(word: Uint8Array): OperatingMode[] {
  try {
    return modesOfWord((word[0]! << 8) | word[1]!);
  } catch (cause) {
    throw new PolycardError('POLYCARD_TERMINAL_INDUSTRY_DATA', 'F57.DF20 (Operating modes) has bits that are no mode', {
      where: 'F57.DF20',
      cause,
    });
  }
}

/** An identifier of the tariff, as the blueprint writes them. */
function campaignOf(value: Uint8Array): string {
  const text = Buffer.from(value).toString('latin1');
  if (/^[a-z][a-z0-9-]{1,40}$/.test(text)) return text;
  throw new PolycardError('POLYCARD_TERMINAL_INDUSTRY_DATA', 'F57.DF24 (Ended campaign) is no identifier', {
    where: 'F57.DF24',
    expected: 'lower-case words joined by hyphens, 2 to 41 characters',
  });
}

function parseRepair(value: Uint8Array): RepairCode {
  const code = REPAIR_CODES.find((candidate) => candidate === toHex(value));
  if (code !== undefined) return code;
  throw new PolycardError('POLYCARD_TERMINAL_INDUSTRY_DATA', 'F57.DF23 (Repair code) is no reason code', {
    where: 'F57.DF23',
    expected: REPAIR_CODES.join(', '),
  });
}

const RESOLUTIONS: readonly TornResolution['outcome'][] = ['not-committed', 'committed'];
const CRYPTOGRAM_BYTES = 8;

/** Counter 2 ‖ outcome 1 (0 not committed, 1 committed) ‖ cryptogram 8 of a committed one. */
function encodeResolution({ atc, outcome, cryptogram = new Uint8Array(0) }: TornResolution): Uint8Array {
  return Uint8Array.of(atc >> 8, atc & 0xff, RESOLUTIONS.indexOf(outcome), ...cryptogram);
}

function parseResolution(value: Uint8Array): TornResolution {
  const outcome = RESOLUTIONS[value[2] ?? RESOLUTIONS.length];
  const expectedBytes = outcome === 'committed' ? 3 + CRYPTOGRAM_BYTES : 3;
  if (outcome === undefined || value.length !== expectedBytes) {
    throw new PolycardError(
      'POLYCARD_TERMINAL_INDUSTRY_DATA',
      `F57.DF14 (${INDUSTRY_TAGS['DF14']!.en}) has ${value.length} bytes and no outcome that goes with them`,
      { where: 'F57.DF14', expected: '3 bytes, or 11 of a committed one' },
    );
  }
  const atc = (value[0]! << 8) | value[1]!;
  return outcome === 'committed' ? { atc, outcome, cryptogram: value.slice(3) } : { atc, outcome };
}

function writtenRecord(node: TlvNode): WrittenRecord {
  const sfi = node.children?.find((child) => child.tag === 'DF0C')?.value[0];
  const bytes = node.children?.find((child) => child.tag === 'DF0D')?.value;
  if (sfi === undefined || bytes === undefined) {
    throw new PolycardError('POLYCARD_TERMINAL_INDUSTRY_DATA', 'F57.FF0B (Record written) lacks its SFI or its bytes', {
      where: 'F57.FF0B',
    });
  }
  return { sfi, bytes };
}
