/** A terminal's line to the gateway, plain TCP or TLS: one request, its answer, in order; a lost line is named and can be opened again. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { PolycardError } from '@polycard/bytes';
import { FrameReader } from '@polycard/iso8583';
import { LINE_REFUSED } from '@polycard/terminal';

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
}

/** PEM texts of a line over TLS. */
export interface LineTls {
  /** Whose signature the host's certificate must have. */
  readonly authority: Uint8Array;
  /** The terminal's own, where the host asks for one. */
  readonly certificate?: Uint8Array;
  readonly key?: Uint8Array;
  /** In the host's certificate, where that is another than its address. */
  readonly serverName?: string;
}

/** What Node calls a certificate that cannot be believed, in words. */
const NOT_BELIEVED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  CERT_NOT_YET_VALID: "the host's certificate is not valid yet",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the host's certificate is not signed by the given authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the host's certificate is not signed by the given authority",
  SELF_SIGNED_CERT_IN_CHAIN: "the host's certificate is not signed by the given authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is not signed by the given authority",
  CERT_SIGNATURE_FAILURE: "the host's certificate is not signed by the given authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "the host's certificate is for another name (--tls-name says which is expected)",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the host does not speak TLS at this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the host does not speak TLS at this port',
};

export class GatewayLine {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void; timer: NodeJS.Timeout } | undefined;
  #ended: Error | undefined;
  readonly #tls: LineTls | undefined;
  /** Whether the host ever said a word, or was waited for in vain. */
  #isKnown = false;

  private constructor(socket: Socket, tls: LineTls | undefined) {
    this.#socket = socket;
    this.#tls = tls;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the host closed the line')));
  }

  /** Throws `POLYCARD_FLEET_LINE_LOST`, and `LINE_REFUSED` for what another try cannot mend. */
  static open(address: GatewayAddress, timeoutMs: number, tls?: LineTls): Promise<GatewayLine> {
    return new Promise((resolve, reject) => {
      const socket = tls === undefined ? connect({ ...address, noDelay: true }) : overTls(address, tls);
      const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new GatewayLine(socket, tls));
      });
      socket.once('error', (cause: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const refused = tls === undefined ? undefined : refusalOf(cause.code);
        if (refused !== undefined) reject(lineRefused(refused, cause));
        reject(lineLost(`the gateway ${address.host}:${address.port} is not reached: ${cause.message}`, cause));
      });
    });
  }

  /** Sends a frame (length prefix included) and gives the frame that answers it. */
  exchange(frame: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(this.#loss(this.#ended));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#isKnown = true;
        this.#socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting = { resolve, reject, timer };
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #receive(chunk: Uint8Array): void {
    this.#isKnown = true;
    try {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        if (waiting === undefined) continue; // an answer that came after its time-out; the request is repeated anyway
        clearTimeout(waiting.timer);
        waiting.resolve(frame);
      }
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#loss(error));
    }
  }

  /** A host that ends a TLS line before it ever said a word does not take this terminal's certificate. */
  #loss(error: NodeJS.ErrnoException): PolycardError {
    if (this.#tls === undefined || this.#isKnown) return lineLost(error.message, error);
    return lineRefused(
      this.#tls.certificate === undefined
        ? 'the host ends the line: it asks for a certificate of the terminal (--tls-cert, --tls-key)'
        : "the host ends the line: it does not take the terminal's certificate (its authority, its date, its terminal number)",
      error,
    );
  }
}

function overTls(address: GatewayAddress, { authority, certificate, key, serverName }: LineTls): Socket {
  const own =
    certificate === undefined || key === undefined ? {} : { cert: Buffer.from(certificate), key: Buffer.from(key) };
  const name = serverName === undefined ? {} : { servername: serverName };
  const socket = connectTls({ ...address, ca: Buffer.from(authority), ...own, ...name, minVersion: 'TLSv1.2' });
  return socket.setNoDelay(true);
}

/** Undefined for what may be better next time. */
function refusalOf(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return NOT_BELIEVED[code] ?? (/^ERR_(SSL|TLS)_/.test(code) ? `the TLS line is refused (${code})` : undefined);
}

function lineRefused(message: string, cause: unknown): PolycardError {
  return new PolycardError(LINE_REFUSED, message, { where: 'TLS', cause });
}

function lineLost(message: string, cause: unknown): PolycardError {
  return new PolycardError('POLYCARD_FLEET_LINE_LOST', message, { cause });
}
