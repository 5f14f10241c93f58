/** What a handler of messages gets and gives. A group registers one handler for each kind of message it answers. */
import type { Field60, FieldValue, ReceivedMessage } from '@polycard/iso8583';
import type { GatewayTerminal } from '../terminal-directory.ts';

/** Fields of an answer beside those it echoes. */
export type AnswerFields = Record<number, FieldValue>;

export interface Incoming {
  readonly terminal: GatewayTerminal;
  readonly message: ReceivedMessage;
  readonly field60: Field60;
}

export interface Answer {
  /** Field 39. */
  readonly code: string;
  readonly fields?: AnswerFields;
}

export type Handler = (incoming: Incoming) => Promise<Answer>;

export interface HandlerGroup {
  /** By kind of message, as `kindOf` names it. */
  readonly handlers: Readonly<Record<string, Handler>>;
  close?(): Promise<void>;
}

/** A kind of message: its MTI and network code, or for financial messages its transaction type. */
export function kindOf({ mti }: Pick<ReceivedMessage, 'mti'>, field60: Pick<Field60, 'type' | 'code'>): string {
  return `${mti} ${mti.startsWith('02') ? field60.type : field60.code}`;
}
