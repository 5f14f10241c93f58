/** The gateway's ports: plain TCP, and TLS with a client certificate that names the terminal. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { PolycardError } from '@polycard/bytes';
import type { FastifyBaseLogger } from 'fastify';
import { Conversation } from './conversation.ts';
import type { GatewayLimits } from './limits.ts';
import { RateLimit } from './rate-limit.ts';

/** PEM files: the host's certificate and key, and the authority that signs the terminals' certificates. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

export interface LineOrigin {
  /** Common name of the client certificate: the only terminal that may speak on this line. */
  readonly certifiedTerminalNo?: string;
}

export interface LinesDependencies {
  readonly answer: (frame: Uint8Array, origin: LineOrigin) => Promise<Uint8Array>;
  readonly limits: GatewayLimits;
  readonly log: FastifyBaseLogger;
  readonly nowMs: () => number;
}

export class Lines {
  readonly #dependencies: LinesDependencies;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #rate: RateLimit;

  constructor(dependencies: LinesDependencies) {
    this.#dependencies = dependencies;
    this.#rate = new RateLimit(dependencies.limits.messagesPerSecondAddress);
  }

  get open(): number {
    return this.#sockets.size;
  }

  listen(host: string, port: number): Promise<{ host: string; port: number }> {
    const server = createServer((socket) => this.#converse(socket, {}));
    return this.#listen(server, host, port, '--gateway-port');
  }

  /** Only who shows a certificate of the authority gets as far as a frame. Throws `POLYCARD_GATEWAY_TLS_FILES`. */
  listenTls(host: string, port: number, files: TlsFiles): Promise<{ host: string; port: number }> {
    const { log } = this.#dependencies;
    const server = createTlsServer(
      {
        ...{ cert: pem(files.certificate, 'cert'), key: pem(files.key, 'key'), ca: pem(files.authority, 'ca') },
        ...{ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
        handshakeTimeout: this.#dependencies.limits.frameTimeoutMs,
      },
      (socket: TLSSocket) => {
        const { CN } = socket.getPeerCertificate().subject;
        if (typeof CN === 'string') this.#converse(socket, { certifiedTerminalNo: CN });
        else socket.destroy();
      },
    );
    server.on('tlsClientError', (error, socket) => {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      log.warn({ peer, reason: error.message, code: 'POLYCARD_GATEWAY_TLS' }, 'TLS refused');
    });
    return this.#listen(server, host, port, '--gateway-tls-port');
  }

  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #listen(server: Server, host: string, port: number, flag: string): Promise<{ host: string; port: number }> {
    server.maxConnections = this.#dependencies.limits.connectionsMax;
    server.on('drop', (peer) => {
      this.#dependencies.log.warn(
        { peer: peer?.remoteAddress, code: 'POLYCARD_GATEWAY_CONNECTIONS' },
        'connection refused: there are too many',
      );
    });
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        const reason = error.code === 'EADDRINUSE' ? `port ${port} is taken` : error.message;
        reject(
          new PolycardError('POLYCARD_GATEWAY_LISTEN', `the gateway cannot listen on ${host}:${port}: ${reason}`, {
            where: flag,
            cause: error,
          }),
        );
      };
      server.once('error', failed);
      server.listen(port, host, () => {
        server.removeListener('error', failed);
        resolve({ host, port: (server.address() as AddressInfo).port });
      });
    });
  }

  #converse(socket: Socket, origin: LineOrigin): void {
    const { answer, limits, log, nowMs } = this.#dependencies;
    const address = socket.remoteAddress ?? '';
    const open = (this.#perAddress.get(address) ?? 0) + 1;
    if (open > limits.connectionsPerAddress || this.#sockets.size >= limits.connectionsMax) {
      log.warn({ peer: address, open, code: 'POLYCARD_GATEWAY_CONNECTIONS' }, 'connection refused: there are too many');
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, open);
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    new Conversation(socket, {
      answer: (frame) => answer(frame, origin),
      waitMs: () => this.#rate.take(address, nowMs()),
      limits,
      log,
    });
  }
}

function pem(path: string, what: 'cert' | 'key' | 'ca'): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new PolycardError('POLYCARD_GATEWAY_TLS_FILES', `the file ${path} cannot be read`, {
      where: `--gateway-tls-${what}`,
      expected: 'a PEM file',
      cause,
    });
  }
}
