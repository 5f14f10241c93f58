import { createHash } from 'node:crypto';
import { bcdFromNumber, encodeTlvs, fromHex, parseTlv, tlvMap, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { computeArpc, deriveSessionKey } from '@polycard/emv';
import { Bureau } from '@polycard/fleet';
import {
  encodeBatchDetails,
  encodeBatchTotal,
  encodeChipDetail,
  encodeObject,
  encodeObjectListQuery,
  encodeOriginalMessage,
  encodePinBlock,
  encodeSecurityControl,
  encodeSettlementTotals,
  encodeTaggedValues,
  parseObjectAnswer,
  parseObjectListAnswer,
  parseSettlementTotals,
  parseTaggedValues,
  parseTerminalParameters,
  transformTrack,
} from '@polycard/iso8583';
import { readBlueprint } from '@polycard/platform';
import type { JournalEntry, TapData } from '@polycard/terminal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUS, COUNTER, ENTRY_GATE, GUANGDONG, openSmallSite, type SmallSite } from './small-site.ts';
import { type LightCard, lightCardOf, lightTap } from './soak/light-card.ts';
import { codeOf, TalkingTerminal, type Told } from './terminal-talk.ts';

let site: SmallSite;
let entry: JournalEntry;
let cards: LightCard[];
const random = seededRandom('host-messages');
const gateway = () => site.platform.gateway;
const terminalAt = (index: number, signIn?: string): TalkingTerminal =>
  new TalkingTerminal({ ...site.terminals[index]!.enrolled, ...(signIn === undefined ? {} : { signIn }) }, gateway);
const answered = async (terminal: TalkingTerminal, told: Told): Promise<string> => (await terminal.tell(told)).code;

beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'host-messages' });
  const card = VirtualCard.restore(site.cards[0]!.snapshot, { random });
  const outcome = site.terminals[BUS]!.terminal!.tap(card, {
    kind: 'boarding',
    at: '20180901090000',
    declaredBaseFen: 200,
  });
  if (outcome.result !== 'accepted') throw new Error(outcome.result);
  entry = outcome.entry;
  const bureau = new Bureau(site.bureau, site.cardZone, random, readBlueprint(GUANGDONG).cards.profile.cardRsaBits);
  const planned = Array.from({ length: 3 }, () => ({ product: 'ordinary-lingnan', homeCity: '5840', classes: {} }));
  cards = (await bureau.prepare(planned)).map((prepared) => lightCardOf(prepared, site.cardZone.key));
});
afterAll(() => site.close());

/** A sale's fields over a fresh cryptogram of the card. */
function saleFields(
  card: LightCard,
  amountFen: number,
  tap = lightTap(card, priced(amountFen), random),
): Told['fields'] {
  return {
    ...{ 2: card.pan, 3: '000000', 4: String(amountFen).padStart(12, '0'), 22: '051', 25: '00', 49: '156' },
    55: encodeTlvs([...tap.clearingData]),
  };
}

function priced(amountFen: number): TapData {
  return { ...entry, amountFen, clearingData: new Map([...entry.clearingData, ['9F02', bcdFromNumber(amountFen, 6)]]) };
}

const sale = (fields: Told['fields'], traceNo?: number): Told => ({
  ...{ mti: '0200', type: '22', code: '000', isSealed: true },
  ...(fields === undefined ? {} : { fields }),
  ...(traceNo === undefined ? {} : { traceNo }),
});

