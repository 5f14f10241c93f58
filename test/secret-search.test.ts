import { describe, expect, it } from 'vitest';
import { SecretSearch } from '../e2e/evidence/search.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, index) => (index * 37 + 11) & 0xff);
const PAN = '6214441000010103';
const hex = Buffer.from(KEY).toString('hex');
const search = new SecretSearch();
search.addKey('key', KEY);
search.addAccountNumber('account number', PAN);
const formsIn = (text: string): string[] => search.search(text).map(({ secret, form }) => `${secret} as ${form}`);

describe('the search for secrets', () => {
  it.each([
    ['hexadecimal inside more of it', `00${hex}FF`, 'key as hex'],
    ['hexadecimal at an odd place', `0${hex}`, 'key as hex'],
    ['capitals in pairs', hex.toUpperCase().match(/../g)!.join(' '), 'key as hex'],
    ['decimal bytes', `[1, ${[...KEY].join(', ')}]`, 'key as decimal bytes'],
    ['base64 behind other bytes', Buffer.concat([Buffer.from('ab'), KEY]).toString('base64'), 'key as base64'],
    ['base64url', Buffer.concat([Buffer.from('a'), KEY]).toString('base64url'), 'key as base64'],
    ['the bytes themselves', `log ${Buffer.from(KEY).toString('latin1')}`, 'key as raw'],
    ['digits inside a track', `;${PAN}=2812`, 'account number as digits'],
    ['digits in groups', '6214 4410 0001 0103', 'account number as digits'],
    ['hexadecimal of its text', Buffer.from(PAN).toString('hex'), 'account number as hex of its text'],
  ])('finds %s', (_what, text, found) => {
    expect(formsIn(text)).toContain(found);
  });

  it.each([
    ['all but the last byte', hex.slice(0, -2)],
    ['a masked account number', '621444******0103'],
    ['another number of the same issuer', '6214441000010111'],
    ['plain words and dates', '2026-11-25T10:00:00Z 200 GET /api/taps 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17'],
  ])('does not find %s', (_what, text) => {
    expect(formsIn(text)).toEqual([]);
  });
});
