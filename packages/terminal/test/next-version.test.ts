import { deflateSync } from 'node:zlib';
import { cappApplications } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  type DockingSession,
  type DownloadedSet,
  NextVersion,
  ParameterCompiler,
  Terminal,
  VolatileStorage,
} from '../src/index.ts';
import { blueprint, ENTRY_GATE, parameters, psam } from './region.ts';

const FROM = '20261201100000';
const compiler = new ParameterCompiler();

function nextSet(version = '261201-1', from = FROM): DownloadedSet {
  const { manifest, cards, keys, tariffs, networks, terminals } = blueprint;
  const region = {
    manifest,
    classes: cards.classes,
    applications: cappApplications(blueprint),
    keys,
    tariffs,
    networks,
  };
  const sets = {
    TAR: { version, value: region },
    CAP: { version: 'c', value: { profile: { ...terminals.profiles[0]!, journalMax: 77 }, discounts: 'tariff' } },
    CAK: { version: 'k', value: [] },
  };
  return { version, bytes: deflateSync(JSON.stringify({ version, from, sets })) };
}

/** A host that answers a download with this; `asked` notes what the terminal said it holds. */
function session(answer: DownloadedSet | undefined | Error, asked: string[] = []): DockingSession {
  return {
    download: async (set: string, held: string) => {
      asked.push(`${set} ${held}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as DockingSession;
}

function gate(): Terminal {
  return new Terminal(ENTRY_GATE, parameters, {
    ...{ psam, random: (length: number) => new Uint8Array(length), monotonicUs: () => 0, nowMs: () => 0 },
  });
}

describe('the next version of a terminal', () => {
  it('is chosen by the time of the tap, to the second, with its profile', async () => {
    const next = new NextVersion(compiler);
    const terminal = gate();
    await next.afterSignIn(session(nextSet()));
    next.beforeTap(terminal, { kind: 'entry', at: '20261201095959' });
    expect(terminal.parametersAt('20261201095959').version).not.toBe('261201-1');
    expect(terminal.configuration.journalMax).not.toBe(77);
    next.beforeTap(terminal, { kind: 'entry', at: FROM });
    expect(terminal.parametersAt(FROM).version).toBe('261201-1');
    expect(terminal.configuration.journalMax).toBe(77);
  });

  it('is here again after a loss of power, and is not downloaded a second time', async () => {
    const storage = new VolatileStorage();
    const before = new NextVersion(compiler);
    before.restore(storage);
    await before.afterSignIn(session(nextSet()));
    const after = new NextVersion(compiler);
    after.restore(storage);
    expect([after.version, after.from]).toEqual(['261201-1', FROM]);
    const asked: string[] = [];
    await after.afterSignIn(session(undefined, asked));
    expect(asked).toEqual(['TAN 261201-1']);
    expect(after.version).toBe('261201-1');
  });

  it('is dropped when the host has none any more, also from the memory', async () => {
    const storage = new VolatileStorage();
    const next = new NextVersion(compiler);
    next.restore(storage);
    await next.afterSignIn(session(nextSet()));
    await next.afterSignIn(session({ version: '', bytes: new Uint8Array(0) }));
    expect(next.version).toBeUndefined();
    const again = new NextVersion(compiler);
    again.restore(storage);
    expect(again.version).toBeUndefined();
  });

  it('is nothing with a host that does not know the set, and with a memory that was cut', async () => {
    const refusal = new PolycardError('POLYCARD_TERMINAL_PARAMETERS', 'parameters were refused with 12', {
      where: 'F39',
    });
    const next = new NextVersion(compiler);
    await next.afterSignIn(session(refusal));
    expect(next.version).toBeUndefined();
    const whole = nextSet();
    for (let length = 0; length < whole.bytes.length; length += 997) {
      const storage = new VolatileStorage();
      storage.write('set-tan', Buffer.concat([Buffer.from(`${whole.version}\n`), whole.bytes.subarray(0, length)]));
      const cut = new NextVersion(compiler);
      cut.restore(storage);
      expect(cut.version).toBeUndefined();
    }
  });

  it('is refused by name when it states another version or no instant; what was held stays', async () => {
    const next = new NextVersion(compiler);
    await next.afterSignIn(session(nextSet()));
    const wrong = { ...nextSet('261201-2'), version: '261201-3' };
    for (const set of [wrong, nextSet('261201-4', 'tomorrow'), { version: 'x', bytes: Buffer.from('no set') }]) {
      await expect(next.afterSignIn(session(set))).rejects.toMatchObject({ code: 'POLYCARD_TERMINAL_PARAMETERS' });
      expect(next.version).toBe('261201-1');
    }
  });
});
