/** The terminals' door: TCP, UnionPay-style ISO 8583. Each message is answered or refused by name. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { concat, PolycardError } from '@polycard/bytes';
import {
  CUP_TERMINAL,
  cupMac,
  encodeFrame,
  encodeParameterAnswer,
  encodeSettlementTotals,
  encodeSignInKeys,
  type Field60,
  type FieldValue,
  hasRightMac,
  NETWORK_CODES,
  OFFLINE_SALE_TYPE,
  packMessage,
  packWithMac,
  parseField60,
  parseFrame,
  parseOriginalMessage,
  parseParameterRequest,
  parseSettlementTotals,
  parseTracePage,
  type ReceivedMessage,
  swapTpdu,
  unpackMessage,
} from '@polycard/iso8583';
import type { PlatformContext } from '../context.ts';
import { actAs } from '../modules/audit/acting.ts';
import { EXPLANATIONS } from '../modules/clearing/exceptions.ts';
import { openExceptions } from '../modules/clearing/store.ts';
import { type NewDialogue, newDialogue, saveDialogues } from '../modules/taps/dialogue.ts';
import { BatchSettlement } from './batch-settlement.ts';
import { Conversation } from './conversation.ts';
import { GroupCommit } from './group-commit.ts';
import { tapId, uploadOf } from './offline-sale.ts';
import { ParameterSets } from './parameter-sets.ts';
import * as response from './response-codes.ts';
import { type GatewayTerminal, TerminalDirectory } from './terminal-directory.ts';
import { UploadQueue } from './upload-queue.ts';

/** Fields of an answer beside those it echoes. */
type AnswerFields = Record<number, FieldValue>;

const CONNECTIONS_MAX = 10_000;
const TRACE_BYTES_MAX = 64 * 1024;

export class Gateway {
  readonly #context: PlatformContext;
  readonly #terminals: TerminalDirectory;
  readonly #parameters: ParameterSets;
  readonly #uploads: UploadQueue;
  readonly #settlements: BatchSettlement;
  readonly #dialogues: GroupCommit<NewDialogue, undefined>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #traces = new Map<string, { pages: Uint8Array[]; bytes: number }>();

