/** Data groupings of the financial application, made from its specification. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseTlv, toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { compileCardData, financialApplication, loadBlueprint } from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
const guangdong = loadBlueprint(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') })),
);
const pboc = financialApplication(guangdong)!;
const data = compileCardData(pboc, false);
const VALUES = { label: 'PBOC DEBIT', preferredName: 'PBOC DEBIT', segmentIndicator: '02' };

const contents = (dgi: string, values = {}) => parseTlv(data.grouping(dgi, values));

describe('data groupings from the specification', () => {
  it('wrap what the specification puts into templates, in its order', () => {
    const [fci] = contents('9103', VALUES);
    expect(fci?.tag).toBe('A5');
    expect(fci?.children?.map(({ tag }) => tag)).toEqual(['50', '87', '9F38', '5F2D', '9F11', '9F12', 'BF0C']);
    const logs = fci?.children?.at(-1);
    expect(logs?.children?.map(({ tag, value }) => `${tag}:${toHex(value)}`)).toEqual([
      '9F4D:0B0A',
      'DF4D:0C0A',
      'DF61:02',
    ]);
  });

  it('put the elements of a record into template 70', () => {
    const [record] = contents(data.dgiOf('closing-record'));
    expect(record?.tag).toBe('70');
    expect(record?.children?.map(({ tag }) => tag)).toEqual(['9F69', '9F74']);
  });

  it('encode values as their coding says', () => {
    const values = { ...VALUES, balance: 123456, balanceLimit: 100000, singleLimit: 1, resetThreshold: 0 };
    const rest = { currency: '156', issuerCountry: '156', additionalProcesses: '81109000', cardVerificationLimit: 5 };
    const objects = new Map(
      contents('0D01', { ...values, ...rest, segmentAllowance: 500 }).map(({ tag, value }) => [tag, toHex(value)]),
    );
    expect(objects.get('9F79')).toBe('000000123456');
    expect(objects.get('9F51')).toBe('0156');
    expect(objects.get('9F68')).toBe('81109000');
    expect(objects.get('DF62')).toBe('000000000500');
  });

  it('ask for DF69 only on cards with SM4 keys', () => {
    const pdol = (withSm4: boolean): string => toHex(compileCardData(pboc, withSm4).constant('pdol'));
    expect(pdol(true)).toBe(`${pdol(false)}DF6901`);
  });

  it('leave out an optional element without a value and keep one with a value', () => {
    const values = { caKeyIndex: 'F0', issuerCertificate: 'AA', issuerExponent: '03' };
    const dgi = data.dgiOf('issuer-certificate');
    const tags = (more: object) => contents(dgi, { ...values, ...more })[0]?.children?.map(({ tag }) => tag);
    expect(tags({})).toEqual(['8F', '90', '9F32']);
    expect(tags({ issuerRemainder: 'BB' })).toEqual(['8F', '90', '92', '9F32']);
  });

  it('refuse a missing value, one that is too long and one of a wrong form, by the name of the element', () => {
    const dgi = data.dgiOf('track2-and-holder');
    expect(() => data.grouping(dgi, {})).toThrow(/no value for 57 \(track2\)/);
    expect(() => data.grouping(dgi, { track2: '11'.repeat(20) })).toThrow(/57 \(track2\) has 20 bytes/);
    expect(() => data.grouping(dgi, { track2: '6228ABCX' })).toThrow(/does not fit hex/);
    // an account number never comes back in an error
    expect(() => data.grouping(dgi, { track2: '6228ABCX' })).not.toThrow(/6228ABCX/);
  });

  it('refuse a grouping, a record and a constant the specification does not have', () => {
    expect(() => data.grouping('0999', {})).toThrow(/no data grouping 0999/);
    expect(() => data.dgiOf('nothing')).toThrow(/no record nothing/);
    expect(() => data.constant('balance')).toThrow(/no constant balance/);
  });
});