describe('sign-in', () => {
  it.each(['001', '003', '004', '005', '006'])('%s gives keys under which an upload is taken', async (scheme) => {
    const terminal = terminalAt(BUS, scheme);
    await terminal.signIn();
    const [answer] = await terminal.send(terminal.link.upload(entry));
    expect(terminal.link.uploadAnswer(answer!, entry)).toEqual({ code: '00', isStored: true });
    const hasTrackKey = scheme === '004' || scheme === '006';
    expect(terminal.link.ciphers.track !== undefined).toBe(hasTrackKey);
  });

  it('keys of another sign-in do not hold, nor any after sign-off', async () => {
    const terminal = terminalAt(BUS);
    await terminal.signIn();
    const before = terminal.link.upload(entry);
    await terminalAt(BUS, '005').signIn();
    expect((await terminal.send(before)).map(codeOf)).toEqual(['A0']);
    expect(await answered(terminal, { mti: '0820', code: '002' })).toBe('00');
    expect((await terminal.send(before)).map(codeOf)).toEqual(['97']);
  });
});

describe('downloads', () => {
  it('lists CA keys and gives each with its check', async () => {
    const terminal = terminalAt(COUNTER);
    const list = await terminal.tell({ mti: '0820', code: '372', fields: { 62: encodeObjectListQuery(0) } });
    const { status, names } = parseObjectListAnswer(list.message.raw(62)!);
    expect([status, names.length]).toEqual(['all', 1]);
    expect(Buffer.from(names[0]!.get('DF05')!).toString('latin1')).toMatch(/^20\d{6}$/);
    const held = await terminal.tell({ mti: '0820', code: '372', fields: { 62: encodeObjectListQuery(1) } });
    expect(parseObjectListAnswer(held.message.raw(62)!).status).toBe('none');
    const name = new Map(['9F06', '9F22'].map((tag) => [tag, names[0]!.get(tag)!]));
    const one = await terminal.tell({ mti: '0800', code: '370', fields: { 62: encodeObject(name) } });
    const key = parseObjectAnswer(one.message.raw(62)!)!;
    const check = createHash('sha1');
    for (const tag of ['9F06', '9F22', 'DF02', 'DF04']) check.update(key.get(tag)!);
    expect(toHex(key.get('DF03')!)).toBe(check.digest('hex').toUpperCase());
    const other = new Map([...name, ['9F22', Uint8Array.of(0xee)]]);
    const none = await terminal.tell({ mti: '0800', code: '370', fields: { 62: encodeObject(other) } });
    expect(parseObjectAnswer(none.message.raw(62)!)).toBeUndefined();
    expect(await answered(terminal, { mti: '0800', code: '371' })).toBe('00');
  });

  it('lists AID parameters and gives each', async () => {
    const terminal = terminalAt(COUNTER);
    const list = await terminal.tell({ mti: '0820', code: '382', fields: { 62: encodeObjectListQuery(0) } });
    const { names } = parseObjectListAnswer(list.message.raw(62)!);
    expect(names.map((name) => toHex(name.get('9F06')!))).toEqual(['A000000333010101', 'A000000333010102']);
    const one = await terminal.tell({ mti: '0800', code: '380', fields: { 62: encodeObject(names[1]!) } });
    expect(toHex(parseObjectAnswer(one.message.raw(62)!)!.get('DF11')!)).toBe('D84000A800');
    expect(await answered(terminal, { mti: '0800', code: '381' })).toBe('00');
  });

  it('gives the settings (360) and contactless parameters (394) of the blueprint', async () => {
    const terminal = terminalAt(COUNTER);
    const settings = await terminal.tell({ mti: '0800', code: '360' });
    expect(parseTerminalParameters(settings.message.raw(62)!)).toMatchObject({
      ...{ timeoutSeconds: '60', resendCount: '3', merchantName: 'Shenzhen Metro Group' },
    });
    const contactless = await terminal.tell({ mti: '0800', code: '394' });
    expect(toHex(parseTaggedValues(contactless.message.raw(62)!).get('FF8059')!)).toBe('000000030000');
    for (const code of ['361', '365', '395']) expect(await answered(terminal, { mti: '0800', code })).toBe('00');
  });

  it('takes the status of a terminal, and refuses queries it cannot read', async () => {
    const terminal = terminalAt(COUNTER);
    const status = encodeTaggedValues(new Map([['DF01', fromHex('0102')]]));
    expect(await answered(terminal, { mti: '0820', code: '362', fields: { 62: status } })).toBe('00');
    const broken: Told[] = [
      { mti: '0820', code: '362', fields: { 62: status.subarray(0, 3) } },
      { mti: '0820', code: '372', fields: { 62: fromHex('3230') } },
      { mti: '0820', code: '372' },
      { mti: '0800', code: '370', fields: { 62: fromHex('9F0605A0') } },
      { mti: '0800', code: '380', fields: { 62: fromHex('9F2201EE') } },
    ];
    for (const told of broken) expect(await answered(terminal, told)).toBe('30');
  });
});