  constructor(context: PlatformContext, events: { readonly onUploads: () => void }) {
    this.#context = context;
    this.#terminals = new TerminalDirectory(context);
    this.#parameters = new ParameterSets(context);
    this.#uploads = new UploadQueue(context, events.onUploads);
    this.#settlements = new BatchSettlement(context);
    this.#dialogues = new GroupCommit((dialogues) => saveDialogues(context, dialogues));
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      new Conversation(socket, (frame) => this.answer(frame), context.log);
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  listen(host: string, port: number): Promise<{ host: string; port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'EADDRINUSE' ? `port ${port} is taken` : error.message;
        reject(
          new PolycardError('POLYCARD_GATEWAY_LISTEN', `the gateway cannot listen on ${host}:${port}: ${reason}`, {
            where: '--gateway-port',
            cause: error,
          }),
        );
      });
      this.#server.listen(port, host, () => {
        this.#server.removeAllListeners('error');
        resolve({ host, port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
    for (const part of [this.#uploads, this.#settlements, this.#dialogues, this.#terminals]) await part.close();
  }

  /** The frame that answers a frame. Throws only for what is no message at all: the line is closed then. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const frame = parseFrame(bytes);
    const message = unpackMessage(CUP_TERMINAL, frame.message);
    const terminalNo = message.required(41);
    const terminal = await this.#terminals.find(terminalNo);
    const { code, fields } = await this.#handle(message, terminal);
    const answer = {
      mti: answerMti(message.mti),
      fields: { ...echoed(message), ...clock(this.#context), 39: code, ...fields },
    };
    // what a terminal sealed is answered sealed; a refusal of its MAC is not
    const packed =
      message.has(64) && terminal?.macEncryptor !== undefined && code !== response.RC_A0_MAC
        ? packWithMac(CUP_TERMINAL, answer, cupMac(terminal.macEncryptor))
        : packMessage(CUP_TERMINAL, answer);
    return encodeFrame({ tpdu: swapTpdu(frame.tpdu), header: frame.header, message: packed });
  }

  async #handle(
    message: ReceivedMessage,
    terminal: GatewayTerminal | undefined,
  ): Promise<{ code: string; fields?: AnswerFields }> {
    if (terminal === undefined) {
      this.#context.log.warn({ terminalNo: message.text(41) }, 'unknown terminal refused');
      return { code: response.RC_97_TERMINAL };
    }
    if (message.text(42) !== terminal.merchantNo) return { code: response.RC_03_MERCHANT };
    try {
      const field60 = parseField60(message.required(60));
      switch (`${message.mti} ${message.mti === '0220' ? field60.type : field60.code}`) {
        case `0800 ${NETWORK_CODES.signInDoubleLength}`:
          return await this.#signIn(terminal);
        case `0800 ${NETWORK_CODES.tmsParameters}`:
          return await this.#parameterPage(terminal, message);
        case `0820 ${NETWORK_CODES.echo}`:
        case `0820 ${NETWORK_CODES.signOff}`:
          return { code: response.RC_00_APPROVED };
        case `0820 ${NETWORK_CODES.tapTrace}`:
          return await this.#trace(terminal, message);
        case `0220 ${OFFLINE_SALE_TYPE}`:
          return await this.#offlineSale(terminal, message, field60);
        case `0500 ${NETWORK_CODES.settlement}`:
          return await this.#settlement(terminal, message, field60);
        case `0320 ${NETWORK_CODES.batchEndEqual}`:
        case `0320 ${NETWORK_CODES.batchEndUnequal}`:
          return { code: response.RC_00_APPROVED };
        default:
          return { code: response.RC_12_INVALID_TRANSACTION };
      }
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

  async #signIn(known: GatewayTerminal): Promise<{ code: string; fields: AnswerFields }> {
    const terminal = (await this.#terminals.refresh(known.terminalNo)) ?? known;
    const keys = await actAs({ who: `terminal ${known.terminalNo}` }, () =>
      this.#context.vault.issueWorkingKeys(terminal.sealedMasterKey),
    );
    await this.#terminals.signedIn(terminal, keys.sealedMacKey);
    const keyField = encodeSignInKeys({ pinKey: keys.pinKey, macKey: keys.macKey });
    return { code: response.RC_00_APPROVED, fields: { 62: keyField } };
  }

  async #parameterPage(
    terminal: GatewayTerminal,
    message: ReceivedMessage,
  ): Promise<{ code: string; fields?: AnswerFields }> {
    const request = parseParameterRequest(message.raw(62) ?? new Uint8Array(0));
    const answer = this.#parameters.page(terminal, request);
    if (answer === undefined) return { code: response.RC_12_INVALID_TRANSACTION };
    if (request.set === 'TAR' && answer.status !== 'more') await this.#terminals.tariffLoaded(terminal, answer.version);
    return { code: response.RC_00_APPROVED, fields: { 62: encodeParameterAnswer(answer) } };
  }

  async #offlineSale(terminal: GatewayTerminal, message: ReceivedMessage, field60: Field60): Promise<{ code: string }> {
    if (terminal.macEncryptor === undefined) return { code: response.RC_97_TERMINAL };
    if (!message.has(64) || !hasRightMac(message, cupMac(terminal.macEncryptor))) {
      await this.#wrongMac(terminal, message, field60);
      return { code: response.RC_A0_MAC };
    }
    const outcome = await this.#uploads.add(uploadOf(this.#context, terminal, message));
    // sent twice: done once and answered the same; another message under a used key is refused
    return { code: outcome === 'conflict' ? response.RC_94_DUPLICATE : response.RC_00_APPROVED };
  }

  /** A message that was changed on its way, or a terminal with wrong keys: named on the exception list. */
  async #wrongMac(terminal: GatewayTerminal, message: ReceivedMessage, field60: Field60): Promise<void> {
    const { store, region, now } = this.#context;
    const traceNo = message.required(11);
    await openExceptions(
      store.database,
      [
        {
          id: `${tapId(terminal.terminalNo, field60.batchNo, Number(traceNo))}:mac`,
          reason: 'mac',
          tapId: null,
          cardToken: null,
          terminalNo: terminal.terminalNo,
          businessDate: region.businessDate(region.localTime(now())),
          explanation: EXPLANATIONS.mac(traceNo),
        },
      ],
      now(),
    );
  }

  async #settlement(
    terminal: GatewayTerminal,
    message: ReceivedMessage,
    field60: Field60,
  ): Promise<{ code: string; fields: AnswerFields }> {
    const totals = parseSettlementTotals(message.required(48));
    const result = await this.#settlements.settle({
      terminalNo: terminal.terminalNo,
      batchNo: field60.batchNo,
      totals,
    });
    terminal.batchNo = result.nextBatchNo;
    const answered = encodeSettlementTotals({ ...totals, result: result.totals === 'equal' ? 1 : 2 });
    return { code: response.RC_00_APPROVED, fields: { 48: answered } };
  }

  /** Pages of a tap's APDU dialogue; stored, sealed, when the last one is here. */
  async #trace(terminal: GatewayTerminal, message: ReceivedMessage): Promise<{ code: string }> {
    const original = parseOriginalMessage(message.required(61));
    const page = parseTracePage(message.raw(62) ?? new Uint8Array(0));
    const id = tapId(terminal.terminalNo, original.batchNo, original.traceNo);
    const trace = page.page === 1 ? { pages: [], bytes: 0 } : this.#traces.get(id);
    if (trace === undefined || page.page !== trace.pages.length + 1)
      return { code: response.RC_12_INVALID_TRANSACTION };
    trace.pages.push(Uint8Array.from(page.chunk));
    trace.bytes += page.chunk.length;
    if (trace.bytes > TRACE_BYTES_MAX) {
      this.#traces.delete(id);
      return { code: response.RC_30_FORMAT };
    }
    if (page.page < page.pages) {
      this.#traces.set(id, trace);
      return { code: response.RC_00_APPROVED };
    }
    this.#traces.delete(id);
    await this.#dialogues.add(newDialogue(id, concat(...trace.pages)));
    return { code: response.RC_00_APPROVED };
  }
}

/** 0800 → 0810, 0220 → 0230 … */
function answerMti(mti: string): string {
  return `${mti.slice(0, 2)}${Number(mti[2]) + 1}${mti[3]}`;
}

/** Fields an answer carries as they came. */
function echoed(message: ReceivedMessage): AnswerFields {
  const fields: AnswerFields = {};
  for (const field of [3, 4, 11, 25, 41, 42, 49, 60]) {
    const text = message.text(field);
    if (text !== undefined) fields[field] = text;
  }
  return fields;
}

function clock({ region, now }: PlatformContext): AnswerFields {
  const time = region.localTime(now());
  return { 12: time.slice(11).replaceAll(':', ''), 13: time.slice(5, 10).replace('-', '') };
}
