import { toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import { parsePersonalisationData } from '../src/personalisation-file.ts';

const AID = 'A000000333010101';
const dgis = [{ dgi: '0101', data: '7000' }, { dgi: '8000', data: '00'.repeat(48) }, ['8205', 'AB']];
const shown = (value: unknown, variant?: string) =>
  parsePersonalisationData(value, variant).map(({ aid, groupings, source }) => ({
    aid: toHex(aid),
    groupings: groupings.map(({ dgi, data, secret }) => `${dgi} ${data.length} ${secret ?? 'clear'}`),
    ...(source === undefined ? {} : { loadFile: toHex(source.loadFile) }),
  }));

describe('a file of personalisation data', () => {
  it('names applications and their groupings; secret ones are known by their number', () => {
    expect(shown({ applications: [{ aid: AID, loadFile: 'A0000003330101', dgis }] })).toEqual([
      { aid: AID, groupings: ['0101 2 clear', '8000 48 whole-blocks', '8205 1 padded'], loadFile: 'A0000003330101' },
    ]);
  });

  it('may have the shape of a recorded card, with its variants', () => {
    const personalisation = {
      ppse: { aid: '325041592E5359532E4444463031', dgis: [{ dgi: '9102', data: 'A500' }] },
      application: { aid: AID, dgis },
      variants: {
        other: {
          differsFromBase: [
            { dgi: '0101', data: '700100' },
            { dgi: '0102', data: '7000' },
          ],
        },
      },
    };
    for (const value of [personalisation, { personalisation }, { card: { personalisation } }]) {
      expect(shown(value).map(({ aid }) => aid)).toEqual(['325041592E5359532E4444463031', AID]);
    }
    expect(shown(personalisation, 'other')[1]!.groupings).toEqual([
      ...['0101 3 clear', '8000 48 whole-blocks', '8205 1 padded', '0102 2 clear'],
    ]);
    expect(() => shown(personalisation, 'none')).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CLI_DATA_FILE', expected: 'base, other' }),
    );
  });

  it.each([
    [undefined, '/'],
    [[], '/'],
    [{}, '/applications'],
    [{ applications: [] }, '/applications'],
    [{ applications: [3] }, '/applications/0'],
    [{ applications: [{ aid: AID }] }, '/applications/0/dgis'],
    [{ applications: [{ aid: AID, dgis: [] }] }, '/applications/0/dgis'],
    [{ applications: [{ aid: 'A0', dgis }] }, '/applications/0/aid'],
    [{ applications: [{ aid: AID, dgis: [{ dgi: '01', data: '' }] }] }, '/applications/0/dgis/0/dgi'],
    [{ applications: [{ aid: AID, dgis: [{ dgi: '0101', data: '7' }] }] }, '/applications/0/dgis/0/data'],
    [{ applications: [{ aid: AID, dgis: [['0101']] }] }, '/applications/0/dgis/0/data'],
    [{ applications: [{ aid: AID, dgis, loadFile: 'XX' }] }, '/applications/0/loadFile'],
    [{ card: 1 }, '/card'],
    [{ application: { aid: AID, dgis }, variants: 1 }, '/variants'],
  ])('%j is refused with its place', (value, where) => {
    expect(() => shown(value)).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CLI_DATA_FILE', where: `--data ${where}` }),
    );
  });
});
