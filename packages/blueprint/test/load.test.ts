import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@polycard/bytes';
import { describe, expect, it } from 'vitest';
import {
  BlueprintError,
  type BlueprintFile,
  cappApplications,
  compileRecord,
  factorsFor,
  loadBlueprint,
} from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));
const files: BlueprintFile[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') }));
const guangdong = loadBlueprint(files);

const changed = (path: string, from: string, to: string): BlueprintFile[] => {
  expect(files.find((file) => file.path === path)?.text).toContain(from);
  return files.map((file) => (file.path === path ? { path, text: file.text.replace(from, to) } : file));
};

describe('loading', () => {
  it('takes Guangdong: two banks, three metro operators, a bus company of a small city, frozen', () => {
    const { parties } = guangdong;
    expect(parties.filter((party) => party.kind === 'issuer')).toHaveLength(2);
    expect(parties.filter((party) => party.mode === 'bus').map((party) => party.city)).toContain('huizhou');
    expect(() => Object.assign(guangdong.parties[0]!, { code: '9999' })).toThrow(TypeError);
  });

  it.each([
    ['parties.yaml', "code: '0201'", 'code: 201', '/parties/3/code'],
    ['parties.yaml', '    kind: platform\n', '', '/parties/0'],
    ['cards.yaml', '  caIndex: F0', '  caIndex: F0\n  colour: red', '/profile'],
    ['settlement.yaml', 'revenue:', 'revenue: [', 'line'],
    ['applications/metro.yaml', 'offset: 7, length: 7', 'offset: 6, length: 7', 'fields'],
    ['applications/metro.yaml', "sfi: '15'", "sfi: '16'", '/files/0'],
    ['applications/bus.yaml', 'managementKey: bus-management', 'managementKey: tram-management', 'managementKey'],
    ['applications/metro.yaml', 'lengthBytes: 64', 'lengthBytes: 60', 'fields'],
    ['cards.yaml', 'cardClass: student', 'cardClass: pupil', '/products/1/cardClass'],
    ['cards.yaml', 'balanceFen: 100000', 'balanceFen: 1000000', 'balanceFen'],
    ['settlement.yaml', 'percent: 60', 'percent: 61', '/fees/0/shares'],
    ['tariffs/metro.yaml', 'cardClasses: [senior]', 'cardClasses: [elder]', '/discounts/2/cardClasses/0'],
    ['tariffs/metro.yaml', 'cardClasses: [senior]', 'cardClasses: [student]', '/discounts/2/cardClasses/0'],
    ['tariffs/metro.yaml', 'uptoMetres: 24000', 'uptoMetres: 8000', '/baseFare/bands/1/uptoMetres'],
    ['tariffs/metro.yaml', '{ stepMetres: 8000', '{ uptoMetres: 90000, stepMetres: 8000', '/baseFare/bands/2'],
    ['tariffs/metro.yaml', 'mode: metro', 'mode: bus', '/mode'],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      `rounding: half-up\npromotions: [{ id: promo, name: { en: p, zh: 优惠 }, priority: 1, stacking: add, rule: { kind: percent, percentOff: 5 }, when: { cardClasses: [pupil] } }]`,
      '/promotions/0/when/cardClasses/0',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      `rounding: half-up\npromotions: [{ id: promo, name: { en: p, zh: 优惠 }, priority: 1, stacking: add, rule: { kind: percent, percentOff: 5 }, when: { from: '20190201', until: '20190101' } }]`,
      '/promotions/0/when/until',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      `rounding: half-up\npromotions: [{ id: promo, name: { en: p, zh: 优惠 }, priority: 1, stacking: add, rule: { kind: percent, percentOff: 5 }, when: { hours: [{ from: '0700', until: '0700' }] } }]`,
      '/promotions/0/when/hours/0',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      `rounding: half-up\npromotions: [{ id: promo, name: { en: p, zh: 优惠 }, priority: 1, stacking: add, rule: { kind: percent, percentOff: 5 }, when: { stations: [atlantis] } }]`,
      '/promotions/0/when/stations/0',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      `rounding: half-up\npromotions: [{ id: promo, name: { en: p, zh: 优惠 }, priority: 1, stacking: add, rule: { kind: percent, percentOff: 5 }, when: { operators: ['9999'] } }]`,
      '/promotions/0/when/operators/0',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      'rounding: half-up\ncaps: { id: cap, name: { en: c, zh: 封顶 }, dayFen: 1000 }',
      '/caps/dayFen',
    ],
    [
      'tariffs/metro.yaml',
      'rounding: half-up',
      'rounding: half-up\ncumulation: { id: cum, name: { en: c, zh: 累计 }, bands: [{ fromFen: 200, percentOff: 5 }, { fromFen: 100, percentOff: 9 }] }',
      '/cumulation/bands/1/fromFen',
    ],
    ['tariffs/bus.yaml', '{ percentOff: 35 }', '{ uptoFen: 900, percentOff: 35 }', '/discounts/0/rule/tiers/2/uptoFen'],
    ['tariffs/bus.yaml', 'defaultFen: 200', 'defaultFen: 9000', '/baseFare/defaultFen'],
    ['keys.yaml', 'custodian: management-custodian', 'custodian: activation-custodian', '/trees/4/custodian'],
    ['keys.yaml', "factor: fixed, value: '0100000000000000'", 'factor: fixed', '/trees/3/dispersion/2'],
    ['parties.yaml', 'lines: [line-4]', 'lines: [line-3]', '/parties/5/lines/0'],
    ['parties.yaml', "bin: '622888'", "bin: '621444'", '/parties/2/issuer/bin'],
    ['parties.yaml', 'aliases: [西部公共汽车]', 'aliases: [巴士集团]', '/aliases/0'],
    ['applications/transit.yaml', 'recordsMax: 10', 'sizeBytes: 480', '/files/1'],
    ['applications/transit.yaml', 'sizeBytes: 64', 'sizeBytes: 20', '/files/0/sizeBytes'],
    ['blueprint.yaml', "'04:00'", "'24:00'", '/region/businessDayStartsAt'],
    ['settlement.yaml', 'mode: bus', 'mode: metro', '/fees/1/mode'],
    ['terminals.yaml', "'990000002'", "'990000001'", '/terminals/1/deviceNo'],
    ['terminals.yaml', 'operator: mtr-shenzhen', 'operator: lingnan-bank', '/terminals/2/operator'],
    ['networks/shenzhen-metro.yaml', "['268002']", "['268001']", '/stations/1/terminalPrefixes/0'],
    ['networks/shenzhen-metro.yaml', 'bitou, songgang', 'bitou, bitou', '/lines/7/stations/1'],
    ['networks/shenzhen-metro.yaml', 'lengthMetres: 41000', 'lengthMetres: 900', '/lines/0/lengthMetres'],
    ['networks/shenzhen-metro.yaml', 'latitude: 22.532083', 'latitude: 122.5', '/stations/0/latitude'],
    ['terminals.yaml', 'operator: shenzhen-metro', 'operator: nobody', '/terminals/0/operator'],
    ['networks/shenzhen-metro.yaml', "code: '0101'", "code: '0102'", '/stations'],
  ])('%s with "%s" as "%s" names file, place, expectation', (path, from, to, place) => {
    let error: unknown;
    try {
      loadBlueprint(changed(path, from, to));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(BlueprintError);
    const { findings, message } = error as BlueprintError;
    expect(findings.some((finding) => finding.file === path && finding.path.includes(place))).toBe(true);
    expect(findings.every((finding) => finding.expected !== '' && finding.found !== '')).toBe(true);
    expect(message).toMatch(/expected .+, found .+/);
  });

  it('names the file a tariff was read from, whatever it is called', () => {
    const renamed = changed('tariffs/metro.yaml', 'cardClasses: [senior]', 'cardClasses: [elder]').map((file) =>
      file.path === 'tariffs/metro.yaml' ? { ...file, path: 'tariffs/underground.yaml' } : file,
    );
    expect(() => loadBlueprint(renamed)).toThrow(/^tariffs\/underground\.yaml#\/discounts\/2/);
  });

  it('counts every finding of every file', () => {
    let findings: BlueprintError['findings'] = [];
    try {
      loadBlueprint(changed('parties.yaml', "code: '0101'", 'code: x').filter((file) => file.path !== 'keys.yaml'));
    } catch (error) {
      findings = (error as BlueprintError).findings;
      expect((error as BlueprintError).message).toMatch(/\(and 1 more\)$/);
    }
    expect(findings.map(({ file, path }) => [file, path])).toEqual([
      ['keys.yaml', ''],
      ['parties.yaml', '/parties/1/code'],
    ]);
  });

  it('names a file that is missing and one that does not belong', () => {
    expect(() => loadBlueprint(files.filter((file) => file.path !== 'keys.yaml'))).toThrow(/keys\.yaml/);
    expect(() => loadBlueprint([...files, { path: 'notes.yaml', text: 'a: 1' }])).toThrow(/notes\.yaml/);
  });

  it('text that is no blueprint gives findings, nothing else', () => {
    const texts = [
      ...['', '# only a comment', 'null', '42', '[]', '{', '\t- a', '\u0000\u0001', 'a: *nowhere', '--- a\n--- b'],
      ...['&a [*a, *a]', '&a { parties: *a, trees: *a }', 'parties: &a [*a]', '!!binary aGk=', '? [a]: b'],
      ...['__proto__: { parties: [] }', 'parties: [{ id: .nan }]', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b, *b]'],
    ];
    for (const { path } of files) {
      for (const text of texts) {
        const broken = files.map((other) => (other.path === path ? { path, text } : other));
        expect(() => loadBlueprint(broken), `${path}: ${text}`).toThrow(BlueprintError);
      }
    }
  });

  it('a file cut anywhere gives findings or a blueprint, nothing else', () => {
    for (const file of files) {
      const parts = file.path.startsWith('networks/') ? 5 : 15;
      for (let part = 1; part < parts; part++) {
        const cut = { path: file.path, text: file.text.slice(0, Math.floor((file.text.length * part) / parts)) };
        try {
          loadBlueprint(files.map((other) => (other.path === file.path ? cut : other)));
        } catch (error) {
          expect(error).toBeInstanceOf(BlueprintError);
        }
      }
    }
  });
});

const records = cappApplications(guangdong).flatMap((application) => application.files.flatMap((file) => file.records));

describe('records', () => {
  it('that do not fit are refused by name', () => {
    const codec = compileRecord(records.find((record) => record.name === 'metro')!);
    expect(() => codec.decode(new Uint8Array(63))).toThrow(/metro has 63 bytes, expected 64/);
    expect(() => codec.decode(new Uint8Array(64))).toThrow(/ID 0000, expected 0002/);
    expect(() => codec.encode({ colour: 1 })).toThrow(/no field colour/);
    expect(() => codec.encode({ amount: 70_000 })).toThrow(/amount \(offset 45, 2 bytes\)/);
    expect(() => codec.encode({ entryTime: '2018' })).toThrow(/entryTime/);
  });

  it('keep what they do not know and state their own length byte', () => {
    const codec = compileRecord(records.find((record) => record.name === 'metro')!);
    const base = codec.initial();
    base[2] = 0xff;
    base[63] = 0xab;
    const written = codec.encode({ amount: 475 }, base);
    expect([written[2], written[63], codec.decode(written)['amount']]).toEqual([61, 0xab, 475]);
    expect(base[2]).toBe(0xff);
  });
});

describe('dispersion paths', () => {
  const tree = guangdong.keys.find((key) => key.label === 'metro-management')!;
  it('run region, city, application, card; a PSAM stops before the city', () => {
    const { fixedPrefix, cardFactors } = factorsFor(tree, guangdong.manifest, {
      pan: '6214440000000000017',
      homeCityCode: '5840',
    });
    expect(fixedPrefix.map(toHex)).toEqual(['4400FFFFFFFFFFFF']);
    expect(cardFactors.map(toHex)).toEqual(['5840FFFFFFFFFFFF', '0100000000000000', '4440000000000017']);
  });
  it('know a national root, issuers, application serials and chips, filled as the data say', () => {
    const national = {
      ...tree,
      dispersion: [
        { level: 'national', factor: 'fixed', value: '0156000000000000' },
        { level: 'region', factor: 'region-code', pad: 'repeat' },
        { level: 'issuer', factor: 'issuer-code', pad: '80' },
        { level: 'application', factor: 'application-serial' },
        { level: 'card', factor: 'card-uid' },
      ],
    } as const;
    const card = { pan: '6214440000000000017', applicationSerial: '44005840000000000012', uid: '04A1B2C3D4E5F6' };
    const factors = (changed: object = {}) => {
      const { fixedPrefix, cardFactors } = factorsFor(national as never, guangdong.manifest, { ...card, ...changed });
      return [...fixedPrefix, ...cardFactors].map(toHex);
    };
    expect(factors()).toEqual([
      ...['0156000000000000', '4400440044004400', '6214448000000000', '5840000000000012', '04A1B2C3D4E5F600'],
    ]);
    expect(factorsFor(national as never, guangdong.manifest, {}).fixedPrefix).toHaveLength(2);
    expect(factors({ issuerCode: '12345678', uid: '01020304' }).slice(2)).toEqual([
      ...['1234567880000000', '5840000000000012', '0102030400000000'],
    ]);
    expect(factors({ uid: '0102030405060708' }).at(-1)).toBe('0102030405060708');
    expect(() => factors({ uid: undefined })).toThrow(/level card needs the chip's UID/);
    expect(() => factors({ applicationSerial: undefined })).toThrow(/level application needs the application's serial/);
  });
  it('say what they lack', () => {
    expect(() => factorsFor(tree, guangdong.manifest, { homeCityCode: '5840' })).toThrow(
      /metro-management, level card needs the PAN/,
    );
  });
});
