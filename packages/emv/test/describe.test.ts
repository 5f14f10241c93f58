import { concat, encodeTlv, encodeTlvs, fromHex, parseDol, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import { describeCommand, describeTlv, dolAlignment, maskedHex, TAG_DICTIONARY, tagName } from '../src/index.ts';

const fci = encodeTlv(
  '6F',
  encodeTlvs([
    ['84', fromHex('A000000333010101')],
    [
      'A5',
      encodeTlvs([
        ['50', fromHex('50424F43')],
        ['9F38', fromHex('9F66049F0206DF6001')],
        ['BF0C', fromHex('DF610102')],
      ]),
    ],
  ]),
);

describe('tag dictionary', () => {
  it('names every tag in two languages, once', () => {
    for (const entry of TAG_DICTIONARY.values()) {
      expect(entry.tag).toMatch(/^([0-9A-F]{2}){1,3}$/);
      expect(entry.en.length * entry.zh.length).toBeGreaterThan(0);
    }
    expect(tagName('DF60').en).toBe('CAPP transaction indicator');
    expect(tagName('DF7E').zh).toBe('数据对象 DF7E');
  });

  it('fits numeric values on the right', () => {
    expect(dolAlignment('9F02')).toBe('right');
    expect(dolAlignment('9F37')).toBe('left');
  });
});

describe('TLV for screens', () => {
  it('gives a tree with names', () => {
    const [record] = describeTlv(fromHex('70099F7906000000000123'));
    expect(record).toMatchObject({ tag: '70', name: { zh: '记录模板' }, lengthBytes: 9, hex: '' });
    expect(record?.children?.[0]).toMatchObject({ tag: '9F79', text: '1.23', hex: '000000000123' });
  });

  it('never shows a PAN unless asked', () => {
    const track2 = fromHex('6228480000000000015D30122201234567895F');
    expect(maskedHex('57', track2)).toMatch(/^622848\*{9}0015\*+$/);
    expect(maskedHex('5A', fromHex('6228480000000000015F'))).toBe('622848*********0015F');
    const bytes = fromHex(`5713${toHex(track2)}`);
    expect(JSON.stringify(describeTlv(bytes))).not.toContain('6228480000000000015');
    expect(JSON.stringify(describeTlv(bytes, { unmasked: true }))).toContain('6228480000000000015');
  });

  it.each([
    ['9F0206000000001234', '12.34'],
    ['9F790600000000000' + '7', '0.07'],
    ['9A03250131', '2025-01-31'],
    ['9F660428000080', 'qPBOC, offline only, fDDA 01'],
    ['DF600101', 'segment deduction'],
    ['9408180104000801' + '0100', 'SFI 03 records 1-4; SFI 01 records 1-1'],
    ['9F100807010103900000' + '01', 'key 1, CVN 01, 3DES, TC'],
    ['5F2A020156', 'CNY'],
  ])('says what %s means', (hex, text) => {
    expect(describeTlv(fromHex(hex))[0]?.text).toBe(text);
  });

  it('keeps a broken value as hex', () => {
    expect(describeTlv(fromHex('9F0206FFFFFFFFFFFF'))[0]).toMatchObject({ hex: 'FFFFFFFFFFFF' });
    expect(describeTlv(fromHex('9F1003010203'))[0]).not.toHaveProperty('text');
  });
});

describe('commands in words', () => {
  it.each([
    ['00A404000E325041592E5359532E444446303100', 'SELECT 2PAY.SYS.DDF01', '选择应用 2PAY.SYS.DDF01'],
    ['00B2010C00', 'READ RECORD 1 of SFI 01', '读记录 SFI 01 第1条'],
    ['80B400A802270100', 'READ CAPP DATA SFI 15 ID 2701', '读扩展应用数据 SFI 15 ID 2701'],
    [
      '84DE00A81427010D101112131415161718191A1B1C5014871C',
      'UPDATE CAPP DATA CACHE SFI 15, 16 bytes',
      '更新扩展应用数据缓存 SFI 15，16字节',
    ],
    ['80CA9F7900', 'GET DATA 9F79 Electronic cash balance', '取数据 9F79 电子现金余额'],
    ['805A000002000308', 'GET TRANS PROVE ATC 3', '取交易认证 ATC 3'],
    ['80E2800302910200', 'STORE DATA block 3 DGI 9102, last', '存储数据 第3块 DGI 9102，最后一块'],
    ['04E200F00400000000', 'APPEND RECORD SFI 1E', '追加记录 SFI 1E'],
    ['00FF', 'not a command APDU', '不是命令APDU'],
  ])('%s', (hex, en, zh) => {
    expect(describeCommand(fromHex(hex))).toMatchObject({ en, zh });
  });

  it('reads the PDOL values and both response formats of GET PROCESSING OPTIONS', () => {
    const pdol = parseDol(fromHex('9F66049F0206DF6001'));
    const command = fromHex('80A800000D830B2800008000000000030001' + '00');
    const described = describeCommand(command, fromHex('800A7C00080101001001020' + '19000'), { pdol });
    expect(described.command.map((value) => [value.tag, value.text])).toEqual([
      ['9F66', 'qPBOC, offline only, fDDA 01'],
      ['9F02', '3.00'],
      ['DF60', 'segment deduction'],
    ]);
    expect(described.response.map((value) => value.tag)).toEqual(['82', '94']);
    expect(described.status).toMatchObject({ sw: '9000', en: 'done' });
  });

  it('describes an FCI', () => {
    const described = describeCommand(fromHex('00A4040000'), concat(fci, fromHex('9000')));
    expect(described.response[0]?.children?.[1]?.children?.map((node) => node.tag)).toContain('9F38');
  });

  it('never throws, whatever it is given', () => {
    const random = seededRandom('describe');
    for (let round = 0; round < 3000; round++) {
      const command = random(random(1)[0]! % 40);
      const response = random(random(1)[0]! % 80);
      expect(describeCommand(command, response).en.length).toBeGreaterThan(0);
    }
  });
});
