import { describe, expect, it } from 'vitest';
import { computeFare, MODE_CODE, minutesBetween, transferOf } from '../src/index.ts';
import { tariffs } from './guangdong.ts';

const metro = tariffs.get('metro')!;
const bus = tariffs.get('bus')!;
const bused = { lastMode: '02', lastTime: '20180901080000' };

describe('the window of a transfer', () => {
  it.each([
    ['20180901080000', 0],
    ['20180901080001', 1],
    ['20180901080100', 1],
    ['20180901080101', 2],
    ['20180901092901', 90],
    ['20180901093000', 90],
  ])('a metro ride at %s after a bus ride at 08:00:00 has it, %i minutes on', (at, minutesSince) => {
    expect(transferOf(metro, bused, at)).toEqual({ fromMode: 'bus', minutesSince });
  });

  it.each([
    ['20180901093001', 'a second after the window'],
    ['20180902080000', 'a day later'],
    ['20180901075959', 'a second before the ride it would follow'],
    ['20180901075900', 'a minute before it'],
    ['20180831080000', 'the day before'],
  ])('a metro ride at %s has none: %s', (at) => {
    expect(transferOf(metro, bused, at)).toBeUndefined();
  });

  it('goes over midnight, the end of a month and a leap day', () => {
    expect(transferOf(metro, { lastMode: '02', lastTime: '20180831235900' }, '20180901000100')?.minutesSince).toBe(2);
    expect(transferOf(metro, { lastMode: '02', lastTime: '20181231235900' }, '20190101000000')?.minutesSince).toBe(1);
    expect(transferOf(metro, { lastMode: '02', lastTime: '20200228235900' }, '20200229000000')?.minutesSince).toBe(1);
    expect(transferOf(metro, { lastMode: '02', lastTime: '20180228235900' }, '20180301000000')?.minutesSince).toBe(1);
  });

  it.each([
    '',
    'yesterday',
    '2018090108000',
    '201809010800000',
    '2018-09-01T08:0',
    '20181301080000', // month 13
    '20180001080000',
    '20180832080000', // carried over it would be this very morning
    '20180900080000',
    '20190229080000',
    '20180901240000',
    '20180901076000', // would be 08:00
    '20180901075960',
  ])('a time that does not exist (%j) gives no transfer, on the card or at the gate', (time) => {
    expect(transferOf(metro, { lastMode: '02', lastTime: time }, '20180901080500')).toBeUndefined();
    expect(transferOf(metro, bused, time)).toBeUndefined();
    expect(minutesBetween(time, '20180901080500')).toBeNaN();
    expect(minutesBetween('20180901080500', time)).toBeNaN();
  });

  it.each(['00', '01', '03', 'FF', '', '2'])('a last ride by mode %j gives none to the metro', (lastMode) => {
    expect(transferOf(metro, { ...bused, lastMode }, '20180901080500')).toBeUndefined();
  });

  it('a bus takes it from the metro only, and a tariff without the rule from nobody', () => {
    const rode = { lastMode: MODE_CODE.metro, lastTime: '20180901080000' };
    expect(transferOf(bus, rode, '20180901080500')).toEqual({ fromMode: 'metro', minutesSince: 5 });
    expect(transferOf(bus, bused, '20180901080500')).toBeUndefined();
    const { transfer: _transfer, ...without } = bus.tariff;
    expect(transferOf({ tariff: without }, rode, '20180901080500')).toBeUndefined();
  });

  it('the explanation says how many minutes after the other ride', () => {
    const transfer = transferOf(metro, bused, '20180901081959')!;
    const fare = computeFare(metro, {
      cardClass: 'ordinary',
      serviceClass: 'standard',
      operatorDiscounts: true,
      declaredBaseFen: 500,
      transfer,
    });
    expect(fare.steps.map(({ rule, beforeFen, afterFen }) => [rule, beforeFen, afterFen])).toEqual([
      ['base', 0, 500],
      ['metro-card-5', 500, 475],
      ['transfer-from-bus', 475, 435],
    ]);
    expect(fare.steps[2]!.en).toBe('Transfer from bus, 20 min after it');
    expect(fare.steps[2]!.zh).toBe('公交换乘优惠（20 分钟内）');
  });
});
