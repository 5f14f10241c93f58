/**
 * Acceptance card.2: our card in a PC/SC stack, used by programs that know nothing of it; our terminal on cards that are
 * behind a reader. POLYCARD_PLANT breaks one thing, and the suite must notice.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askByOpensc, objectsOf, readByIndependentTerminal } from './independent-terminal.ts';
import { Pcscd, READER } from './pcscd.ts';
import { polycard, ServedCardProcess } from './served-card.ts';

/** A throw-away platform starts to issue the card. */
const SETUP_TIMEOUT_MS = 240_000;
const PLANT = process.env['POLYCARD_PLANT'];
const SELECT_PPSE = '00A404000E325041592E5359532E444446303100';
const SELECT_PSE = '00A404000E315041592E5359532E444446303100';
const SELECT_DEBIT = '00A4040008A00000033301010100';

interface CaKey {
  rid: string;
  index: string;
  modulus: string;
  exponent: string;
}

const folder = mkdtempSync(join(tmpdir(), 'polycard-readers-'));
const snapshot = join(folder, 'card.json');
const capk = join(folder, 'capk.json');
let pcscd: Pcscd;
let card: ServedCardProcess | undefined;

const vpcd = (): string[] => ['--vpcd', `127.0.0.1:${pcscd.port}`];

async function serve(...args: string[]): Promise<ServedCardProcess> {
  const blank = PLANT === 'card-blank' ? ['--blank'] : ['--snapshot', snapshot];
  card = new ServedCardProcess([...vpcd(), ...blank, ...args], (command) => pcscd.besideReader(command));
  await card.until('connected');
  await inReader(true);
  return card;
}

