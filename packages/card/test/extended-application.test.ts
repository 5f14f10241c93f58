import { fromHex, toHex } from '@polycard/bytes';
import { cappP2, computeReadMac, computeStatusMac, computeUpdateMac, encodeUpdateCapp } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import type { PbocSwitches } from '../src/index.ts';
import {
  activateMetro,
  CardTerminal,
  cyclicRecord,
  metroExit,
  metroRecord,
  RECORD_KEY,
  SFI_CYCLIC,
  SFI_METRO,
} from './card-terminal.ts';
import { personalisedCard } from './transcript-card.ts';

function activated(switches?: Partial<PbocSwitches>): CardTerminal {
  const terminal = new CardTerminal(personalisedCard(switches === undefined ? {} : { switches }));
  activateMetro(terminal);
  return terminal;
}

describe('records of equal ID', () => {
  function twoEqual(): CardTerminal {
    const terminal = activated();
    terminal.activate(SFI_METRO, metroRecord(2, 0x22));
    terminal.select();
    return terminal;
  }

  it('are read first and next, then there are no more', () => {
    const terminal = twoEqual();
    expect(terminal.readCapp(SFI_METRO, 2).data).toEqual(metroRecord(2, 0));
    expect(terminal.readCapp(SFI_METRO, 2, { next: true }).data).toEqual(metroRecord(2, 0x22));
    expect(terminal.readCapp(SFI_METRO, 2, { next: true }).sw).toBe('6A83');
    expect(terminal.readCapp(SFI_METRO, 2, { next: true }).sw).toBe('6A82');
  });

  it('are written first, or the one behind the last located', () => {
    const terminal = twoEqual();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 0, capp: 1 });
    expect(terminal.update(SFI_METRO, metroRecord(2, 0x33), 1, { next: true }).sw).toBe('9000');
    expect(terminal.last().sw).toBe('9000');
    terminal.select();
    expect(terminal.readCapp(SFI_METRO, 2).data).toEqual(metroRecord(2, 0));
    expect(terminal.readCapp(SFI_METRO, 2, { next: true }).data).toEqual(metroRecord(2, 0x33));
    terminal.purchase({ amount: 0, capp: 1 });
    expect(terminal.update(SFI_METRO, metroRecord(2, 0x44), 2, { next: true }).sw).toBe('6A83');
    expect(terminal.update(SFI_METRO, metroRecord(2, 0x44), 2).sw).toBe('9000');
  });
});

describe('MACs', () => {
  const random = fromHex('0102030405060708');

  it('answer a read and every update after it, when the terminal asked', () => {
    const terminal = activated();
    const answer = terminal.readCapp(SFI_METRO, 2, { random });
    const record = answer.data.subarray(0, 64);
    expect(answer.data.subarray(64)).toEqual(computeReadMac(RECORD_KEY, random, record));
    terminal.purchase({ amount: 0, capp: 1 });
    const next = metroRecord(2, 9);
    const mac = computeUpdateMac({ recordKey: RECORD_KEY, atc: 1, p2: cappP2(SFI_METRO), record: next });
    const updated = terminal.send(encodeUpdateCapp(cappP2(SFI_METRO), next, mac));
    expect(updated.data).toEqual(computeStatusMac(RECORD_KEY, mac));
  });

  it('are refused when made with another key, for another transaction, or changed in one bit', () => {
    const terminal = activated();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 0, capp: 1 });
    const record = metroRecord(2, 9);
    expect(terminal.update(SFI_METRO, record, 1, { recordKey: fromHex('22'.repeat(16)) }).sw).toBe('6988');
    expect(terminal.update(SFI_METRO, record, 2).sw).toBe('6988');
    const mac = computeUpdateMac({ recordKey: RECORD_KEY, atc: 1, p2: cappP2(SFI_METRO), record });
    for (let bit = 0; bit < 32; bit++) {
      const wrong = mac.slice();
      wrong[bit >> 3]! ^= 1 << (bit & 7);
      expect(terminal.send(encodeUpdateCapp(cappP2(SFI_METRO), record, wrong)).sw).toBe('6988');
    }
    expect(terminal.update(SFI_METRO, record, 1).sw).toBe('9000');
    expect(terminal.last().sw).toBe('9000');
  });
});

describe('the commit', () => {
  it('makes an update useless after 6974, until the next transaction', () => {
    const terminal = activated();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 300, capp: 1 });
    expect(terminal.last().sw).toBe('6974');
    expect(terminal.update(SFI_METRO, metroRecord(2, 9), 1).sw).toBe('6985');
    expect(terminal.last().sw).toBe('6974');
    expect(terminal.balance()).toBe(100_000);
    expect(metroExit(terminal, 300, 1).sw).toBe('9000');
    expect(terminal.balance()).toBe(99_700);
  });

  it('does not concern a plain purchase after READ CAPP DATA', () => {
    const terminal = activated();
    terminal.readCapp(SFI_METRO, 2);
    terminal.purchase({ amount: 300 });
    expect(terminal.last().sw).toBe('9000');
    expect(terminal.balance()).toBe(99_700);
  });

  it('happens once: reading the last record again changes nothing', () => {
    const terminal = activated();
    metroExit(terminal, 300, 1);
    const first = JSON.stringify(terminal.card.snapshot());
    expect(terminal.last().sw).toBe('9000');
    expect(JSON.stringify(terminal.card.snapshot())).toBe(first);
    expect(terminal.send('00B2025C00').sw).toBe('6A83');
  });
});

