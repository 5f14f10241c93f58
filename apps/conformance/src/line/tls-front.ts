/** A TLS port that believes too much, before a host's plain one: what a host is like that does not look at certificates. */
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { IssuedCertificate } from '@polycard/crypto';
import type { HostAddress } from '../host/terminal-player.ts';

/** `anybody`: with any certificate or none; `any-terminal`: with one of the authority, whoever it names. */
export type Credulity = 'anybody' | 'any-terminal';

export class TlsFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(host: IssuedCertificate, authority: string, upstream: HostAddress, credulity: Credulity) {
    const isChecked = credulity === 'any-terminal';
    this.#server = createServer(
      {
        ...{ cert: host.certificate, key: host.key, ca: authority, minVersion: 'TLSv1.2' },
        ...{ requestCert: true, rejectUnauthorized: isChecked },
      },
      (client) => {
        const plain = connect(upstream);
        for (const socket of [client, plain]) {
          this.#sockets.add(socket);
          socket.on('error', () => socket.destroy());
          socket.on('close', () => {
            client.destroy();
            plain.destroy();
          });
        }
        client.pipe(plain).pipe(client);
      },
    );
  }

  listen(): Promise<HostAddress> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () =>
        resolve({ host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }),
      );
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
