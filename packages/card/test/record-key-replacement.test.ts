/** REPLACE RECORD KEY, our extension: a record's next management key under the opening key, only ever forward. */
import { toHex } from '@polycard/bytes';
import {
  computeReplaceRecordKeyMac,
  encodeAppendRecord,
  encodeReplaceRecordKey,
  encryptRecordKey,
} from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import type { PbocSwitches } from '../src/index.ts';
import { CardTerminal, metroRecord, RECORD_KEY, SFI_METRO } from './card-terminal.ts';
import { groupingsOf, personalisedCard } from './transcript-card.ts';

const OPENING_KEY = groupingsOf('base')
  .find(({ dgi }) => dgi === '8020')!
  .data.subarray(0, 16);
const NEXT_KEY = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
const THIRD_KEY = Uint8Array.from({ length: 16 }, (_, index) => 0xc0 + index);
const RECORD_ID = 2;

function openedCard(switches: Partial<PbocSwitches> = {}): CardTerminal {
  const terminal = new CardTerminal(personalisedCard({ switches }));
  terminal.select();
  const record = metroRecord(RECORD_ID, 0);
  const append = encodeAppendRecord({ openingKey: OPENING_KEY, recordKey: RECORD_KEY, atc: 0, sfi: SFI_METRO, record });
  expect(terminal.send(append).sw).toBe('9000');
  return terminal;
}

function replacement(
  recordKey: Uint8Array,
  keyVersion: number,
  { recordId = RECORD_ID, openingKey = OPENING_KEY, sfi = SFI_METRO } = {},
): Uint8Array {
  const target = { sfi, recordId, keyVersion, encryptedRecordKey: encryptRecordKey(openingKey, recordKey) };
  return encodeReplaceRecordKey({ ...target, mac: computeReplaceRecordKeyMac(openingKey, target) });
}

/** Status word of an update under a key, in a transaction of its own. */
function updateUnder(terminal: CardTerminal, recordKey: Uint8Array): string {
  terminal.select();
  const { tlv } = terminal.purchase({ amount: 0, capp: 1, ttq: '26000080' });
  const atc = Number.parseInt(toHex(tlv.get('9F36')!), 16);
  return terminal.update(SFI_METRO, metroRecord(RECORD_ID, 0), atc, { recordKey }).sw;
}

describe('REPLACE RECORD KEY', () => {
  it('after it only the next key makes the MAC of an update, and the record is as it was', () => {
    const terminal = openedCard();
    const before = toHex(terminal.readCapp(SFI_METRO, RECORD_ID).data);
    expect(updateUnder(terminal, RECORD_KEY)).toBe('9000');
    terminal.select();
    expect(terminal.send(replacement(NEXT_KEY, 2)).sw).toBe('9000');
    expect(toHex(terminal.readCapp(SFI_METRO, RECORD_ID).data)).toBe(before);
    expect(updateUnder(terminal, RECORD_KEY)).toBe('6988');
    expect(updateUnder(terminal, NEXT_KEY)).toBe('9000');
  });

  it('repeated it is 9000 again; an older version, or another key of the same one, is 6985 and changes nothing', () => {
    const terminal = openedCard();
    expect(terminal.send(replacement(NEXT_KEY, 3)).sw).toBe('9000');
    const snapshot = JSON.stringify(terminal.card.snapshot());
    expect(terminal.send(replacement(NEXT_KEY, 3)).sw).toBe('9000');
    expect(terminal.send(replacement(RECORD_KEY, 2)).sw).toBe('6985');
    expect(terminal.send(replacement(THIRD_KEY, 3)).sw).toBe('6985');
    expect(JSON.stringify(terminal.card.snapshot())).toBe(snapshot);
    expect(terminal.send(replacement(THIRD_KEY, 4)).sw).toBe('9000');
  });

  it('refuses another opening key, another file, record, length and class, and one bit changed anywhere', () => {
    const terminal = openedCard();
    const good = replacement(NEXT_KEY, 2);
    const snapshot = JSON.stringify(terminal.card.snapshot());
    expect(terminal.send(replacement(NEXT_KEY, 2, { openingKey: NEXT_KEY })).sw).toBe('6988');
    expect(terminal.send(replacement(NEXT_KEY, 2, { recordId: 0x7777 })).sw).toBe('6A83');
    expect(terminal.send(replacement(NEXT_KEY, 2, { sfi: 0x1d })).sw).toBe('6A82');
    expect(terminal.send(Uint8Array.of(...good.subarray(0, 4), good[4]! - 1, ...good.subarray(5, -1))).sw).toBe('6700');
    expect(terminal.send(Uint8Array.of(0x84, ...good.subarray(1))).sw).toBe('6E00');
    expect(terminal.send(Uint8Array.of(0x04, 0xea, 0x01, ...good.subarray(3))).sw).toBe('6A86');
    for (let at = 5; at < good.length; at++) {
      const changed = good.slice();
      changed[at]! ^= 1;
      expect(terminal.send(changed).sw).toBe('6988');
    }
    expect(JSON.stringify(terminal.card.snapshot())).toBe(snapshot);
    expect(terminal.send(good).sw).toBe('9000');
  });

  it('a card without the extension does not know the command', () => {
    expect(openedCard({ recordKeyReplacement: 'refuse' }).send(replacement(NEXT_KEY, 2)).sw).toBe('6D00');
  });
});
