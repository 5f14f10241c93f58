/** Command and response APDUs and status words. */
import {
  type CommandApdu,
  describeStatusWord,
  PolycardError,
  parseCommand,
  parseResponse,
  parseTlv,
  SW_9000_SUCCESS,
  swHex,
  toHex,
} from '@polycard/bytes';
import { commandName } from '../command-names.ts';
import { describeCommand } from '../describe-command.ts';
import { describeTlv } from '../describe-tlv.ts';
import { maskedResponseHex } from '../mask-response.ts';
import { tagEntry } from '../tags.ts';
import { groupingParts } from './dgi.ts';
import { type Explainer, type ExplanationPart, holds, partsOfTlv } from './explanation.ts';

const hexByte = (value: number): string => toHex(Uint8Array.of(value));
const UNKNOWN_STATUS = describeStatusWord(0x0000).en;
const INS_E2_STORE_DATA = 0xe2;

function classText(cla: number): { text: string; textZh: string } {
  const isProprietary = (cla & 0x80) !== 0;
  const isSecure = (cla & 0x0c) !== 0;
  return {
    text: `${isProprietary ? 'proprietary' : 'interindustry'}${isSecure ? ', secure messaging' : ''}`,
    textZh: `${isProprietary ? '专有类' : '行业间类'}${isSecure ? '，安全报文' : ''}`,
  };
}

function dataChildren(command: CommandApdu): readonly ExplanationPart[] | undefined {
  const isStoreData = command.ins === INS_E2_STORE_DATA && (command.cla & 0xf0) === 0x80;
  try {
    if (isStoreData) return groupingParts(command.data, true);
    const nodes = parseTlv(command.data);
    if (nodes.length > 0 && nodes.every(({ tag }) => tagEntry(tag) !== undefined))
      return partsOfTlv(describeTlv(command.data));
  } catch {
    return undefined; // data that are no objects stay bytes
  }
  return undefined;
}

function commandParts(bytes: Uint8Array): ExplanationPart[] {
  const command = parseCommand(bytes);
  const { en, zh } = describeCommand(bytes);
  const children = command.data.length === 0 ? undefined : dataChildren(command);
  return [
    { name: { en: 'command', zh: '命令' }, text: en, textZh: zh },
    { name: { en: 'CLA', zh: '类' }, hex: hexByte(command.cla), ...classText(command.cla) },
    { name: { en: 'INS', zh: '指令' }, hex: hexByte(command.ins) },
    { name: { en: 'P1 P2', zh: '参数' }, hex: hexByte(command.p1) + hexByte(command.p2) },
    ...(command.data.length === 0
      ? []
      : [
          {
            name: { en: `data, ${command.data.length} bytes`, zh: `数据 ${command.data.length}字节` },
            hex: maskedResponseHex(command.data),
            ...(children === undefined ? {} : { children }),
          },
        ]),
    ...(command.le === undefined
      ? []
      : [{ name: { en: 'Le', zh: '期望长度' }, text: command.le === 256 ? 'all' : `${command.le} bytes` }]),
  ];
}

function statusPart(sw: number): ExplanationPart {
  const { en, zh } = describeStatusWord(sw);
  return { name: { en: 'status word', zh: '状态字' }, hex: swHex(sw), text: en, textZh: zh };
}

const isKnownStatus = (sw: number): boolean => describeStatusWord(sw).en !== UNKNOWN_STATUS;
const isPossibleStatus = (sw: number): boolean => sw >> 12 === 6 || sw >> 12 === 9;

const command: Explainer = {
  kind: 'command',
  title: { en: 'command APDU', zh: '命令APDU' },
  likelihood: (bytes) => {
    if (!holds(() => parseCommand(bytes))) return 0;
    const parsed = parseCommand(bytes);
    const name = commandName(parsed);
    if (name !== undefined) return 91;
    return (parsed.cla & 0x70) === 0 && parsed.ins >> 4 !== 6 && parsed.ins >> 4 !== 9 ? 25 : 0;
  },
  explain: commandParts,
};

const response: Explainer = {
  kind: 'response',
  title: { en: 'response APDU', zh: '响应APDU' },
  likelihood: (bytes) => {
    if (bytes.length < 3) return 0;
    const { data, sw } = parseResponse(bytes);
    if (!isKnownStatus(sw)) return 0;
    const isTemplate = holds(() => {
      const [first] = parseTlv(data);
      return first !== undefined && tagEntry(first.tag) !== undefined;
    });
    return isTemplate ? 93 : sw === SW_9000_SUCCESS ? 42 : 30;
  },
  explain: (bytes) => {
    const { data, sw } = parseResponse(bytes);
    const isObjects = data.length > 0 && holds(() => describeTlv(data));
    return [
      ...(data.length === 0
        ? []
        : [
            {
              name: { en: `data, ${data.length} bytes`, zh: `数据 ${data.length}字节` },
              hex: maskedResponseHex(data),
              ...(isObjects ? { children: partsOfTlv(describeTlv(data)) } : {}),
            },
          ]),
      statusPart(sw),
    ];
  },
};

const statusWord: Explainer = {
  kind: 'sw',
  title: { en: 'status word', zh: '状态字' },
  likelihood: (bytes) => {
    if (bytes.length !== 2) return 0;
    const { sw } = parseResponse(bytes);
    return isKnownStatus(sw) ? 95 : isPossibleStatus(sw) ? 70 : 0;
  },
  explain: (bytes) => {
    if (bytes.length !== 2) {
      throw new PolycardError('POLYCARD_EXPLAIN_LENGTH', `a status word has 2 bytes, got ${bytes.length}`);
    }
    return [statusPart(parseResponse(bytes).sw)];
  },
};

export const APDU_EXPLAINERS: readonly Explainer[] = [command, response, statusWord];
