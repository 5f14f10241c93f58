/** INSTALL (GPC 2.3.1 §11.5): for load, install, make selectable, personalisation, extradition. No chaining (P1 b8). */
import {
  ByteReader,
  type CommandApdu,
  concat,
  encodeTlv,
  findTlv,
  parseTlv,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
} from '@polycard/bytes';
import { Refusal } from '../refusal.ts';
import { lv, readLv, readOrRefuse, requireAid } from './data.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_E6_INSTALL = 0xe6;

export const INSTALL_STATUS_WORDS: StatusWordTable = {
  25985: { en: 'memory failure', zh: '存储器故障' },
  27013: {
    en: 'refused: the AID is in use, or the policy of the card forbids it',
    zh: '被拒绝：AID 已使用或策略不允许',
  },
  27264: { en: 'the parameters cannot be read', zh: '参数错误' },
  27268: { en: 'not enough memory', zh: '存储空间不足' },
  27272: { en: 'no such load file, module or application', zh: '没有该加载文件、模块或应用' },
};

const P1_LOAD = 0x02;
const P1_INSTALL = 0x04;
const P1_MAKE_SELECTABLE = 0x08;
const P1_EXTRADITION = 0x10;
const P1_PERSONALISATION = 0x20;

const NONE = new Uint8Array(0);

export interface InstallForLoad {
  readonly purpose: 'load';
  readonly loadFile: Uint8Array;
  /** Empty: the domain that received the command. */
  readonly securityDomain: Uint8Array;
  readonly hash: Uint8Array;
  readonly parameters: Uint8Array;
}

export interface InstallForInstall {
  readonly purpose: 'install';
  readonly makeSelectable: boolean;
  readonly loadFile: Uint8Array;
  readonly module: Uint8Array;
  readonly instance: Uint8Array;
  /** Three bytes. */
  readonly privileges: Uint8Array;
  /** Value of C9, for the application. */
  readonly applicationParameters: Uint8Array;
}

export interface InstallForMakeSelectable {
  readonly purpose: 'make selectable';
  readonly instance: Uint8Array;
  readonly privileges: Uint8Array;
}

export interface InstallForPersonalisation {
  readonly purpose: 'personalisation';
  readonly instance: Uint8Array;
}

export interface InstallForExtradition {
  readonly purpose: 'extradition';
  readonly securityDomain: Uint8Array;
  readonly instance: Uint8Array;
}

export type Install =
  | InstallForLoad
  | InstallForInstall
  | InstallForMakeSelectable
  | InstallForPersonalisation
  | InstallForExtradition;

function installCommand(p1: number, fields: readonly Uint8Array[]): CommandApdu {
  return { cla: 0x80, ins: INS_E6_INSTALL, p1, p2: 0x00, data: concat(...fields.map(lv)), le: 256 };
}

/** Without tokens: the issuer manages its own card. */
export function encodeInstall(install: Install): CommandApdu {
  switch (install.purpose) {
    case 'load':
      return installCommand(P1_LOAD, [
        ...[install.loadFile, install.securityDomain, install.hash, install.parameters, NONE],
      ]);
    case 'install': {
      const p1 = P1_INSTALL | (install.makeSelectable ? P1_MAKE_SELECTABLE : 0);
      const parameters = encodeTlv('C9', install.applicationParameters);
      const { loadFile, module, instance, privileges } = install;
      return installCommand(p1, [loadFile, module, instance, privileges, parameters, NONE]);
    }
    case 'make selectable':
      return installCommand(P1_MAKE_SELECTABLE, [NONE, NONE, install.instance, install.privileges, NONE, NONE]);
    case 'personalisation':
      return installCommand(P1_PERSONALISATION, [NONE, NONE, install.instance, NONE, NONE, NONE]);
    case 'extradition':
      return installCommand(P1_EXTRADITION, [install.securityDomain, NONE, install.instance, NONE, NONE, NONE]);
  }
}

