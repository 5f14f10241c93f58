/** A terminal with its host: each condition of `conditions.ts` on both sides, and a loss of power at every write. */

import { readFileSync } from 'node:fs';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { TERMINAL_DOCUMENT, withConditionTable } from '../../../scripts/terminal-document.ts';
import {
  CONDITIONS,
  DockedTerminal,
  type DockedTerminalDependencies,
  ParameterCompiler,
  type TapOutcome,
  type TapRequest,
  type TerminalStorage,
  VolatileStorage,
} from '../src/index.ts';
import { CutStorage, PowerLost } from './cut-storage.ts';
import { personalisedCard } from './personalised-card.ts';
import { psam } from './region.ts';
import { ENROLLED, ScriptedHost } from './scripted-host.ts';

const ENTRY: TapRequest = { kind: 'entry', at: '20180901083000' };
const EXIT: TapRequest = { kind: 'exit', at: '20180901085000' };
const compiler = new ParameterCompiler();

let host: ScriptedHost;
let clock: string;
beforeEach(() => {
  host = new ScriptedHost();
  clock = ENTRY.at;
});

/** Powers a terminal up on what its memory holds. */
function powerUp(storage: TerminalStorage, more: Partial<DockedTerminalDependencies> = {}): DockedTerminal {
  let nowMs = 0;
  const terminal = new DockedTerminal(ENROLLED, {
    line: {
      openLine: host.openLine,
      nowMs: () => nowMs++,
      pause: () => Promise.resolve(),
      patienceMs: 2,
    },
    tap: { random: seededRandom('gate'), monotonicUs: () => 0, nowMs: () => 0 },
    storage,
    localTime: () => clock,
    ...more,
  });
  terminal.restore(compiler, 'metro', () => psam);
  return terminal;
}

async function dock(terminal: DockedTerminal): Promise<void> {
  await terminal.signIn();
  terminal.takeSets(await terminal.downloadSets(), compiler, 'metro', psam);
  terminal.hangUp();
}

async function docked(storage: TerminalStorage = new VolatileStorage(), more = {}): Promise<DockedTerminal> {
  const terminal = powerUp(storage, more);
  await dock(terminal);
  return terminal;
}

const names = (terminal: DockedTerminal): string[] => terminal.conditions().map(({ name }) => name);
const reasonOf = (outcome: TapOutcome): string => (outcome.result === 'refused' ? outcome.reason : outcome.result);

describe('a terminal and its host', () => {
  it('signs in, downloads, taps, uploads and settles', async () => {
    const terminal = await docked();
    const card = personalisedCard();
    expect(reasonOf(terminal.tap(card, ENTRY))).toBe('accepted');
    expect(reasonOf(terminal.tap(card, EXIT))).toBe('accepted');
    await terminal.upload();
    expect(host.stored.size).toBe(2);
    expect(terminal.hasUnsettled).toBe(true);
    expect(await terminal.settle()).toBe('equal');
    expect([terminal.hasUnsettled, terminal.terminal!.journal.batchNo]).toEqual([false, 2]);
    expect(names(terminal)).toEqual([]);
  });

  it('signs off and seals nothing until it signs in again', async () => {
    const terminal = await docked();
    await terminal.signOff();
    expect(terminal.isSignedIn).toBe(false);
    expect(names(terminal)).toEqual(['not-signed-in']);
    await terminal.signIn();
    expect(names(terminal)).toEqual([]);
  });

  it('calls its modules after sign-in with the line open, and before each tap', async () => {
    const called: string[] = [];
    const terminal = powerUp(new VolatileStorage(), {
      modules: [
        {
          afterSignIn: async (session) => {
            called.push(`download ${(await session.download('TAR', '20180101'))?.version ?? 'nothing newer'}`);
          },
          beforeTap: (_terminal, { kind }) => called.push(`tap ${kind}`),
          conditions: () => [{ name: 'list-too-old', detail: 'played', since: '' }],
        },
      ],
    });
    await dock(terminal);
    await terminal.runModules();
    terminal.tap(personalisedCard(), ENTRY);
    expect(called).toEqual(['download nothing newer', 'tap entry']);
    expect(names(terminal)).toEqual(['list-too-old']);
  });
});

