/**
 * A pcscd of the test's own with one vpcd reader, in network and mount namespaces of their own: vpcd listens on every
 * address it can see, and there it sees loopback alone; the daemon's socket is not the machine's. Where namespaces are
 * not allowed it runs as it is.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DRIVER = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const SOCKET_FOLDER = '/run/pcscd';
const START_TIMEOUT_MS = 20_000;
export const READER = 'Polycard test reader';

export class Pcscd {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'polycard-pcscd-'));
  readonly #isolated = spawnSync('unshare', ['-n', '-m', 'true']).status === 0;
  /** Keeps the namespaces while the daemon comes and goes. */
  #holder: ChildProcess | undefined;
  #daemon: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
    writeFileSync(
      join(this.#folder, 'vpcd'),
      [
        `FRIENDLYNAME "${READER}"`,
        `DEVICENAME /dev/null:0x${port.toString(16)}`,
        `LIBPATH ${DRIVER}`,
        `CHANNELID 0x${port.toString(16)}`,
        '',
      ].join('\n'),
    );
  }

  static async start(): Promise<Pcscd> {
    const pcscd = new Pcscd(await freePort());
    mkdirSync(SOCKET_FOLDER, { recursive: true });
    if (pcscd.#isolated) await pcscd.#makeNamespaces();
    await pcscd.startDaemon();
    return pcscd;
  }

  async #makeNamespaces(): Promise<void> {
    const script = `ip link set lo up && mount -t tmpfs none ${SOCKET_FOLDER} && echo ready && exec sleep infinity`;
    const holder = spawn('unshare', ['-n', '-m', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#holder = holder;
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve());
      holder.once('exit', (code) => reject(new Error(`the namespaces of pcscd ended with ${code}`)));
    });
    holder.removeAllListeners('exit');
  }

  async startDaemon(): Promise<void> {
    const [command, ...args] = this.#inside('-n', '-m', ['pcscd', '--foreground', '--config', this.#folder]);
    const daemon = spawn(command!, args, { stdio: 'ignore' });
    this.#daemon = daemon;
    const started = Date.now();
    while (!existsSync(this.#socket)) {
      if (daemon.exitCode !== null || Date.now() - started > START_TIMEOUT_MS)
        throw new Error(`pcscd did not start (${command} ${args.join(' ')})`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stopDaemon(): Promise<void> {
    await ended(this.#daemon);
    this.#daemon = undefined;
  }

  async stop(): Promise<void> {
    await this.stopDaemon();
    await ended(this.#holder);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    const root = this.#isolated ? `/proc/${this.#holder?.pid}/root` : '';
    return `${root}${SOCKET_FOLDER}/pcscd.comm`;
  }

  /** Environment in which PC/SC programs find this daemon. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, PCSCLITE_CSOCK_NAME: this.#socket };
  }

  /** A command that dials the reader: it must stand in the same network. */
  besideReader(command: readonly string[]): string[] {
    return this.#inside('-n', command);
  }

  #inside(...parts: [...namespaces: string[], command: readonly string[]]): string[] {
    const command = parts.at(-1) as readonly string[];
    const namespaces = parts.slice(0, -1) as string[];
    return this.#isolated
      ? ['nsenter', '-t', String(this.#holder?.pid), ...namespaces, '--', ...command]
      : [...command];
  }

  /** Addresses the virtual reader can be reached at, as the system lists them. */
  async interfaces(): Promise<string> {
    const [command, ...args] = this.besideReader(['ip', '-o', 'address']) as [string, ...string[]];
    return (await run(command, args)).stdout;
  }

  /** Standard output of a PC/SC program. */
  async ask(program: string, args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run(program, args, { env: this.environment, timeout: 60_000 });
    return stdout + stderr;
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
