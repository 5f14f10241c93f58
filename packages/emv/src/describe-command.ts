/** Command and response APDUs of a PBOC card in words, English and Chinese. Never throws: broken input is said to be so. */
import {
  type CommandApdu,
  type DolEntry,
  describeStatusWord,
  parseCommand,
  parseResponse,
  parseTlv,
  splitDol,
  swHex,
  toHex,
} from '@polycard/bytes';
import { commandName } from './command-names.ts';
import { type DescribeOptions, describeTlv, describeValue, type TlvDescription } from './describe-tlv.ts';
import { type TwoLanguages, tagName } from './tags.ts';

export interface CommandDescription extends TwoLanguages {
  /** Data objects of the command, e.g. the PDOL values of GET PROCESSING OPTIONS. */
  readonly command: readonly TlvDescription[];
  /** Data objects of the response, empty when it is no TLV. */
  readonly response: readonly TlvDescription[];
  readonly status?: TwoLanguages & { readonly sw: string };
}

export interface DescribeCommandOptions extends DescribeOptions {
  /** PDOL of the selected application, so that GET PROCESSING OPTIONS can be read. */
  readonly pdol?: readonly DolEntry[];
}

function aidText(data: Uint8Array): string {
  return data.every((byte) => byte >= 0x20 && byte < 0x7f) ? Buffer.from(data).toString('ascii') : toHex(data);
}

const number = (bytes: Uint8Array): number => (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);

function storeData(command: CommandApdu): TwoLanguages {
  const last = (command.p1 & 0x80) !== 0;
  const dgi = toHex(command.data.subarray(0, 2));
  return {
    en: `STORE DATA block ${command.p2} DGI ${dgi}${last ? ', last' : ''}`,
    zh: `存储数据 第${command.p2}块 DGI ${dgi}${last ? '，最后一块' : ''}`,
  };
}

function words(command: CommandApdu): TwoLanguages {
  const { cla, ins, p1, p2, data } = command;
  // SFIs are written in hexadecimal, as the specifications write them
  const sfi = toHex(Uint8Array.of(p2 >> 3));
  const next = (p2 & 1) !== 0;
  const hexId = toHex(data.subarray(0, 2));
  switch (ins) {
    case 0xa4:
      return { en: `SELECT ${aidText(data)}`, zh: `选择应用 ${aidText(data)}` };
    case 0xa8:
      return { en: 'GET PROCESSING OPTIONS', zh: '取处理选项' };
    case 0xb2:
      return { en: `READ RECORD ${p1} of SFI ${sfi}`, zh: `读记录 SFI ${sfi} 第${p1}条` };
    case 0xb4: {
      const mac = data.length > 2;
      return {
        en: `READ CAPP DATA SFI ${sfi} ID ${hexId}${next ? ', next' : ''}${mac ? ', with R-MAC' : ''}`,
        zh: `读扩展应用数据 SFI ${sfi} ID ${hexId}${next ? '，下一条' : ''}${mac ? '，带响应MAC' : ''}`,
      };
    }
    case 0xde:
      return {
        en: `UPDATE CAPP DATA CACHE SFI ${sfi}, ${Math.max(0, data.length - 4)} bytes`,
        zh: `更新扩展应用数据缓存 SFI ${sfi}，${Math.max(0, data.length - 4)}字节`,
      };
    case 0xe2:
      if ((cla & 0xf0) === 0x80) return storeData(command);
      return { en: `APPEND RECORD SFI ${sfi}`, zh: `追加记录 SFI ${sfi}` };
    case 0xca:
    case 0xda: {
      const tag = toHex(p1 === 0 ? Uint8Array.of(p2) : Uint8Array.of(p1, p2));
      const name = tagName(tag);
      const [en, zh] = ins === 0xca ? ['GET DATA', '取数据'] : ['PUT DATA', '设置数据'];
      return { en: `${en} ${tag} ${name.en}`, zh: `${zh} ${tag} ${name.zh}` };
    }
    case 0x5a:
      if (p2 !== 0)
        return { en: `GET TRANSACTION PROVE counter ${number(data)}`, zh: `取交易认证 序号 ${number(data)}` };
      return { en: `GET TRANS PROVE ATC ${number(data)}`, zh: `取交易认证 ATC ${number(data)}` };
    case 0xdc:
      if (cla === 0x80) break; // of the purse
      return { en: `UPDATE RECORD ${p1} of SFI ${sfi}`, zh: `更新记录 SFI ${sfi} 第${p1}条` };
    case 0xae: {
      const kind = ['AAC', 'TC', 'ARQC', '?'][p1 >> 6];
      return { en: `GENERATE AC, asks for ${kind}`, zh: `生成应用密文，请求${kind}` };
    }
  }
  const name = commandName(command);
  if (name !== undefined) return { en: name.en, zh: name.zh };
  const header = toHex(Uint8Array.of(cla, ins, p1, p2));
  return { en: `command ${header}`, zh: `命令 ${header}` };
}

function pdolValues(command: CommandApdu, options: DescribeCommandOptions): TlvDescription[] {
  if (command.ins !== 0xa8 || options.pdol === undefined) return [];
  try {
    const template = parseTlv(command.data, 'PDOL data')[0];
    if (template?.tag !== '83') return [];
    const values = splitDol(options.pdol, template.value, 'PDOL data');
    return [...values].map(([tag, value]) => describeValue(tag, value, options));
  } catch {
    return [];
  }
}

/** GET PROCESSING OPTIONS format 1: AIP and AFL without tags. */
function describeFormat1(command: CommandApdu, nodes: TlvDescription[], data: Uint8Array): TlvDescription[] {
  if (command.ins !== 0xa8 || nodes[0]?.tag !== '80' || data.length < 4) return nodes;
  const value = data.subarray(data.length - nodes[0].lengthBytes);
  return [describeValue('82', value.subarray(0, 2)), describeValue('94', value.subarray(2))];
}

function responseTree(command: CommandApdu, data: Uint8Array, options: DescribeOptions): TlvDescription[] {
  const isTlv = [0xa4, 0xa8, 0xca, 0xae].includes(command.ins) || (command.ins === 0xb2 && data[0] === 0x70);
  if (!isTlv || data.length === 0) return [];
  try {
    return describeFormat1(command, describeTlv(data, options), data);
  } catch {
    return [];
  }
}

/** What a command asks and what came back. `response` may be left out while it is not known. */
export function describeCommand(
  command: Uint8Array,
  response?: Uint8Array,
  options: DescribeCommandOptions = {},
): CommandDescription {
  let parsed: CommandApdu;
  try {
    parsed = parseCommand(command);
  } catch {
    return { en: 'not a command APDU', zh: '不是命令APDU', command: [], response: [] };
  }
  const base = { ...words(parsed), command: pdolValues(parsed, options) };
  if (response === undefined || response.length < 2) return { ...base, response: [] };
  const { data, sw } = parseResponse(response);
  const status = { ...describeStatusWord(sw), sw: swHex(sw) };
  return { ...base, response: responseTree(parsed, data, options), status };
}