describe('what is wrong with a terminal has a name, a behaviour and an end', () => {
  it('parameters-missing: refuses taps until the sets are here', async () => {
    const terminal = powerUp(new VolatileStorage());
    expect(names(terminal)).toContain('parameters-missing');
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('parameters-missing');
    await dock(terminal);
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
  });

  it('parameters-too-old: refuses taps past the limit, until the host confirms them', async () => {
    host.profile = { parametersMaxAgeHours: 24 };
    const terminal = await docked();
    expect(reasonOf(terminal.tap(personalisedCard(), { ...ENTRY, at: '20180902083000' }))).toBe('accepted');
    expect(reasonOf(terminal.tap(personalisedCard(), { ...ENTRY, at: '20180902083001' }))).toBe('parameters-too-old');
    clock = '20180902083001';
    host.localTime = clock;
    await terminal.downloadSets();
    expect(reasonOf(terminal.tap(personalisedCard(), { ...ENTRY, at: '20180902083001' }))).toBe('accepted');
  });

  it('clock-wrong: refuses taps when the clock is past its tolerance, not when it is at it', async () => {
    host.profile = { clockToleranceSeconds: 60 };
    clock = '20180901082900';
    const terminal = await docked();
    await terminal.echo();
    expect(names(terminal)).toEqual([]);
    clock = '20180901082859';
    await terminal.echo();
    expect(names(terminal)).toEqual(['clock-wrong']);
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('clock-wrong');
    clock = host.localTime;
    await terminal.echo();
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
  });

  it('clock-wrong: a device that can set its clock sets it, over the turn of the year too', async () => {
    host.localTime = '20190101000010';
    clock = '20181231235000';
    const terminal = await docked(new VolatileStorage(), {
      setClock: (local: string) => {
        clock = local;
      },
    });
    expect([clock, names(terminal)]).toEqual(['20190101000010', []]);
  });

  it('journal-full: refuses new taps and takes them again after an upload', async () => {
    host.profile = { journalMax: 10 };
    const terminal = await docked();
    for (let tap = 0; tap < 10; tap++) expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('journal-full');
    expect(names(terminal)).toEqual(['journal-full']);
    await terminal.upload();
    expect(names(terminal)).toEqual([]);
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
  });

  it('not-signed-in: taps go on, the upload signs in again by itself when the host has lost the keys', async () => {
    const terminal = await docked();
    host.forgetKeys();
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
    await terminal.upload();
    expect([host.signIns, host.stored.size, names(terminal)]).toEqual([2, 1, []]);
  });

  it('not-signed-in: stays when the host refuses the sign-in, with the taps in the journal', async () => {
    const terminal = await docked();
    host.forgetKeys();
    host.misbehaves = 'refuse-sign-in';
    terminal.tap(personalisedCard(), ENTRY);
    await expect(terminal.upload()).rejects.toMatchObject({ code: 'POLYCARD_TERMINAL_SIGN_IN' });
    expect([names(terminal), terminal.terminal!.journal.entries.length]).toEqual([['not-signed-in'], 1]);
    host.misbehaves = undefined;
    await terminal.upload();
    expect([names(terminal), host.stored.size]).toEqual([[], 1]);
  });

  it.each([
    ['mac-refused', 'refuse-mac'],
    ['answer-not-trusted', 'answer-wrong-mac'],
    ['answer-not-trusted', 'answer-other-trace'],
  ] as const)('%s (%s): one new sign-in, then the upload stops and the tap stays', async (name, misbehaviour) => {
    const terminal = await docked();
    terminal.tap(personalisedCard(), ENTRY);
    host.misbehaves = misbehaviour;
    await expect(terminal.upload()).rejects.toMatchObject({ code: 'POLYCARD_TERMINAL_UPLOAD_REFUSED' });
    expect([names(terminal), terminal.terminal!.journal.entries.length, host.signIns]).toEqual([[name], 1, 2]);
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
    host.misbehaves = undefined;
    await terminal.upload();
    expect([names(terminal), host.stored.size]).toEqual([[], 2]);
  });

  it('host-silent: taps go on offline, the next answer ends it', async () => {
    const terminal = await docked();
    host.misbehaves = 'silent';
    await expect(terminal.echo()).rejects.toThrow('no answer');
    expect(names(terminal)).toEqual(['host-silent']);
    expect(reasonOf(terminal.tap(personalisedCard(), ENTRY))).toBe('accepted');
    host.misbehaves = undefined;
    await terminal.echo();
    expect(names(terminal)).toEqual([]);
  });

  it('the document shows the table the terminal acts by', () => {
    const text = readFileSync(TERMINAL_DOCUMENT, 'utf8');
    // the formatter fills cells with blanks
    const narrow = (table: string): string => table.replace(/ +\|/g, ' |').replace(/-{3,}/g, '---');
    expect(narrow(withConditionTable(text))).toBe(narrow(text));
  });

  it('every condition of the table is tried above, and names its refusal', () => {
    expect(CONDITIONS.map(({ name }) => name).toSorted()).toEqual([
      'answer-not-trusted',
      'clock-wrong',
      'host-silent',
      'journal-full',
      'list-too-old',
      'mac-refused',
      'not-signed-in',
      'parameters-missing',
      'parameters-too-old',
      // refresh.test.ts
      'refresh-failed',
    ]);
  });
});

