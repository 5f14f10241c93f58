/** SET STATUS (GPC 2.3.1 §11.10): life cycle of the card, of an application, of a security domain and what is below it. */
import { type CommandApdu, SW_6A86_INCORRECT_P1_P2 } from '@polycard/bytes';
import { Refusal } from '../refusal.ts';
import { requireAid } from './data.ts';
import type { StatusWordTable } from './status-words.ts';

export const INS_F0_SET_STATUS = 0xf0;

export const SET_STATUS_STATUS_WORDS: StatusWordTable = {
  27264: { en: 'the state cannot follow the present one', zh: '状态转换无效' },
  27272: { en: 'no such application', zh: '没有该应用' },
};

/** P1. */
export const STATUS_TARGET = { card: 0x80, application: 0x40, domainAndApplications: 0x60 } as const;
export type StatusTarget = keyof typeof STATUS_TARGET;

export interface SetStatus {
  readonly target: StatusTarget;
  readonly state: number;
  /** Empty for the card. */
  readonly aid: Uint8Array;
}

export function encodeSetStatus({ target, state, aid }: SetStatus): CommandApdu {
  return { cla: 0x80, ins: INS_F0_SET_STATUS, p1: STATUS_TARGET[target], p2: state, data: aid };
}

export function parseSetStatus(command: CommandApdu): SetStatus {
  const target = (Object.keys(STATUS_TARGET) as StatusTarget[]).find((name) => STATUS_TARGET[name] === command.p1);
  if (target === undefined) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'SET STATUS of an unknown kind');
  const aid = target === 'card' ? new Uint8Array(0) : requireAid(command.data, 'AID');
  return { target, state: command.p2, aid };
}