/** The daemon looks for cards now and then. */
async function inReader(isThere: boolean): Promise<void> {
  for (let tried = 0; tried < 100; tried++) {
    const listed = await pcscd.ask('opensc-tool', ['-l']);
    if (new RegExp(`Yes\\s+${READER} 00 00`).test(listed.replace(/ +/g, ' ')) === isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the reader ${isThere ? 'never saw the card' : 'still has a card'}`);
}

async function takeOut(): Promise<void> {
  const code = await card?.stop();
  card = undefined;
  if (code !== undefined) expect(code).toBe(0);
}

beforeAll(async () => {
  pcscd = await Pcscd.start();
  // made once: a snapshot serves the same card on both interfaces
  const first = new ServedCardProcess(['--vpcd', '127.0.0.1:1', '--snapshot', snapshot]);
  const keys = await polycard(['card', 'capk', '--json']);
  const list = JSON.parse(keys.stdout) as CaKey[];
  if (PLANT === 'ca-key-changed') list[0]!.modulus = `${list[0]!.modulus.slice(0, -2)}01`;
  writeFileSync(capk, JSON.stringify(list));
  await first.until('waiting');
  expect(await first.stop()).toBe(0);
}, SETUP_TIMEOUT_MS);

afterEach(takeOut);

afterAll(async () => {
  await pcscd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const caKeys = (): CaKey[] => JSON.parse(readFileSync(capk, 'utf8')) as CaKey[];

describe('a contactless card in a PC/SC reader', () => {
  it('satisfies opensc-tool and pcsc_scan', async () => {
    const { events } = await serve('--contactless');
    const { atr } = events.find(({ event }) => event === 'card')!;
    expect(atr).toMatch(/^3B8.8001/);
    const shown = await pcscd.ask('opensc-tool', ['-r', `${READER} 00 00`, '-a']);
    expect(shown.replace(/[:\s]/g, '').toUpperCase()).toContain(atr);
    const [ppse, pse, debit, unknown] = await askByOpensc(pcscd, [
      SELECT_PPSE,
      SELECT_PSE,
      SELECT_DEBIT,
      '00A4040005AABBCCDDEE00',
    ]);
    expect([ppse!.sw, pse!.sw, debit!.sw, unknown!.sw]).toEqual(['9000', '6A82', '9000', '6A82']);
    expect(objectsOf(ppse!.data).get('4F')!.toString('hex')).toBe('a000000333010101');
    expect(objectsOf(debit!.data).get('9F38')!.toString('hex')).toContain('9f6604');
    expect(await scanned()).toContain(atr!.replace(/(..)(?=.)/g, '$1 '));
  });

  it('is walked through by cardpeek', async () => {
    await serve('--contactless');
    const log = await cardpeek();
    expect(log).toContain('PPSE contains application #A000000333010101');
    expect(log).toMatch(/send: 80A80000[\s\S]*Recv: 9000 77/);
    expect(log).toMatch(/send: 00B2010C00[\s\S]{0,80}Recv: 9000 70/);
  });

  it('pays by qPBOC at our terminal, proves itself, and a dump shows what changed', async () => {
    await serve('--contactless');
    const reader = ['--reader', `pcsc:${READER.slice(0, 12)}`];
    const before = await polycard(
      ['card', 'inspect', ...reader, '--save', join(folder, 'before.json'), '--json'],
      pcscd.environment,
    );
    expect(before.code).toBe(0);
    const tap = await polycard(
      ['tap', ...reader, '--journey', 'sale', '--amount', '5.00', '--capk', capk, '--json'],
      pcscd.environment,
    );
    expect(JSON.parse(tap.stdout)).toMatchObject({
      outcome: 'approved',
      oda: { result: 'passed', method: 'fDDA', version: '01' },
    });
    expect(tap.code).toBe(0);
    await polycard(['card', 'inspect', ...reader, '--save', join(folder, 'after.json')], pcscd.environment);
    const diff = await polycard(['card', 'diff', join(folder, 'before.json'), join(folder, 'after.json'), '--json']);
    const { differences } = JSON.parse(diff.stdout) as {
      differences: { path: string; before: string; after: string }[];
    };
    const cash = differences.find(({ path }) => path.endsWith('balance / electronic cash'));
    expect(Number(cash!.before) - Number(cash!.after)).toBe(5);
    expect(diff.code).toBe(1);
    expect(before.stdout + tap.stdout).not.toMatch(/6214\d{11,}/);
  });

  it('comes back when the reader daemon was started again', async () => {
    const served = await serve('--contactless');
    await pcscd.stopDaemon();
    await served.until('waiting');
    await pcscd.startDaemon();
    await served.until('connected', 2);
    await inReader(true);
    const [ppse] = await askByOpensc(pcscd, [SELECT_PPSE]);
    expect(ppse!.sw).toBe('9000');
  });
});

describe.each(['t1', 't0'])('a contact card on %s in a PC/SC reader', (protocol) => {
  it('has a PSE and no PPSE, and an EMV terminal that knows nothing of us reports DDA success', async () => {
    await serve('--contact', '--protocol', protocol);
    const [pse, directory, ppse] = await askByOpensc(pcscd, [SELECT_PSE, '00B2010C00', SELECT_PPSE]);
    expect([pse!.sw, directory!.sw, ppse!.sw]).toEqual(['9000', '9000', '6A82']);
    expect(objectsOf(directory!.data).get('4F')!.toString('hex')).toBe('a000000333010101');
    const report = await readByIndependentTerminal(pcscd, caKeys()[0]!);
    expect(report.pan.startsWith(report.issuer)).toBe(true);
    expect(report.dynamicNumber).toMatch(/^[0-9a-f]{4}$/);
    expect(report.cryptogram).toBe('ARQC');
  });
});

describe('our terminal as a vpcd reader', () => {
  it('takes a payment from a card that dials it', async () => {
    const port = await freePort();
    const tap = polycard([
      'tap',
      '--reader',
      `vpcd:${port}`,
      '--amount',
      '3.20',
      '--capk',
      capk,
      '--wait',
      '60',
      '--json',
    ]);
    const dialling = new ServedCardProcess(['--vpcd', `127.0.0.1:${port}`, '--snapshot', snapshot]);
    const { code, stdout } = await tap;
    expect(await dialling.stop()).toBe(0);
    const result = JSON.parse(stdout) as { outcome: string; oda: { result: string }; dialogue: { en: string }[] };
    expect(result).toMatchObject({ outcome: 'approved', oda: { result: 'passed' }, amountFen: 320 });
    expect(result.dialogue.map(({ en }) => en)).toContain('GET PROCESSING OPTIONS');
    expect(code).toBe(0);
  });

  it('declines a card whose certification authority it does not know', async () => {
    const port = await freePort();
    const others = join(folder, 'others.json');
    writeFileSync(others, JSON.stringify(caKeys().map((key) => ({ ...key, index: '01' }))));
    const tap = polycard([
      'tap',
      '--reader',
      `vpcd:${port}`,
      '--amount',
      '1',
      '--capk',
      others,
      '--wait',
      '60',
      '--json',
    ]);
    const dialling = new ServedCardProcess(['--vpcd', `127.0.0.1:${port}`, '--snapshot', snapshot]);
    const { code, stdout } = await tap;
    await dialling.stop();
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'declined', oda: { result: 'failed' } });
    expect(code).toBe(1);
  });

  it.each([
    [['tap', '--reader', 'usb:1'], 2, /names no reader/],
    [['tap', '--reader', 'vpcd:1', '--capk', '/nowhere.json'], 2, /no certification authority keys/],
    [['tap', '--reader', 'vpcd:0', '--wait', '1'], 3, /no card dialled/],
    [['card', 'serve', '--vpcd', 'nonsense'], 2, /HOST:PORT/],
    [['card', 'serve', '--vpcd', '127.0.0.1:1', '--profile', 'nobody'], 2, /no card product or class nobody/],
    [['card', 'inspect', '--reader', 'pcsc:No Such Reader'], 3, /no reader is called|not running|not on this machine/],
  ] as const)('%s ends with words', async (args, code, words) => {
    const ended = await polycard(args, pcscd.environment);
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.code).toBe(code);
  });
});

describe('the virtual reader', () => {
  it('can be reached from this machine alone', async () => {
    const addresses = await pcscd.interfaces();
    // without namespaces the machine's own addresses are listed too, and nothing is promised
    if (addresses.split('\n').every((line) => line === '' || / lo /.test(line)))
      expect(addresses).toContain('127.0.0.1');
    else expect(addresses).toContain(' lo ');
  });
});

/** pcsc_scan runs until it is stopped. */
function scanned(): Promise<string> {
  return new Promise((resolve) => {
    const scan = spawn('pcsc_scan', ['-n'], { env: pcscd.environment });
    let text = '';
    const timer = setTimeout(() => scan.kill(), 20_000);
    scan.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (/ATR: [0-9A-F ]+/.test(text)) scan.kill();
    });
    scan.on('exit', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** cardpeek without its window; its questions are answered with the first choice. The first run only makes its folder. */
async function cardpeek(): Promise<string> {
  const home = join(folder, 'cardpeek');
  const script = join(home, '.cardpeek/scripts/emv.lua');
  await cardpeekRun(home, 'os.exit(0)');
  return cardpeekRun(home, `dofile("${script}") log.print(log.INFO, "walk done") os.exit(0)`);
}

function cardpeekRun(home: string, lua: string): Promise<string> {
  const code = `mkdir -p "${home}/.cardpeek" && yes 1 | head -60 | timeout 60 cardpeek -c -r "pcsc://${READER} 00 00" -e '${lua}' 2>&1 | head -c 200000`;
  return new Promise((resolve) => {
    const shell = spawn('sh', ['-c', code], { env: { ...pcscd.environment, HOME: home } });
    let text = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes('walk done')) shell.kill();
    });
    shell.on('close', () => resolve(text));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