describe('a loss of power at every write of the terminal', () => {
  /** A day: docked, an entry, an exit, uploaded, another entry, uploaded, settled. */
  async function day(storage: TerminalStorage, card: VirtualCard): Promise<string[]> {
    const terminal = powerUp(storage);
    const done: string[] = [];
    await dock(terminal);
    for (const request of [ENTRY, EXIT]) done.push(reasonOf(terminal.tap(card, request)));
    await terminal.upload();
    done.push(reasonOf(terminal.tap(card, { ...ENTRY, at: '20180901090000' })));
    await terminal.upload();
    await terminal.settle();
    return done;
  }

  it('comes back with parameters, keys and journal; no tap is lost, none counts twice', async () => {
    const issued = personalisedCard().snapshot();
    const whole = new CutStorage();
    expect(await day(whole, VirtualCard.restore(issued, { random: seededRandom('card') }))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    expect(whole.writes).toBeGreaterThan(12);
    const totals = [...host.stored.values()].reduce((fen, { amountFen }) => fen + amountFen, 0);
    for (let cutAt = 0; cutAt < whole.writes; cutAt++) {
      for (const share of [0, 0.5, 1]) {
        const where = `cut at write ${cutAt + 1}, ${share * 100} % of it kept`;
        host = new ScriptedHost();
        const memory = new CutStorage(new Map(), cutAt, share);
        const card = VirtualCard.restore(issued, { random: seededRandom('card') });
        await expect(day(memory, card), where).rejects.toThrow(PowerLost);
        card.reset();
        const again = powerUp(new CutStorage(memory.kept));
        await dock(again);
        // the ride goes on where the card says it stands; each tap is held to the gate until it is through
        for (const request of [ENTRY, EXIT, { ...ENTRY, at: '20180901090000' }]) {
          if (isDone(again, host, request)) continue;
          expect(reasonOf(again.tap(card, request)), `${where}: ${request.kind} ${request.at}`).toBe('accepted');
        }
        await again.upload();
        if (again.hasUnsettled) await again.settle();
        const fen = [...host.stored.values()].reduce((sum, { amountFen }) => sum + amountFen, 0);
        expect([host.stored.size, fen, again.terminal!.journal.entries.length], where).toEqual([3, totals, 0]);
        expect(again.terminal!.journal.batchNo, where).toBe(2);
      }
    }
  }, 60_000);

  /** Whether the journal or the host has the tap at this time. */
  function isDone(terminal: DockedTerminal, at: ScriptedHost, request: TapRequest): boolean {
    const { entries } = terminal.terminal!.journal;
    return entries.some(({ industry }) => industry.at === request.at) || at.times.has(request.at);
  }

  it('a journal whose memory was damaged in the middle is not taken for a short one', async () => {
    const memory = new CutStorage();
    const terminal = powerUp(memory);
    await dock(terminal);
    terminal.tap(personalisedCard(), ENTRY);
    terminal.tap(personalisedCard(), ENTRY);
    const bytes = Uint8Array.from(memory.kept.get('journal')!);
    bytes[40]! ^= 0x01;
    memory.kept.set('journal', bytes);
    expect(() => powerUp(memory)).toThrow(expect.objectContaining({ code: 'POLYCARD_TERMINAL_JOURNAL_DAMAGED' }));
  });

  it('working keys come back enciphered as they came: no clear key is ever written', async () => {
    const memory = new CutStorage();
    await docked(memory);
    const terminal = powerUp(memory);
    expect(terminal.isSignedIn).toBe(true);
    const signIns = host.signIns;
    terminal.tap(personalisedCard(), ENTRY);
    await terminal.upload();
    expect([host.signIns, host.stored.size]).toEqual([signIns, 1]);
  });
});
