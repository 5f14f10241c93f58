/** Card risk management of GENERATE AC as a decision over facts: each check on both sides of its limit. */
import { fromHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  analyseFirst,
  analyseIssuerAnswer,
  analyseUnableToGoOnline,
  type CardActionFacts,
  convertAmount,
  type IssuerAnswerFacts,
} from '../src/applets/pboc/card-action-analysis.ts';

const quiet: CardActionFacts = {
  aip: 0x7c,
  ada: fromHex('0000'),
  electronicCash: false,
  left: 0,
  scriptCount: 0,
  atc: 10,
  lastOnlineAtc: 9,
  lowerLimit: 0xff,
  upperLimit: 0xff,
  amount: 100,
  convertedAmount: 0,
  currency: 'own',
  ownCountry: true,
  otherCurrencyCount: 0,
  otherCurrencyLimit: 0xff,
  otherCountryCount: 0,
  otherCountryLimit: 0xff,
  ctta: 0,
  cttaLimit: 0,
  cttaUpperLimit: 0,
  dualCtta: 0,
  dualCttaLimit: 0,
  pinExceededBefore: false,
};
const first = (facts: Partial<CardActionFacts>) => {
  const { kind, cvrByte2, cvrByte3, block } = analyseFirst({ ...quiet, ...facts });
  return [kind, cvrByte2, cvrByte3, ...(block ? ['block'] : [])];
};

describe('first GENERATE AC', () => {
  it.each<[string, Partial<CardActionFacts>, unknown[]]>([
    ['nothing found', {}, ['TC', 0, 0]],
    ['last online transaction not completed', { left: 0x02 }, ['ARQC', 0x80, 0]],
    ['issuer authentication failed, told only', { left: 0x01 }, ['TC', 0x08, 0]],
    ['… ADA b8: online', { left: 0x01, ada: fromHex('8000') }, ['ARQC', 0x08, 0]],
    [
      '… a card without issuer authentication does not look',
      { left: 0x01, ada: fromHex('8000'), aip: 0x78 },
      ['TC', 0, 0],
    ],
    ['scripts of last time are counted', { scriptCount: 3 }, ['TC', 0, 0x30]],
    ['script failed, told only', { left: 0x04 }, ['TC', 0, 0x08]],
    ['… ADA byte 2 b4: online', { left: 0x04, ada: fromHex('0008') }, ['ARQC', 0, 0x08]],
    ['SDA failed before', { left: 0x08 }, ['TC', 0x01, 0]],
    ['… not on a card without SDA', { left: 0x08, aip: 0x3c }, ['TC', 0, 0]],
    ['DDA failed before', { left: 0x10 }, ['TC', 0, 0x04]],
    ['consecutive offline at the lower limit', { lowerLimit: 1 }, ['TC', 0, 0]],
    ['… above it', { lowerLimit: 0 }, ['ARQC', 0x20, 0]],
    ['another currency within 9F53', { currency: 'other', otherCurrencyLimit: 1 }, ['TC', 0, 0]],
    ['… above it', { currency: 'other', otherCurrencyLimit: 1, otherCurrencyCount: 1 }, ['ARQC', 0x20, 0]],
    ['another country within 9F72', { ownCountry: false, otherCountryLimit: 1 }, ['TC', 0, 0]],
    ['… above it', { ownCountry: false, otherCountryLimit: 0 }, ['ARQC', 0x20, 0]],
    ['cumulative amount at 9F54', { ctta: 900, cttaLimit: 1000 }, ['TC', 0, 0]],
    ['… above it', { ctta: 901, cttaLimit: 1000 }, ['ARQC', 0x20, 0]],
    ['… in another currency it is not looked at', { ctta: 901, cttaLimit: 1000, currency: 'other' }, ['TC', 0, 0]],
    [
      'dual currency at 9F75',
      { currency: 'second', convertedAmount: 700, dualCtta: 300, dualCttaLimit: 1000 },
      ['TC', 0, 0],
    ],
    ['… above it', { currency: 'second', convertedAmount: 701, dualCtta: 300, dualCttaLimit: 1000 }, ['ARQC', 0x20, 0]],
    ['… and in the own currency', { dualCtta: 901, dualCttaLimit: 1000 }, ['ARQC', 0x20, 0]],
    ['new card, told only', { lastOnlineAtc: 0 }, ['TC', 0x10, 0]],
    ['… ADA b2: online', { lastOnlineAtc: 0, ada: fromHex('0200') }, ['ARQC', 0x10, 0]],
    ['PIN exceeded earlier, told only', { pinExceededBefore: true }, ['TC', 0x40, 0]],
    ['… ADA byte 2 b7: declined', { pinExceededBefore: true, ada: fromHex('0064') }, ['AAC', 0x40, 0]],
    ['… b6: online', { pinExceededBefore: true, ada: fromHex('0024') }, ['ARQC', 0x40, 0]],
    ['… b3: declined and blocked', { pinExceededBefore: true, ada: fromHex('0004') }, ['AAC', 0x40, 0, 'block']],
    [
      'electronic cash looks at none of this',
      { electronicCash: true, left: 0x06, lowerLimit: 0, lastOnlineAtc: 0 },
      ['TC', 0, 0],
    ],
    ['… but tells of data authentication', { electronicCash: true, left: 0x18 }, ['TC', 0x01, 0x04]],
  ])('%s', (_, facts, expected) => {
    expect(first(facts)).toEqual(expected);
  });
});