describe('online transactions', () => {
  let terminal: TalkingTerminal;
  beforeAll(async () => {
    terminal = terminalAt(COUNTER, '004');
    await terminal.signIn();
  });

  it('a sale is approved under the right cryptogram and the card is answered', async () => {
    const [card] = cards as [LightCard];
    const told = sale(saleFields(card, 1234), 101);
    const { code, message } = await terminal.tell(told);
    expect(code).toBe('00');
    const objects = tlvMap(parseTlv(message.raw(55)!, 'F55'));
    const chip = tlvMap(parseTlv(told.fields![55] as Uint8Array, 'F55'));
    const sessionKey = deriveSessionKey('3DES', card.cryptogramKey, card.atc);
    const arc = fromHex('3030');
    expect(toHex(objects.get('91')!)).toBe(`${toHex(computeArpc('3DES', sessionKey, chip.get('9F26')!, arc))}3030`);
    // sent twice: the same answer; another message under its trace is refused
    expect(toHex((await terminal.tell(told)).message.raw(55)!)).toBe(toHex(message.raw(55)!));
    expect(await answered(terminal, sale(saleFields(card, 100), 101))).toBe('94');
  });

  it('refuses by name: a cryptogram that is wrong or used before, an unknown card, too much, a wrong MAC', async () => {
    const [card] = cards as [LightCard];
    const tap = lightTap(card, priced(500), random);
    expect(await answered(terminal, sale(saleFields(card, 500, tap)))).toBe('00');
    expect(await answered(terminal, sale(saleFields(card, 500, tap)))).toBe('59');
    const forged = lightTap(card, priced(500), random);
    const clearingData = new Map([...forged.clearingData, ['9F37', Uint8Array.of(1, 2, 3, 4)] as const]);
    expect(await answered(terminal, sale(saleFields(card, 500, { ...forged, clearingData })))).toBe('59');
    expect(await answered(terminal, sale({ ...saleFields(card, 500), 4: '000000000400' }))).toBe('13');
    expect(await answered(terminal, sale({ ...saleFields(card, 500), 2: '6222020000000000005' }))).toBe('14');
    expect(await answered(terminal, sale(saleFields(card, 50_001)))).toBe('61');
    const changed = terminal.frame(sale(saleFields(card, 500))).slice();
    changed[changed.length - 1]! ^= 1;
    expect((await terminal.send(changed)).map(codeOf)).toEqual(['A0']);
    expect(await answered(terminal, sale({ ...saleFields(card, 500), 55: fromHex('9F26') }))).toBe('30');
  });

  it('opens an encrypted track and checks the PIN block with the keys of the session', async () => {
    const card = cards[1]!;
    const { ciphers } = terminal.link;
    const track = transformTrack(`${card.pan}D30122200000000`, ciphers.track!, ciphers.blockBytes);
    const { 2: _pan, ...fields } = saleFields(card, 700)!;
    const control = encodeSecurityControl({ pin: 'with-pan', keys: 'double-length', isTrackEncrypted: true });
    const pin = (text: string, pan: string) => ciphers.pin(encodePinBlock(text, pan));
    const swipe = { ...fields, 26: '12', 35: track, 53: control };
    expect(await answered(terminal, sale({ ...swipe, 52: pin('123456', card.pan) }))).toBe('00');
    expect(await answered(terminal, sale({ ...swipe, 52: fromHex('0102030405060708') }))).toBe('55');
    expect(await answered(terminal, sale({ ...swipe, 52: pin('123456', cards[2]!.pan) }))).toBe('55');
    const withoutTrackKey = terminalAt(ENTRY_GATE);
    await withoutTrackKey.signIn();
    expect(await answered(withoutTrackKey, sale({ ...swipe, 52: pin('123456', card.pan) }))).toBe('30');
  });

  it('tells the balance, voids a sale once, and reverses whatever comes first', async () => {
    const card = cards[2]!;
    const inquiry = await terminal.tell({ ...sale({ ...saleFields(card, 0), 3: '310000' }), type: '01' });
    expect([inquiry.code, inquiry.message.text(54)]).toEqual(['00', expect.stringMatching(/^2002156C\d{12}$/)]);
    expect(await answered(terminal, sale(saleFields(card, 900), 201))).toBe('00');
    const voided = (amountFen: number): Told => ({
      ...sale({ ...saleFields(card, amountFen), 3: '200000', 61: encodeOriginalMessage({ batchNo: 1, traceNo: 201 }) }),
      type: '23',
    });
    expect(await answered(terminal, voided(800))).toBe('13');
    expect(await answered(terminal, voided(900))).toBe('00');
    expect(await answered(terminal, voided(900))).toBe('25');

    const reversal = (traceNo: number, amountFen: number): Told => {
      const { 55: _chip, ...fields } = saleFields(card, amountFen)!;
      return { ...{ mti: '0400', type: '22', code: '000', isSealed: true, traceNo }, fields: { ...fields, 39: '98' } };
    };
    expect(await answered(terminal, sale(saleFields(card, 300), 202))).toBe('00');
    expect(await answered(terminal, reversal(202, 200))).toBe('13');
    expect(await answered(terminal, reversal(202, 300))).toBe('00');
    expect(await answered(terminal, reversal(202, 300))).toBe('00');
    // the reversal overtakes its original: remembered, and the late original is refused
    expect(await answered(terminal, reversal(203, 400))).toBe('00');
    expect(await answered(terminal, sale(saleFields(card, 400), 203))).toBe('21');
  });

  it('books what was approved and takes back what was voided or reversed: the day sums to zero', async () => {
    const days =
      await site.api.get<{ taps: number; postings: number; sumFen: number; businessDate: string }[]>('/api/settlement');
    const online = days.filter(({ taps }) => taps === 0);
    expect(online.map(({ sumFen }) => sumFen)).toEqual([0]);
    const { accounts } = await site.api.get<{ accounts: { account: string; balanceFen: number }[] }>(
      `/api/settlement/${online[0]!.businessDate}`,
    );
    // 12.34, 5.00 and 7.00 stand; 9.00 was voided, 3.00 reversed, 4.00 came too late
    expect(accounts.filter(({ account }) => account.endsWith(':revenue')).map((row) => row.balanceFen)).toEqual([2434]);
  });

  it('does not serve what needs an account behind the card: pre-authorisation, its completion, refund (12)', async () => {
    const [card] = cards as [LightCard];
    const kinds = [
      ['0100', '10', '030000'],
      ['0100', '11', '200000'],
      ['0200', '20', '000000'],
      ['0220', '24', '000000'],
      ['0220', '25', '200000'],
    ] as const;
    for (const [mti, type, processing] of kinds) {
      const told = { ...sale({ ...saleFields(card, 100), 3: processing }), mti, type };
      expect(await answered(terminal, told), `${mti} ${type}`).toBe('12');
    }
  });

  it('keeps the result of an issuer script', async () => {
    const result = (objects: Uint8Array): Told => ({
      ...{ mti: '0620', code: '951', isSealed: true },
      fields: { 3: '000000', 4: '000000001234', 55: objects, 61: encodeOriginalMessage({ batchNo: 1, traceNo: 101 }) },
    });
    expect(await answered(terminal, result(fromHex('DF310520000000009F36020001')))).toBe('00');
    expect(await answered(terminal, result(fromHex('9F36020001')))).toBe('30');
    const { 61: _original, ...without } = result(fromHex('DF310520000000009F36020001')).fields!;
    expect(await answered(terminal, { ...result(fromHex('DF3105')), fields: without })).toBe('30');
  });
});

