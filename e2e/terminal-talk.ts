/** A terminal's side for tests of the host: frames of any kind, sent one after the other on one real connection. */
import { connect } from 'node:net';
import { concat } from '@polycard/bytes';
import { decryptBlocks, openEncryptor } from '@polycard/crypto';
import {
  ANY_ACQUIRER,
  CUP_TERMINAL,
  cupMac,
  encodeField60,
  encodeFrame,
  FrameReader,
  type Message,
  packMessage,
  parseFrame,
  parseSignInKeys,
  type ReceivedMessage,
  UNIONPAY_ACQUIRER,
  unpackMessage,
} from '@polycard/iso8583';
import { HostLink, type HostLinkOptions } from '@polycard/terminal';

const LENGTH_BYTES = 2;
const MAC_BYTES = 8;

/** Sends frames one after the other and gives the answers; undefined when the line was closed. */
export function talk(
  address: { readonly host: string; readonly port: number },
  frames: readonly Uint8Array[],
): Promise<(Uint8Array | undefined)[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address });
    const reader = new FrameReader();
    const answers: (Uint8Array | undefined)[] = [];
    const next = (): void => {
      if (answers.length === frames.length) socket.end(() => resolve(answers));
      else socket.write(frames[answers.length]!);
    };
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      reader.push(chunk);
      const frame = reader.next();
      if (frame === undefined) return;
      answers.push(frame);
      next();
    });
    socket.on('close', () => {
      while (answers.length < frames.length) answers.push(undefined);
      resolve(answers);
    });
    socket.on('error', reject);
  });
}

/** What a message has beside its terminal, merchant, trace and type. */
export interface Told {
  readonly mti: string;
  readonly code: string;
  readonly type?: string;
  readonly traceNo?: number;
  readonly batchNo?: number;
  readonly fields?: Message['fields'];
  readonly isSealed?: boolean;
}

export class TalkingTerminal {
  readonly link: HostLink;
  readonly #options: HostLinkOptions;
  readonly #gateway: () => { readonly host: string; readonly port: number };
  #traceNo = 0;

  constructor(options: HostLinkOptions, gateway: () => { readonly host: string; readonly port: number }) {
    this.#options = options;
    this.#gateway = gateway;
    this.link = new HostLink(options);
  }

  async signIn(batchNo = 1): Promise<void> {
    const [answer] = await talk(this.#gateway(), [this.link.signInRequest(this.nextTrace(), batchNo)]);
    this.link.signedIn(answer!);
  }

  nextTrace(): number {
    return ++this.#traceNo;
  }

  frame({ mti, code, type = '00', traceNo, batchNo = 1, fields = {}, isSealed = false }: Told): Uint8Array {
    const { terminalNo, merchantNo, tpdu, header, acquirer = UNIONPAY_ACQUIRER } = this.#options;
    const message: Message = {
      mti,
      fields: {
        11: String(traceNo ?? this.nextTrace()).padStart(6, '0'),
        ...{ 41: terminalNo, 42: merchantNo, 60: encodeField60({ type, batchNo, code }) },
        ...fields,
      },
    };
    return isSealed
      ? this.link.sealed(message)
      : encodeFrame({ tpdu, header, message: packMessage(acquirer.dialect, message) });
  }

  /** The answer to a message; its MAC was checked when it has one. */
  async tell(told: Told): Promise<{ readonly code: string; readonly message: ReceivedMessage }> {
    const [answer] = await this.send(this.frame(told));
    return this.link.answer(answer!);
  }

  send(...frames: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return talk(this.#gateway(), frames);
  }
}

/** F39 of an answer, as it stands. */
export const codeOf = (frame: Uint8Array | undefined): string | undefined =>
  frame === undefined ? undefined : unpackMessage(ANY_ACQUIRER, parseFrame(frame).message).required(39);

/** Seals frames that no terminal would send, under the MAC key of the sign-in (003) that this answers. */
export function resealing(signInAnswer: Uint8Array, masterKey: Uint8Array): (frame: Uint8Array) => Uint8Array {
  const keys = parseSignInKeys(unpackMessage(CUP_TERMINAL, parseFrame(signInAnswer).message).raw(62)!);
  const macKey = decryptBlocks('des-ede-ecb', masterKey, keys.macKey.enciphered);
  const mac = cupMac(openEncryptor('des-ede-ecb', concat(macKey, macKey)));
  return (frame) => {
    const { message } = parseFrame(frame.subarray(LENGTH_BYTES));
    return concat(frame.subarray(0, -MAC_BYTES), mac(message.subarray(0, -MAC_BYTES)));
  };
}
