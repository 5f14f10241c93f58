/** The terminals' door: TCP, UnionPay-style ISO 8583. Each message is answered or refused by name. */
import { PolycardError } from '@polycard/bytes';
import {
  encodeFrame,
  packMessage,
  packWithMac,
  parseField60,
  parseFrame,
  type ReceivedMessage,
  swapTpdu,
  UNIONPAY_ACQUIRER,
  unpackMessage,
} from '@polycard/iso8583';
import { DENY_LIST_SET } from '@polycard/terminal';
import type { PlatformContext } from '../context.ts';
import { denyListHandlers } from './handlers/deny-lists.ts';
import { type Answer, type AnswerFields, type Handler, type HandlerGroup, kindOf } from './handlers/handler.ts';
import { industryHandlers } from './handlers/industry.ts';
import { objectDownloadHandlers } from './handlers/object-downloads.ts';
import { offlineSaleHandlers } from './handlers/offline-sale.ts';
import { onlineHandlers } from './handlers/online.ts';
import { parameterHandlers } from './handlers/parameters.ts';
import { settingsHandlers } from './handlers/settings.ts';
import { settlementHandlers } from './handlers/settlement.ts';
import { signInHandlers } from './handlers/sign-in.ts';
import { tapTraceHandlers } from './handlers/tap-trace.ts';
import { limitsOf } from './limits.ts';
import { type LineOrigin, Lines, type TlsFiles } from './lines.ts';
import { MODE_SET, modePages } from './mode-set.ts';
import { RateLimit } from './rate-limit.ts';
import { readable } from './readable.ts';
import * as response from './response-codes.ts';
import { type GatewayTerminal, TerminalDirectory } from './terminal-directory.ts';

export class Gateway {
  readonly #context: PlatformContext;
  readonly #terminals: TerminalDirectory;
  readonly #groups: readonly HandlerGroup[];
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #lines: Lines;
  readonly #rate: RateLimit;

