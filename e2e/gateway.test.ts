import { connect } from 'node:net';
import { PolycardError } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { CUP_TERMINAL, encodeFrame, packMessage } from '@polycard/iso8583';
import { HostLink, type JournalEntry } from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgresql, type TestPostgresql } from './postgresql.ts';
import { BUS, COUNTER, openSmallSite, type SmallSite } from './small-site.ts';
import { codeOf, resealing, talk as talkTo } from './terminal-talk.ts';

let site: SmallSite;
let link: HostLink;
let entry: JournalEntry;
let reseal: (frame: Uint8Array) => Uint8Array;

const talk = (frames: readonly Uint8Array[]) => talkTo(site.platform.gateway, frames);
const storedTaps = async (): Promise<number> => (await site.api.get<{ total: number }>('/api/taps')).total;

describe.each(['PGlite', 'PostgreSQL'])('the gateway on %s', (store) => {
  let database: TestPostgresql | undefined;
  beforeAll(async () => {
    if (store === 'PostgreSQL') database = await startPostgresql();
    site = await openSmallSite({
      cards: 2,
      seed: 'gateway',
      ...(database === undefined ? {} : { databaseUrl: database.url }),
    });
    const bus = site.terminals[BUS]!;
    const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('card') });
    const outcome = bus.terminal!.tap(card, { kind: 'boarding', at: '20180901090000', declaredBaseFen: 200 });
    if (outcome.result !== 'accepted') throw new Error(outcome.result);
    entry = outcome.entry;
    const { terminalNo, merchantNo, tpdu, header, masterKey } = bus.enrolled;
    link = new HostLink({ terminalNo, merchantNo, tpdu, header, masterKey });
    const [answer] = await talk([link.signInRequest(1, 1)]);
    link.signedIn(answer!);
    reseal = resealing(answer!, masterKey);
  });
  afterAll(async () => {
    await site.close();
    await database?.close();
  });

  it('refuses a wrong MAC by name, keeps it on the exception list, and stores nothing', async () => {
    const changed = link.upload(entry).slice();
    changed[changed.length - 1]! ^= 1;
    expect((await talk([changed])).map(codeOf)).toEqual(['A0']);
    expect(await storedTaps()).toBe(0);
    const exceptions = await site.api.get<{ rows: { reason: string }[] }>('/api/exceptions');
    expect(exceptions.rows.map((row) => row.reason)).toEqual(['mac']);
  });

  it('stores a tap once however often it is sent, and answers the same', async () => {
    const frame = link.upload(entry);
    const answers = await talk([frame, frame, frame]);
    expect(answers.map(codeOf)).toEqual(['00', '00', '00']);
    await Promise.all([talk([frame]), talk([frame])]);
    expect(await storedTaps()).toBe(1);
  });

  it('refuses another tap under a used trace number', async () => {
    const other = { ...entry, amountFen: entry.amountFen + 100 };
    expect((await talk([link.upload(other)])).map(codeOf)).toEqual(['94']);
    expect(await storedTaps()).toBe(1);
  });

  it('refuses unknown terminals, wrong merchants and messages it does not serve by their codes', async () => {
    const { tpdu, header, terminalNo, merchantNo } = site.terminals[BUS]!.enrolled;
    const message = (fields: Record<number, string>, mti = '0820'): Uint8Array =>
      encodeFrame({
        tpdu,
        header,
        message: packMessage(CUP_TERMINAL, {
          mti,
          fields: { 11: '000009', 41: terminalNo, 42: merchantNo, 60: '00000001301', ...fields },
        }),
      });
    const answers = await talk([
      message({ 41: '99999999' }),
      message({ 42: '000000000000000' }),
      message({ 60: '00000001777' }),
      message({}),
      message({ 60: '0000' }),
    ]);
    expect(answers.map(codeOf)).toEqual(['97', '03', '12', '00', '30']);
  });

  it('answers fields whose digits are none by 30 and keeps the line; its last messages can still be looked at', async () => {
    const { terminalNo } = site.terminals[BUS]!.enrolled;
    const good = link.upload({ ...entry, traceNo: entry.traceNo + 50 });
    // F3 and F4 stand behind length, TPDU, header, MTI and bitmap: 23 bytes, and F2 with its length
    const processingCode = 23 + 1 + Math.ceil(entry.pan.length / 2);
    const broken = [processingCode, processingCode + 3].map((at) => {
      const frame = good.slice();
      frame[at] = 0xaa;
      return reseal(frame);
    });
    expect((await talk([...broken, good])).map(codeOf)).toEqual(['30', '30', '00']);
    const messages = await site.api.get<{ mti: string }[]>(`/api/terminals/${terminalNo}/messages`);
    expect(messages.slice(0, 2).map(({ mti }) => mti)).toEqual(['0230', '0220']);
  });

  it('shows the journal as it came, and the numbers of taps that never came', async () => {
    const { terminalNo } = site.terminals[BUS]!.enrolled;
    type Shown = { journal: { sequenceNo: number; traceNo: string }[]; missing: { from: number; to: number }[] };
    const shown = () => site.api.get<Shown>(`/api/terminals/${terminalNo}`);
    expect((await shown()).missing).toEqual([]);
    const later = { ...entry, traceNo: entry.traceNo + 60, sequenceNo: entry.sequenceNo + 3 };
    expect((await talk([link.upload(later)])).map(codeOf)).toEqual(['00']);
    const { journal, missing } = await shown();
    expect(missing).toEqual([{ from: entry.sequenceNo + 1, to: entry.sequenceNo + 2 }]);
    expect(journal[0]).toMatchObject({
      sequenceNo: later.sequenceNo,
      traceNo: String(later.traceNo).padStart(6, '0'),
    });
  });

  it('closes a line that sends what is no frame, and harms no other', async () => {
    const good = connect({ ...site.platform.gateway });
    await new Promise((resolve) => good.once('connect', resolve));
    for (const bytes of [
      Uint8Array.from([0xff, 0xff, 0xff]),
      Uint8Array.from([0x00, 0x20, ...new Uint8Array(32)]),
      link.upload(entry).subarray(2),
    ]) {
      const [answer] = await talk([bytes]);
      expect(answer).toBeUndefined();
    }
    const answer = new Promise<Uint8Array>((resolve) => good.once('data', (chunk) => resolve(chunk.subarray(2))));
    good.write(link.upload(entry));
    expect(codeOf(await answer)).toBe('00');
    good.destroy();
  });

  it('a terminal without working keys cannot upload', () => {
    const fresh = new HostLink({ ...site.terminals[BUS]!.enrolled });
    expect(() => fresh.upload(entry)).toThrow(PolycardError);
  });

  it('a terminal whose PSAM is on the stop list signs in no more, and the trail says so', async () => {
    const { terminalNo } = site.terminals[COUNTER]!.enrolled;
    await site.platform.setPassword('operator', 'operator', 'stops a PSAM');
    const operator = new PlatformApi(site.platform.url);
    await operator.signIn('operator', 'stops a PSAM');
    const counter = new HostLink({ ...site.terminals[COUNTER]!.enrolled });
    const [before] = await talk([counter.signInRequest(900_001, 1)]);
    expect(codeOf(before!)).toBe('00');
    await operator.post(`/api/sams/S${terminalNo}/stop`, { reason: 'stolen' });
    const [after] = await talk([counter.signInRequest(900_002, 1)]);
    expect(codeOf(after!)).toBe('97');
    const stopped = await operator.get<{ sams: { samNo: string; stopReason: string }[] }>('/api/sams?state=stopped');
    expect(stopped.sams).toMatchObject([{ samNo: `S${terminalNo}`, stopReason: 'stolen' }]);
  });
});
