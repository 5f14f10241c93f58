/** `polycard up` as a process of its own, for tests that start, kill and start it again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { leaveEvidence } from './evidence/collect.ts';

const COMMAND = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const START_TIMEOUT_MS = 180_000;

export interface ReadyLine {
  readonly url: string;
  readonly gateway: string;
  readonly database: string;
  readonly firstAccounts: readonly { readonly name: string; readonly password: string }[];
}

export class PlatformProcess {
  readonly child: ChildProcess;
  readonly ready: Promise<ReadyLine>;
  readonly startedAt = Date.now();
  #errors = '';

  constructor(options: {
    readonly data: string;
    readonly port?: number;
    readonly gatewayPort?: number;
    readonly environment?: Record<string, string>;
    readonly args?: readonly string[];
  }) {
    const { DATABASE_URL: _store, ...inherited } = process.env;
    this.child = spawn(
      process.execPath,
      [
        COMMAND,
        'up',
        '--data',
        options.data,
        '--port',
        String(options.port ?? 0),
        '--gateway-port',
        String(options.gatewayPort ?? 0),
        '--fleet',
        '0',
        '--json',
        // what a debug log says is searched too, at the end of the whole run
        ...(process.env['POLYCARD_EVIDENCE'] === undefined ? [] : ['--log-level', 'debug']),
        ...(options.args ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...options.environment } },
    );
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('utf8');
    });
    let output = '';
    this.child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    this.child.once('close', () => leaveEvidence('output', `${this.#errors}\n${output}`));
    this.ready = new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(
        () => reject(new Error(`not ready within ${START_TIMEOUT_MS / 1000} s: ${this.#errors}`)),
        START_TIMEOUT_MS,
      );
      this.child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code}: ${this.#errors}`));
      });
      this.child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        const end = text.indexOf('\n');
        if (end < 0) return;
        clearTimeout(timer);
        resolve(JSON.parse(text.slice(0, end)) as ReadyLine);
      });
    });
    this.ready.catch(() => undefined);
  }

  get errors(): string {
    return this.#errors;
  }

  /** Sends the signal and gives the exit code once the process is gone. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => {
      this.child.once('exit', (code) => resolve(code));
      this.child.kill(signal);
    });
  }
}