/** One byte of privileges stands for three; bytes 2 and 3 of an application are then off (GPC 2.3.1 §6.6.2). */
function readPrivileges(value: Uint8Array): Uint8Array {
  if (value.length === 3) return Uint8Array.from(value);
  if (value.length === 2) return Uint8Array.of(value[0]!, value[1]!, 0);
  if (value.length === 1) return Uint8Array.of(value[0]!, 0, 0);
  if (value.length === 0) return new Uint8Array(3);
  throw new Refusal(SW_6A80_WRONG_DATA, `privileges of ${value.length} bytes`, 'privileges');
}

function readFields(data: Uint8Array, names: readonly string[]): Uint8Array[] {
  return readOrRefuse('INSTALL', () => {
    const reader = new ByteReader(data, 'INSTALL');
    // The token, the last field, may be left out altogether
    const values = names.map((name, index) =>
      index === names.length - 1 && reader.remaining === 0 ? NONE : readLv(reader, name),
    );
    if (reader.remaining > 0) throw new Refusal(SW_6A80_WRONG_DATA, 'bytes after the last field', 'INSTALL');
    return values;
  });
}

function readInstall(makeSelectable: boolean, data: Uint8Array): InstallForInstall {
  const names = ['load file AID', 'module AID', 'instance AID', 'privileges', 'parameters', 'token'];
  const [loadFile, module, instance, privileges, parameters] = readFields(data, names) as [
    ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array],
  ];
  const nodes = readOrRefuse('parameters', () => parseTlv(parameters, 'parameters'));
  const applicationParameters = findTlv(nodes, 'C9');
  if (applicationParameters === undefined) throw new Refusal(SW_6A80_WRONG_DATA, 'the parameters have no C9', 'C9');
  return {
    ...{ purpose: 'install', makeSelectable, privileges: readPrivileges(privileges), applicationParameters },
    loadFile: requireAid(loadFile, 'load file AID'),
    module: requireAid(module, 'module AID'),
    instance: requireAid(instance, 'instance AID'),
  };
}

export function parseInstall(command: CommandApdu): Install {
  const { p1, p2, data } = command;
  if (p2 !== 0x00) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'P2 of INSTALL is 00');
  switch (p1) {
    case P1_LOAD: {
      const names = ['load file AID', 'security domain AID', 'hash', 'parameters', 'token'];
      const [loadFile, securityDomain, hash, parameters] = readFields(data, names);
      const file = requireAid(loadFile!, 'load file AID');
      if (securityDomain!.length > 0) requireAid(securityDomain!, 'security domain AID');
      return { purpose: 'load', loadFile: file, securityDomain: securityDomain!, hash: hash!, parameters: parameters! };
    }
    case P1_INSTALL:
      return readInstall(false, data);
    case P1_INSTALL | P1_MAKE_SELECTABLE:
      return readInstall(true, data);
    case P1_MAKE_SELECTABLE: {
      const [, , instance, privileges] = readFields(data, ['', '', 'AID', 'privileges', 'parameters', 'token']);
      const aid = requireAid(instance!, 'AID');
      return { purpose: 'make selectable', instance: aid, privileges: readPrivileges(privileges!) };
    }
    case P1_PERSONALISATION: {
      const [, , instance] = readFields(data, ['', '', 'AID', '', '', '']);
      return { purpose: 'personalisation', instance: requireAid(instance!, 'AID') };
    }
    case P1_EXTRADITION: {
      const [domain, , instance] = readFields(data, ['security domain AID', '', 'AID', '', '', 'token']);
      const securityDomain = requireAid(domain!, 'security domain AID');
      return { purpose: 'extradition', securityDomain, instance: requireAid(instance!, 'AID') };
    }
    default:
      throw new Refusal(SW_6A86_INCORRECT_P1_P2, `INSTALL for an unknown purpose ${p1.toString(16)}`);
  }
}