describe('second GENERATE AC of a terminal that could not go online', () => {
  it.each<[string, Partial<CardActionFacts>, string, number]>([
    ['nothing found', {}, 'TC', 0],
    ['at the upper limit', { upperLimit: 1 }, 'TC', 0],
    ['above it', { upperLimit: 0 }, 'AAC', 0x20],
    ['new card, told only', { lastOnlineAtc: 0 }, 'TC', 0x10],
    ['new card, ADA b1', { lastOnlineAtc: 0, ada: fromHex('0100') }, 'AAC', 0x10],
    ['PIN exceeded, not asked', { pinExceededBefore: true }, 'TC', 0],
    ['PIN exceeded, ADA byte 2 b5', { pinExceededBefore: true, ada: fromHex('0010') }, 'AAC', 0x40],
    ['cumulative amount at 9F5C', { ctta: 900, cttaUpperLimit: 1000 }, 'TC', 0],
    ['above it', { ctta: 901, cttaUpperLimit: 1000 }, 'AAC', 0x20],
    ['dual currency above it', { dualCtta: 901, cttaUpperLimit: 1000 }, 'AAC', 0x20],
  ])('%s', (_, facts, kind, byte2) => {
    const action = analyseUnableToGoOnline({ ...quiet, ...facts });
    expect([action.kind, action.cvrByte2]).toEqual([kind, byte2]);
  });
});

describe('second GENERATE AC after the issuer answered', () => {
  const answered: IssuerAnswerFacts = {
    aip: 0x7c,
    ada: fromHex('0000'),
    mandatory: false,
    attempted: true,
    failed: false,
    responseCode: '00',
    authenticatedResponseCode: '00',
  };
  const answer = (facts: Partial<IssuerAnswerFacts>, requested: 'TC' | 'AAC' = 'TC') => {
    const { kind, reset, notPerformed, failed, advice } = analyseIssuerAnswer({ ...answered, ...facts }, requested);
    return [
      kind,
      reset,
      ...(notPerformed ? ['not performed'] : []),
      ...(failed ? ['failed'] : []),
      ...(advice ? ['advice'] : []),
    ];
  };
  const missing = { attempted: false, authenticatedResponseCode: undefined };
  it.each<[string, Partial<IssuerAnswerFacts>, 'TC' | 'AAC', string[]]>([
    ['accepted and authenticated', {}, 'TC', ['TC', 'all']],
    ['every accepting code', { responseCode: 'Y1', authenticatedResponseCode: '11' }, 'TC', ['TC', 'all']],
    ['declined by code', { responseCode: '05' }, 'TC', ['AAC', 'last-online']],
    ['the authenticated code declines', { authenticatedResponseCode: '05' }, 'TC', ['AAC', 'last-online']],
    ['the terminal asks for a decline', {}, 'AAC', ['AAC', 'last-online']],
    ['authentication failed, goes on', { failed: true }, 'TC', ['TC', 'none', 'failed']],
    ['… ADA b7: declined', { failed: true, ada: fromHex('4000') }, 'TC', ['AAC', 'none', 'failed']],
    ['… with advice, b3', { failed: true, ada: fromHex('4400') }, 'TC', ['AAC', 'none', 'failed', 'advice']],
    ['not performed, optional', missing, 'TC', ['TC', 'all', 'not performed']],
    ['not performed, mandatory', { ...missing, mandatory: true }, 'TC', ['TC', 'none', 'not performed', 'failed']],
    ['… ADA b6: declined', { ...missing, mandatory: true, ada: fromHex('2000') }, 'TC', ['AAC', 'none', 'failed']],
    ['not performed and declined', { ...missing, responseCode: '05' }, 'TC', ['AAC', 'last-online', 'not performed']],
    ['a card without issuer authentication', { ...missing, aip: 0x78 }, 'TC', ['TC', 'all']],
  ])('%s', (_, facts, requested, expected) => {
    expect(answer(facts, requested)).toEqual(expected);
  });
});

describe('conversion factor 9F73', () => {
  it('has its decimal point counted from the right', () => {
    expect(convertAmount(10_000, fromHex('20000712'))).toBe(71_200);
    expect(convertAmount(3, fromHex('60000001'))).toBe(0);
    expect(convertAmount(999_999_999_999, fromHex('09999999'))).toBe(999_999_999_999 * 9_999_999);
    expect(convertAmount(100, fromHex('00000000'))).toBe(0);
  });
});
