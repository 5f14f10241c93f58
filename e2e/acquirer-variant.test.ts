import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fromHex } from '@polycard/bytes';
import { decryptBlocks, seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { type AcquirerRows, compileAcquirer, encodeField60 } from '@polycard/iso8583';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GUANGDONG } from './small-site.ts';
import { codeOf, TalkingTerminal } from './terminal-talk.ts';

/** A bank whose host does otherwise: X9.19, a 19-digit F60, a private F47 (reference iso8583.md §1.10, frames 1 and 5). */
const BANK = {
  ...{ id: 'harbour-bank', operators: ['shenzhen-bus'], macKind: 'x9.19' as const, signIns: ['003'] },
  fields: [{ field: 60, length: 19 }, { field: 47 }],
};

let platform: RunningPlatform | undefined;
let directory: string;
let theirs: TalkingTerminal;
let ours: TalkingTerminal;
let asIfOurs: TalkingTerminal;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-acquirer-'));
  const blueprint = join(directory, 'blueprint');
  mkdirSync(blueprint);
  writeFileSync(
    join(blueprint, 'blueprint.yaml'),
    `extends: ${relative(blueprint, GUANGDONG)}\nblueprint: harbour\nversion: '20181001'\nname: { en: Harbour, zh: 港口 }\n`,
  );
  writeFileSync(join(blueprint, 'terminals.yaml'), JSON.stringify({ docking: { acquirers: [BANK] } }));
  const running = await startPlatform({
    ...{
      dataDirectory: join(directory, 'data'),
      blueprintDirectory: blueprint,
      host: '127.0.0.1',
      port: 0,
      gatewayPort: 0,
    },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'acquirer' },
  });
  platform = running;
  await running.setPassword('fleet', 'fleet', 'acquirer');
  const api = new PlatformApi(running.url);
  await api.signIn('fleet', 'acquirer');
  const zone = await api.openZone('acquirer', 'terminals', seededRandom('acquirer'));
  const answer = await api.post<{
    tpdu: string;
    header: string;
    terminals: { terminalNo: string; merchantNo: string; masterKey: string }[];
  }>('/api/enrolment/terminals', {
    zoneId: zone.zoneId,
    terminals: [
      { deviceNo: '900000001', profile: 'bus-validator', operatorId: 'shenzhen-bus', route: '1' },
      { deviceNo: '900000002', profile: 'metro-gate', operatorId: 'shenzhen-metro', placeCode: '0101' },
    ],
  });
  const terminal = (index: number, rows?: AcquirerRows): TalkingTerminal => {
    const { terminalNo, merchantNo, masterKey } = answer.terminals[index]!;
    return new TalkingTerminal(
      {
        ...{ terminalNo, merchantNo, tpdu: fromHex(answer.tpdu), header: fromHex(answer.header) },
        masterKey: decryptBlocks('des-ede-ecb', zone.key, fromHex(masterKey)),
        ...(rows === undefined ? {} : { acquirer: compileAcquirer(rows) }),
      },
      () => running.gateway,
    );
  };
  theirs = terminal(0, BANK);
  asIfOurs = terminal(0);
  ours = terminal(1);
});
afterAll(async () => {
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

const sale = (rest: string, more: Record<number, Uint8Array> = {}) => ({
  ...{ mti: '0200', type: '22', code: '000', isSealed: true },
  fields: {
    ...{ 2: '6222020000000000005', 3: '000000', 4: '000000000100', 22: '051', 25: '00', 49: '156' },
    60: encodeField60({ type: '22', batchNo: 1, code: '000', rest }),
    ...more,
  },
});

it('speaks the variant of the acquirer with its terminals, and the common one with others', async () => {
  await theirs.signIn();
  await ours.signIn();
  // an unknown card, so 14: the message was read and its MAC was right, and so is the answer's
  expect((await theirs.tell(sale('60000000', { 47: fromHex('0102') }))).code).toBe('14');
  expect((await ours.tell(sale('600000'))).code).toBe('14');
});

it('refuses a terminal that does not speak its acquirer: other sign-ins, the MAC of others', async () => {
  expect((await theirs.tell({ mti: '0800', code: '005' })).code).toBe('12');
  await expect(asIfOurs.signIn()).rejects.toThrow('does not have its check value');
  await theirs.signIn();
  const changed = theirs.frame(sale('60000000')).slice();
  changed[changed.length - 1]! ^= 1;
  expect((await theirs.send(changed)).map(codeOf)).toEqual(['A0']);
});

it('takes no field of the variant from another terminal', async () => {
  const frame = theirs.frame({ mti: '0820', code: '301', fields: { 47: fromHex('0102') } });
  expect((await theirs.send(frame)).map(codeOf)).toEqual(['00']);
  const forged = frame.slice();
  forged.set(Buffer.from(String(Number(terminalNoOf(frame)) + 1)), offsetOfTerminalNo(frame));
  expect(await theirs.send(forged)).toEqual([undefined]);
});

const offsetOfTerminalNo = (frame: Uint8Array): number => Buffer.from(frame).indexOf('1000');
const terminalNoOf = (frame: Uint8Array): string =>
  Buffer.from(frame)
    .subarray(offsetOfTerminalNo(frame), offsetOfTerminalNo(frame) + 8)
    .toString('latin1');