  constructor(context: PlatformContext, events: { readonly onUploads: () => void }) {
    this.#context = context;
    this.#terminals = new TerminalDirectory(context);
    const lists = denyListHandlers(context);
    this.#groups = [
      signInHandlers(context, this.#terminals),
      parameterHandlers(context, this.#terminals, {
        [DENY_LIST_SET]: lists.page,
        [MODE_SET]: modePages(context, this.#terminals),
      }),
      lists,
      objectDownloadHandlers(context),
      settingsHandlers(context),
      offlineSaleHandlers(context, events.onUploads),
      onlineHandlers(context),
      industryHandlers(context),
      settlementHandlers(context),
      tapTraceHandlers(context),
    ];
    this.#handlers = handlersByKind(this.#groups);
    const limits = limitsOf(context.region.blueprint.terminals.docking);
    this.#rate = new RateLimit(limits.messagesPerSecondTerminal);
    this.#lines = new Lines({
      answer: (frame, origin) => this.answer(frame, origin),
      limits,
      log: context.log,
      nowMs: () => performance.now(),
    });
  }

  listen(host: string, port: number): Promise<{ host: string; port: number }> {
    return this.#lines.listen(host, port);
  }

  /** The second door: TLS, client certificates that name the terminal. */
  listenTls(host: string, port: number, files: TlsFiles): Promise<{ host: string; port: number }> {
    return this.#lines.listenTls(host, port, files);
  }

  async close(): Promise<void> {
    await this.#lines.close();
    for (const part of [...this.#groups, this.#terminals]) await part.close?.();
  }

  /** The frame that answers a frame. Throws only for what is no message at all: the line is closed then. */
  async answer(bytes: Uint8Array, { certifiedTerminalNo }: LineOrigin = {}): Promise<Uint8Array> {
    const frame = parseFrame(bytes);
    const { message, terminal } = await this.#read(frame.message);
    const terminalNo = message.required(41);
    if (certifiedTerminalNo !== undefined && certifiedTerminalNo !== terminalNo) {
      throw new PolycardError(
        'POLYCARD_GATEWAY_CERTIFICATE',
        `the certificate is for terminal ${certifiedTerminalNo}, the message from ${terminalNo}`,
        { where: 'F41', expected: certifiedTerminalNo },
      );
    }
    const waitMs = this.#rate.take(terminalNo, performance.now());
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { code, fields } = await this.#handle(message, terminal);
    const answer = {
      mti: answerMti(message.mti),
      fields: { ...echoed(message), ...clock(this.#context), 39: code, ...fields },
    };
    const { dialect } = terminal?.acquirer ?? UNIONPAY_ACQUIRER;
    // what a terminal sealed is answered sealed; a refusal of its MAC is not
    const packed =
      message.has(64) && terminal?.mac !== undefined && code !== response.RC_A0_MAC
        ? packWithMac(dialect, answer, terminal.mac)
        : packMessage(dialect, answer);
    if (terminal !== undefined) {
      const { lastMessages, now } = this.#context;
      lastMessages.note(terminal.terminalNo, message, unpackMessage(dialect, packed), now());
    }
    return encodeFrame({ tpdu: swapTpdu(frame.tpdu), header: frame.header, message: packed });
  }

  /** The message in the dialect of its terminal's acquirer. Throws when it is a message of none. */
  async #read(bytes: Uint8Array): Promise<{ message: ReceivedMessage; terminal: GatewayTerminal | undefined }> {
    let failure: unknown;
    for (const dialect of this.#terminals.acquirers.dialects) {
      try {
        const message = unpackMessage(dialect, bytes);
        const terminal = await this.#terminals.find(message.required(41));
        if (terminal === undefined || terminal.acquirer.dialect === dialect) return { message, terminal };
        return { message: unpackMessage(terminal.acquirer.dialect, bytes), terminal };
      } catch (error) {
        if (!(error instanceof PolycardError) || !error.code.startsWith('POLYCARD_ISO8583_')) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  async #handle(message: ReceivedMessage, terminal: GatewayTerminal | undefined): Promise<Answer> {
    if (terminal === undefined) {
      this.#context.log.warn({ terminalNo: message.text(41) }, 'unknown terminal refused');
      return { code: response.RC_97_TERMINAL };
    }
    if (message.text(42) !== terminal.merchantNo) return { code: response.RC_03_MERCHANT };
    try {
      // decoded here, so that none is stored whose answer could not name it
      for (const field of ECHOED) message.text(field);
      const field60 = parseField60(message.required(60));
      const handler = this.#handlers.get(kindOf(message, field60));
      return handler === undefined
        ? { code: response.RC_12_INVALID_TRANSACTION }
        : await handler({ terminal, message, field60 });
    } catch (error) {
      if (error instanceof PolycardError && /^POLYCARD_(ISO8583|TLV|TERMINAL|BYTES)_/.test(error.code)) {
        this.#context.log.warn(
          { terminalNo: terminal.terminalNo, reason: error.message, code: error.code },
          'message refused',
        );
        return { code: response.RC_30_FORMAT };
      }
      this.#context.log.error({ err: error, terminalNo: terminal.terminalNo }, 'message failed');
      return { code: response.RC_96_SYSTEM };
    }
  }
}

/** Throws when two groups answer the same kind of message: one of them would never be heard. */
function handlersByKind(groups: readonly HandlerGroup[]): Map<string, Handler> {
  const byKind = new Map<string, Handler>();
  for (const [kind, handler] of groups.flatMap(({ handlers }) => Object.entries(handlers))) {
    if (byKind.has(kind)) throw new PolycardError('POLYCARD_GATEWAY_HANDLERS', `two handlers answer ${kind}`);
    byKind.set(kind, handler);
  }
  return byKind;
}

/** 0800 → 0810, 0220 → 0230 … */
function answerMti(mti: string): string {
  return `${mti.slice(0, 2)}${Number(mti[2]) + 1}${mti[3]}`;
}

/** Fields an answer carries as they came. */
const ECHOED = [3, 4, 11, 25, 41, 42, 49, 60];

/** But for those that cannot be read: the answer says 30 then. */
function echoed(message: ReceivedMessage): AnswerFields {
  const fields: AnswerFields = {};
  for (const field of ECHOED) {
    const text = readable(message, field);
    if (text !== undefined) fields[field] = text;
  }
  return fields;
}

function clock({ region, now }: PlatformContext): AnswerFields {
  const time = region.localTime(now());
  return { 12: time.slice(11).replaceAll(':', ''), 13: time.slice(5, 10).replace('-', '') };
}