describe('amounts of extended transactions', () => {
  function run(terminal: CardTerminal, id: number, amount: number, capp: number, content: number): string {
    terminal.select();
    terminal.readCapp(SFI_METRO, id);
    const atc = terminal.atc() + 1;
    terminal.select();
    terminal.readCapp(SFI_METRO, id);
    const answer = terminal.purchase({ amount, capp });
    if (answer.sw !== '9000' || !answer.tlv.has('94')) return answer.sw === '9000' ? 'no TC' : answer.sw;
    expect(terminal.update(SFI_METRO, metroRecord(id, content), atc).sw).toBe('9000');
    return terminal.last().sw;
  }

  it('pay back the allowance first when a pre-authorisation is completed for less', () => {
    const terminal = activated();
    terminal.activate(SFI_METRO, metroRecord(3, 0));
    expect(run(terminal, 2, 60_000, 2, 1)).toBe('9000');
    expect(run(terminal, 3, 60_000, 1, 1)).toBe('9000'); // 40000 of the balance, 20000 of the allowance
    expect([terminal.balance(), terminal.balance('DF63')]).toEqual([0, 20_000]);
    expect(run(terminal, 2, 10_000, 3, 2)).toBe('9000');
    expect([terminal.balance(), terminal.balance('DF63')]).toEqual([30_000, 0]);
  });

  it('use the allowance exactly to its limit', () => {
    const terminal = activated();
    run(terminal, 2, 60_000, 1, 1);
    expect(run(terminal, 2, 90_001, 1, 1)).toBe('no TC');
    expect([terminal.balance(), terminal.balance('DF63')]).toEqual([40_000, 0]);
    expect(run(terminal, 2, 90_000, 1, 1)).toBe('9000');
    expect([terminal.balance(), terminal.balance('DF63')]).toEqual([0, 50_000]);
  });

  it('are not reserved in another currency', () => {
    const terminal = new CardTerminal(personalisedCard({ variant: 'cur2' }));
    activateMetro(terminal);
    terminal.readCapp(SFI_METRO, 2);
    expect(terminal.purchase({ amount: 100, capp: 2, currency: '0344' }).sw).toBe('6985');
  });
});

describe('switches', () => {
  it('give the recorded behaviour where a facility wants it', () => {
    const terminal = activated({
      balanceBeforeCommit: 'working',
      updateBadP2: 0x6a82,
      updateTooLong: 0x6700,
      cyclicRecordZero: 'refuse',
      appendBeyondMaximum: 'accept',
      shortCyclicRecord: 'refuse',
    });
    expect(terminal.send('00B200F400').sw).toBe('6A83');
    const long = new Uint8Array(129);
    long.set([0, 4, 126]);
    expect(terminal.activate(SFI_METRO, long)).toBe('9000');
    terminal.select();
    terminal.purchase({ amount: 300, capp: 1 });
    expect(terminal.update(SFI_CYCLIC, cyclicRecord(1).subarray(1), 1).sw).toBe('6A80');
    expect(terminal.update(SFI_CYCLIC, new Uint8Array(49), 1).sw).toBe('6700');
    expect(terminal.send('84DE00AA0500000000' + '00').sw).toBe('6A82');
    expect(terminal.balance()).toBe(99_700);
    expect(terminal.data('9F5D')).toBe('000000099700');
    terminal.select();
    expect(terminal.balance()).toBe(100_000);
  });

  it('by default fill a short cyclic record with zeros', () => {
    const terminal = activated();
    terminal.purchase({ amount: 0, capp: 1 });
    expect(terminal.update(SFI_CYCLIC, fromHex('0102'), 1).sw).toBe('9000');
    terminal.last();
    expect(toHex(terminal.send('00B201F400').data)).toBe(`0102${'00'.repeat(46)}`);
  });
});

describe('opening the cyclic file', () => {
  it('a first record above the personalised length is 6700, a second opening 6985 whatever its MAC', () => {
    const terminal = new CardTerminal(personalisedCard());
    terminal.select();
    expect(terminal.activate(SFI_CYCLIC, new Uint8Array(49))).toBe('6700');
    expect(terminal.activate(SFI_CYCLIC, cyclicRecord(0))).toBe('9000');
    expect(terminal.activate(SFI_CYCLIC, cyclicRecord(0))).toBe('6985');
    expect(terminal.send(`04E200F044${'00'.repeat(68)}`).sw).toBe('6985');
  });
});

describe('a read with random that finds nothing', () => {
  it('asks for status MACs all the same', () => {
    const terminal = new CardTerminal(personalisedCard());
    activateMetro(terminal);
    terminal.readCapp(SFI_METRO, 2);
    expect(terminal.readCapp(SFI_METRO, 0x7777, { random: new Uint8Array(8) }).sw).toBe('6A83');
    const atc = terminal.atcOf(terminal.purchase({ amount: 1, capp: 1 }));
    expect(terminal.update(SFI_METRO, metroRecord(2, 1), atc).data).toHaveLength(4);
  });
});
