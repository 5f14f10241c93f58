/** `polycard card serve` as a process of its own, and other `polycard` commands beside it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url));
const READY_TIMEOUT_MS = 200_000;

export interface CardEvent {
  readonly event: 'card' | 'connected' | 'waiting' | 'reset' | 'exchange' | 'stopped';
  readonly atr?: string;
  readonly command?: string;
  readonly words?: string;
}

export class ServedCardProcess {
  readonly events: CardEvent[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #errors = '';

  /** `wrap` puts the command into the reader's network. */
  constructor(args: readonly string[], wrap: (command: readonly string[]) => string[] = (command) => [...command]) {
    const [command, ...rest] = wrap([process.execPath, COMMAND, 'card', 'serve', '--json', ...args]) as [
      string,
      ...string[],
    ];
    this.#child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      this.events.push(...lines.map((line) => JSON.parse(line) as CardEvent));
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('utf8');
    });
    this.#ended = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)));
  }

  /** Waits until the card has said this so often. */
  async until(event: CardEvent['event'], times = 1): Promise<CardEvent> {
    const started = Date.now();
    for (;;) {
      const said = this.events.filter((candidate) => candidate.event === event);
      if (said.length >= times) return said.at(-1)!;
      if (this.#child.exitCode !== null || Date.now() - started > READY_TIMEOUT_MS)
        throw new Error(`the card never said "${event}": ${this.#errors}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ctrl-C; the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.#ended;
  }
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `polycard` command run to its end. */
export function polycard(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, ...args],
      { env: environment, timeout: 110_000, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
