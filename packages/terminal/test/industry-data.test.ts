import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIndustryData, type IndustryData, parseIndustryData } from '../src/index.ts';

const code = fc.stringMatching(/^[0-9]{4}$/);
const anyRide: fc.Arbitrary<IndustryData> = fc.record(
  {
    kind: fc.constantFrom('entry', 'exit', 'boarding', 'counter', 'alighting'),
    operatorCode: code,
    placeCode: code,
    baseFen: fc.integer({ min: 0, max: 100_000 }),
    baseSource: fc.constantFrom('network', 'declared', 'none'),
    classCode: fc.constantFrom('01', '02', '03'),
    serviceClassCode: fc.constantFrom('00', '01'),
    transferApplied: fc.boolean(),
    combinedRideBefore: fc.uint8Array({ minLength: 24, maxLength: 24 }),
    tariffVersion: fc.stringMatching(/^[0-9]{8}$/),
    records: fc.array(
      fc.record({ sfi: fc.integer({ min: 21, max: 30 }), bytes: fc.uint8Array({ minLength: 4, maxLength: 64 }) }),
      { maxLength: 3 },
    ),
    entryPlaceCode: code,
    entryTime: fc.constant('20180901080000'),
    tornOutcome: fc.constantFrom('normal', 're-read', 'proof', 'unresolved'),
    homeCity: code,
    at: fc.constant('20180901083000'),
    route: fc.constantFrom('101路', 'M191'),
    direction: fc.constantFrom('up', 'down'),
    markedFen: fc.integer({ min: 0, max: 65_535 }),
    closedRide: fc.record({
      ...{ route: fc.constantFrom('601', '101路'), direction: fc.constantFrom('up', 'down'), boardingStop: code },
      ...{ at: fc.constant('20180901070000'), operatorCode: code, markedFen: fc.integer({ min: 0, max: 65_535 }) },
      settlement: fc.constantFrom('charged', 'unpaid', 'waived'),
      fareFen: fc.integer({ min: 0, max: 65_535 }),
    }),
  },
  {
    requiredKeys: [
      'kind',
      'operatorCode',
      'placeCode',
      'baseFen',
      'baseSource',
      'classCode',
      'serviceClassCode',
      'transferApplied',
      'tariffVersion',
      'records',
      'tornOutcome',
      'homeCity',
      'at',
    ],
  },
) as fc.Arbitrary<IndustryData>;

const plain = (data: IndustryData) =>
  JSON.parse(JSON.stringify(data, (_key, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value)));

describe('industry data (F57)', () => {
  it('says the same after its way over the line', () => {
    fc.assert(
      fc.property(anyRide, (ride) => {
        expect(plain(parseIndustryData(encodeIndustryData(ride)))).toEqual(plain(ride));
      }),
      { seed: 57 },
    );
  });

  it('cut at any byte, or with a tag taken out, it is refused by name', () => {
    const [ride] = fc.sample(anyRide, { seed: 3, numRuns: 1 });
    const bytes = encodeIndustryData({ ...ride!, route: '101' });
    for (let length = 0; length < bytes.length; length++) {
      let error: unknown;
      try {
        parseIndustryData(bytes.subarray(0, length));
      } catch (caught) {
        error = caught;
      }
      // a cut between optional objects at the end leaves a ride that can still be read
      if (error !== undefined) expect(error).toBeInstanceOf(PolycardError);
      else expect(length).toBeGreaterThan(60);
    }
    expect(() => parseIndustryData(fromHex('DF010101'))).toThrow(/F57\.DF02 \(Operator\) has 0 bytes, expected 2/);
    expect(() => parseIndustryData(fromHex('DF010109'))).toThrow(/unknown value|expected/);
  });
});
