/**
 * Extended files of a card with SM4 opening keys. The MACs are computed again with the block cipher alone: no answer of
 * an independent SM4 card is public (reference pboc.md §3.8, §10.3), so the reading stands as named switches.
 */
import { concat, fromHex, parseCommand, toHex, xor } from '@polycard/bytes';
import { checkValue, encryptBlocks, pad80 } from '@polycard/crypto';
import { cappP2, computeUpdateMac, encodeAppendRecord, encodeUpdateCapp } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import type { PbocSwitches } from '../src/index.ts';
import { CardTerminal, metroRecord, RECORD_KEY, SFI_METRO } from './card-terminal.ts';
import { groupingsOf, personalisedCard } from './transcript-card.ts';

const openingKeys = groupingsOf('base').find(({ dgi }) => dgi === '8020')!.data;
const OPENING_KEY = openingKeys.subarray(0, 16);
const P2 = cappP2(SFI_METRO);

function sm4Card(switches: Partial<PbocSwitches> = {}): CardTerminal {
  const values = [0, 16, 32].map((offset) => checkValue('SM4', openingKeys.subarray(offset, offset + 16)));
  const changes = [{ dgi: '9020', data: toHex(concat(...values)) }];
  const terminal = new CardTerminal(personalisedCard({ switches, changes }));
  terminal.select();
  return terminal;
}

const append = (algorithm: '3DES' | 'SM4', record = metroRecord(2, 0)): Uint8Array =>
  encodeAppendRecord({ openingKey: OPENING_KEY, recordKey: RECORD_KEY, atc: 0, sfi: SFI_METRO, record, algorithm });

/** SM4 CBC-MAC with the 8-byte IV over the front of the text: the reading of the reference, written out. */
function macByHand(key: Uint8Array, atc: number, text: Uint8Array): string {
  const padded = pad80(text, 16);
  padded.set(xor(padded.subarray(0, 8), Uint8Array.of(0, 0, 0, 0, 0, 0, atc >> 8, atc & 0xff)));
  return toHex(encryptBlocks('sm4-cbc', key, padded, new Uint8Array(16)).subarray(-16).subarray(0, 4));
}

describe('a card with SM4 opening keys', () => {
  it('opens a record by APPEND RECORD with P1 01, the key and the MAC under SM4', () => {
    const { p1, data } = parseCommand(append('SM4'));
    expect(p1).toBe(0x01);
    expect(toHex(data.subarray(0, 16))).toBe(toHex(encryptBlocks('sm4-ecb', OPENING_KEY, RECORD_KEY)));
    const header = Uint8Array.of(0x04, 0xe2, 0x01, P2, data.length);
    const text = concat(header, data.subarray(0, -4));
    expect(toHex(data.subarray(-4))).toBe(macByHand(OPENING_KEY, 0, text));
    const terminal = sm4Card();
    expect(terminal.send(append('SM4')).sw).toBe('9000');
    terminal.select();
    expect(terminal.readCapp(SFI_METRO, 2).data).toEqual(metroRecord(2, 0));
  });

  it('refuses the other P1, and a 3DES card refuses P1 01', () => {
    expect(sm4Card().send(append('3DES')).sw).toBe('6A86');
    const desCard = new CardTerminal(personalisedCard());
    desCard.select();
    expect(desCard.send(append('SM4')).sw).toBe('6A86');
    expect(desCard.send(append('3DES')).sw).toBe('9000');
  });

  it('changes nothing when the MAC of APPEND RECORD is wrong in one bit', () => {
    const terminal = sm4Card();
    const before = JSON.stringify(terminal.card.snapshot());
    const wrong = append('SM4');
    wrong[wrong.length - 1]! ^= 0x01;
    expect(terminal.send(wrong).sw).toBe('6988');
    expect(JSON.stringify(terminal.card.snapshot())).toBe(before);
  });

  it('takes record updates with an SM4 MAC and refuses one made with 3DES', () => {
    const terminal = sm4Card();
    terminal.send(append('SM4'));
    terminal.select();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 0, capp: 1 });
    const record = metroRecord(2, 9);
    const header = Uint8Array.of(0x84, 0xde, 0x00, P2, record.length + 4);
    const mac = computeUpdateMac({ recordKey: RECORD_KEY, atc: 1, p2: P2, record, algorithm: 'SM4' });
    expect(toHex(mac)).toBe(macByHand(RECORD_KEY, 1, concat(header, record)));
    expect(terminal.update(SFI_METRO, record, 1).sw).toBe('6988');
    expect(terminal.send(encodeUpdateCapp(P2, record, mac)).sw).toBe('9000');
    expect(terminal.last().sw).toBe('9000');
    terminal.select();
    expect(terminal.readCapp(SFI_METRO, 2).data).toEqual(record);
  });

  it('answers a read and an update with SM4 MACs when the terminal asked', () => {
    const terminal = sm4Card();
    terminal.send(append('SM4'));
    terminal.select();
    const random = fromHex('0102030405060708');
    const answer = terminal.readCapp(SFI_METRO, 2, { random }).data;
    const padded = pad80(answer.subarray(0, 64), 16);
    padded.set(xor(padded.subarray(0, 8), random));
    const readMac = encryptBlocks('sm4-cbc', RECORD_KEY, padded, new Uint8Array(16)).subarray(-16);
    expect(answer.subarray(64)).toEqual(readMac.slice(0, 4));
    terminal.purchase({ amount: 0, capp: 1 });
    const record = metroRecord(2, 9);
    const mac = computeUpdateMac({ recordKey: RECORD_KEY, atc: 1, p2: P2, record, algorithm: 'SM4' });
    const block = concat(fromHex('90008000'), mac, new Uint8Array(8));
    const status = encryptBlocks('sm4-ecb', RECORD_KEY, block).slice(0, 4);
    expect(terminal.send(encodeUpdateCapp(P2, record, mac)).data).toEqual(status);
  });

  it('takes 3DES MACs where the switch says so, as two test libraries do with SM4 cards', () => {
    const terminal = sm4Card({ cappMacAlgorithm: '3DES', appendAlgorithm: '3DES' });
    expect(terminal.send(append('SM4')).sw).toBe('6A86');
    expect(terminal.send(append('3DES')).sw).toBe('9000');
    terminal.select();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 0, capp: 1 });
    expect(terminal.update(SFI_METRO, metroRecord(2, 9), 1).sw).toBe('9000');
    expect(terminal.last().sw).toBe('9000');
  });
});