describe('settlement', () => {
  let terminal: TalkingTerminal;
  const card = (): LightCard => cards[1]!;
  const totals = (debitFen: number, debitCount: number, creditFen = 0, creditCount = 0): Told => ({
    ...{ mti: '0500', code: '201' },
    fields: { 48: encodeSettlementTotals({ debitFen, debitCount, creditFen, creditCount, result: 0 }), 49: '156' },
  });
  const details = (traces: readonly number[]): Told => ({
    ...{ mti: '0320', code: '201' },
    fields: {
      48: encodeBatchDetails(traces.map((traceNo) => ({ isForeign: false, traceNo, pan: card().pan, amountFen: 600 }))),
    },
  });
  const end = (code: string): Told => ({ mti: '0320', code, fields: { 48: encodeBatchTotal(2) } });
  const chip = (code: string): Told => ({
    ...{ mti: '0320', code },
    fields: {
      55: fromHex('9F36020001'),
      62: encodeChipDetail({ kind: 'approved', isForeign: false, amountFen: 600, currency: '156' }),
    },
  });
  beforeAll(async () => {
    terminal = terminalAt(ENTRY_GATE);
    await terminal.signIn();
  });

  it('counts online sales and voids, and takes the upload that belongs to equal totals only', async () => {
    expect(await answered(terminal, { ...end('207'), batchNo: 1 })).toBe('25');
    expect(await answered(terminal, sale(saleFields(card(), 600), 301))).toBe('00');
    const taken = { ...saleFields(card(), 600), 3: '200000', 61: encodeOriginalMessage({ batchNo: 1, traceNo: 301 }) };
    expect(await answered(terminal, { ...sale(taken), type: '23' })).toBe('00');
    const { code, message } = await terminal.tell(totals(600, 1, 600, 1));
    expect([code, parseSettlementTotals(message.required(48)).result]).toEqual(['00', 1]);
    for (const told of [details([301]), chip('205'), end('202')]) expect(await answered(terminal, told)).toBe('25');
    for (const told of [chip('203'), chip('204'), end('207')]) expect(await answered(terminal, told)).toBe('00');
  });

  it('after unequal totals it takes the details and names what differs', async () => {
    const batch = (told: Told): Told => ({ ...told, batchNo: 2 });
    expect(await answered(terminal, batch(sale(saleFields(card(), 600), 401)))).toBe('00');
    expect(await answered(terminal, batch(sale(saleFields(card(), 600), 402)))).toBe('00');
    const { message } = await terminal.tell(batch(totals(1800, 3)));
    expect(parseSettlementTotals(message.required(48)).result).toBe(2);
    for (const told of [chip('203'), end('207')]) expect(await answered(terminal, batch(told))).toBe('25');
    // sent twice, kept once
    for (const told of [details([402, 403]), details([402, 403])])
      expect(await answered(terminal, batch(told))).toBe('00');
    expect(await answered(terminal, batch({ ...details([402]), fields: { 48: '09' } }))).toBe('30');
    expect(await answered(terminal, batch(end('202')))).toBe('00');
    const { rows } = await site.api.get<{ rows: { reason: string; explanation: { en: string } }[] }>(
      '/api/exceptions?reason=batch-totals',
    );
    expect(rows.map((row) => row.explanation.en)).toContain(
      'Batch upload: only the terminal has traces 403; only the platform 401; other amounts –',
    );
  });
});
