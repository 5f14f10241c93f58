import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  BlueprintError,
  type BlueprintFile,
  type BlueprintFinding,
  type BlueprintLayer,
  blueprintSchemas,
  cappApplications,
  extendedBlueprint,
  FILE_SCHEMAS,
  loadBlueprint,
  overlayFiles,
} from '../src/index.ts';

const filesOf = (name: string): BlueprintFile[] => {
  const folder = fileURLToPath(new URL(`../../../blueprints/${name}/`, import.meta.url));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') }));
};
const guangdong = filesOf('guangdong');
const hunan = filesOf('hunan');
const layers: BlueprintLayer[] = [
  { prefix: '../guangdong/', files: guangdong },
  { prefix: '', files: hunan },
];

/** What two YAML texts merge to. */
function merged(parent: string, child: string): unknown {
  const [file] = overlayFiles([
    { prefix: 'parent/', files: [{ path: 'x.yaml', text: parent }] },
    { prefix: '', files: [{ path: 'x.yaml', text: child }] },
  ]);
  return JSON.parse(file!.text);
}

function findingsOf(work: () => unknown): readonly BlueprintFinding[] {
  try {
    work();
  } catch (error) {
    if (error instanceof BlueprintError) return error.findings;
    throw error;
  }
  return [];
}

describe('merging', () => {
  it.each([
    ['objects by key', 'a: {b: 1, c: 2}', 'a: {c: 3, d: 4}', { a: { b: 1, c: 3, d: 4 } }],
    ['null removes a key', 'a: {b: 1, c: 2}', 'a: {b: null}', { a: { c: 2 } }],
    ['a list without names is replaced', 'a: [{x: 1}, {x: 2}]', 'a: [{x: 3}]', { a: [{ x: 3 }] }],
    ['a list of texts is replaced', 'a: [one, two]', 'a: [three]', { a: ['three'] }],
    ['another kind of value is replaced', 'a: {b: 1}', 'a: [1]', { a: [1] }],
    [
      'named items merge, new ones come after them',
      'a: [{id: p, x: 1, y: 1}, {id: q, x: 2}]',
      'a: [{id: r, x: 3}, {id: p, x: 9}]',
      {
        a: [
          { id: 'p', x: 9, y: 1 },
          { id: 'q', x: 2 },
          { id: 'r', x: 3 },
        ],
      },
    ],
    ['by any naming key', 'a: [{sfi: "15", n: 1}]', 'a: [{sfi: "15", n: 2}]', { a: [{ sfi: '15', n: 2 }] }],
    ['an item is removed', 'a: [{id: p}, {id: q}]', 'a: [{id: p, remove: true}]', { a: [{ id: 'q' }] }],
    ['all are removed', 'a: [{id: p}, {id: q}]', 'a: [{remove: all}, {id: r}]', { a: [{ id: 'r' }] }],
    ['an object is replaced', 'a: {b: 1, c: {d: 1}}', 'a: {replace: true, c: 2}', { a: { c: 2 } }],
    ['a file is replaced', 'a: 1', '{replace: true, b: 2}', { b: 2 }],
  ])('%s', (_, parent, child, expected) => {
    expect(merged(parent, child)).toEqual(expected);
  });

  it.each([
    ['a key the parent lacks', 'a: {b: 1}', 'a: {c: null}', '/a/c'],
    ['an item the parent lacks', 'a: [{id: p}]', 'a: [{id: q, remove: true}]', '/a/0'],
    ['a new object', 'a: {b: 1}', 'a: {c: {remove: true}}', '/a/c'],
    ['an item without the name of its list', 'a: [{id: p}]', 'a: [{x: 1}]', '/a/0'],
    ['a name twice', 'a: [{id: p}]', 'a: [{id: p}, {id: p}]', '/a/1'],
    ['text that is no YAML', 'a: 1', 'a: [', 'line 1'],
  ])('%s cannot be merged, and is named where it stands', (_, parent, child, path) => {
    expect(findingsOf(() => merged(parent, child))).toMatchObject([{ file: 'x.yaml', path }]);
  });

  it('an overlay that says nothing changes nothing, whatever the parent says', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.string(),
        fc.dictionary(key, tie('value')),
        fc.array(fc.record({ id: fc.constantFrom('p', 'q'), x: fc.integer() })),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), (parent) => {
        expect(merged(JSON.stringify(parent), '{}')).toEqual(JSON.parse(JSON.stringify(parent)));
      }),
    );
  });

  it('a text that is cut anywhere is merged or named, never a crash', () => {
    const parent = guangdong.find(({ path }) => path === 'settlement.yaml')!;
    const { path, text } = hunan.find((file) => file.path === 'settlement.yaml')!;
    for (let length = 0; length < text.length; length++) {
      const child = { path, text: text.slice(0, length) };
      findingsOf(() =>
        overlayFiles([
          { prefix: '../guangdong/', files: [parent] },
          { prefix: '', files: [child] },
        ]),
      );
    }
  });

  it('a value that holds itself is named, not followed for ever', () => {
    const found = findingsOf(() => merged('a: 1', 'b: &x [*x]'));
    expect(found[0]).toMatchObject({ file: 'x.yaml', found: 'more, or a value that holds itself' });
  });
});

describe('a blueprint that extends another', () => {
  const changedOverlay = (path: string, from: string, to: string): BlueprintLayer[] => {
    expect(hunan.find((file) => file.path === path)?.text).toContain(from);
    const files = hunan.map((file) => (file.path === path ? { path, text: file.text.replace(from, to) } : file));
    return [layers[0]!, { prefix: '', files }];
  };

  it('names what it extends: a folder from its own, or a name beside it', () => {
    const manifest = (text: string) => extendedBlueprint({ prefix: '', files: [{ path: 'blueprint.yaml', text }] });
    expect(extendedBlueprint(layers[1]!)).toBe('../guangdong');
    expect(manifest('extends: guangdong')).toBe('../guangdong');
    expect(manifest('extends: ../../elsewhere/guangdong')).toBe('../../elsewhere/guangdong');
    expect(manifest('blueprint: x')).toBeUndefined();
    expect(findingsOf(() => manifest('extends: ['))).toMatchObject([{ file: 'blueprint.yaml' }]);
  });

  it('has other cities, 48-byte records of another layout and SM4 keys, and the rest of its parent', () => {
    const province = loadBlueprint(overlayFiles(layers));
    const parent = loadBlueprint(guangdong);
    expect(province.manifest.cities.map(({ id }) => id)).toEqual(['changsha', 'zhuzhou', 'xiangtan']);
    expect(province.networks.map(({ network }) => network)).toEqual(['changsha-metro']);
    expect(new Set(province.keys.map(({ algorithm }) => algorithm))).toEqual(new Set(['SM4']));
    expect(province.keys.map(({ label }) => label)).toEqual(parent.keys.map(({ label }) => label));
    const record = (of: typeof province, name: string) =>
      cappApplications(of)
        .flatMap(({ files }) => files.flatMap(({ records }) => records))
        .find((r) => r.name === name)!;
    for (const name of ['metro', 'bus']) {
      expect(record(province, name).lengthBytes).toBe(48);
      const { fields } = record(parent, name);
      const status = (of: typeof fields) => of.find((field) => field.name === 'status')!;
      expect(status(record(province, name).fields).offset).not.toBe(status(fields).offset);
      expect(status(record(province, name).fields).title).toEqual(status(fields).title);
    }
    expect(record(province, 'trip')).toEqual(record(parent, 'trip'));
  });

  it('says nothing that its parent says already', () => {
    const repeated: string[] = [];
    const compare = (own: unknown, parent: unknown, path: string): void => {
      if (typeof own !== 'object' || own === null) {
        if (own === parent) repeated.push(path);
        return;
      }
      if (typeof parent !== 'object' || parent === null) return;
      if (!Array.isArray(own)) {
        for (const [key, value] of Object.entries(own)) {
          if (['id', 'label', 'sfi', 'name', 'level'].includes(key) && typeof value === 'string') continue;
          compare(value, (parent as Record<string, unknown>)[key], `${path}/${key}`);
        }
        return;
      }
      if (own.some((item) => item?.remove === 'all') || !Array.isArray(parent)) return;
      for (const item of own) {
        const key = ['id', 'label', 'sfi', 'name', 'level'].find((name) => typeof item?.[name] === 'string');
        if (key !== undefined)
          compare(
            item,
            parent.find((other) => other[key] === item[key]),
            `${path}/${item[key]}`,
          );
      }
    };
    for (const file of hunan) {
      const parent = guangdong.find(({ path }) => path === file.path);
      if (parent !== undefined) compare(parse(file.text), parse(parent.text), file.path);
    }
    expect(repeated).toEqual([]);
  });

  it.each([
    ['cards.yaml', 'caIndex: F1', 'caIndex: 1', { file: 'cards.yaml', path: '/profile/caIndex' }],
    ['parties.yaml', "code: '0201'", 'code: 201', { file: 'parties.yaml', path: '/parties/4/code' }],
    [
      'applications/bus.yaml',
      'name: status, offset: 9',
      'name: status, offset: 8',
      { path: '/files/0/records/0/fields/5/offset' },
    ],
    ['applications/bus.yaml', 'name: status,', 'name: state,', { path: '/files/0/records/0/fields/5' }],
    ['cards.yaml', 'cardClass: soldier', 'cardClass: sailor', { file: 'cards.yaml', path: '/products/5/cardClass' }],
    [
      'blueprint.yaml',
      'networks/shenzhen-metro',
      'networks/canton-metro',
      { file: 'blueprint.yaml', path: '/leaveOut/0' },
    ],
  ])('%s: %s as %s is found where the overlay says it', (path, from, to, place) => {
    const found = findingsOf(() => loadBlueprint(overlayFiles(changedOverlay(path, from, to))));
    expect(found).toEqual(expect.arrayContaining([expect.objectContaining(place)]));
  });

  it("what the parent says wrong is found in the parent's file, at its place there", () => {
    const wrong = guangdong.map((file) =>
      file.path === 'settlement.yaml' ? { ...file, text: file.text.replace('perMille: 5', 'perMille: much') } : file,
    );
    const cut = hunan.filter((file) => file.path !== 'settlement.yaml');
    const found = findingsOf(() =>
      loadBlueprint(
        overlayFiles([
          { prefix: '../guangdong/', files: wrong },
          { prefix: '', files: cut },
        ]),
      ),
    );
    expect(found).toMatchObject([{ file: '../guangdong/settlement.yaml', path: '/fees/0/perMille', found: '"much"' }]);
  });

  it('a chain of three: each over the one before it', () => {
    const third: BlueprintLayer = {
      prefix: '',
      files: [
        {
          path: 'blueprint.yaml',
          text: 'extends: hunan\nblueprint: changsha\nregion: { businessDayStartsAt: "05:00" }',
        },
      ],
    };
    const { manifest, keys } = loadBlueprint(overlayFiles([layers[0]!, { prefix: '../hunan/', files: hunan }, third]));
    expect(manifest).toMatchObject({
      blueprint: 'changsha',
      extends: 'hunan',
      region: { code: '4300', businessDayStartsAt: '05:00' },
    });
    expect(keys[0]!.algorithm).toBe('SM4');
  });
});

describe('the schemas for editors', () => {
  const ajv = new Ajv2020({ strict: false });
  const schemas = new Map(blueprintSchemas().map(({ fileName, schema }) => [fileName, schema]));
  const kindOf = (path: string) => FILE_SCHEMAS.find(({ pattern }) => pattern.test(path))!.name;

  it.each(hunan.map(({ path, text }) => [path, text]))('of an overlay take %s', (path, text) => {
    const validate = ajv.compile(schemas.get(`overlay/${kindOf(path!)}.schema.json`)!);
    expect(validate(parse(text!)) || validate.errors).toBe(true);
    expect(text!.split('\n')[0]).toContain(`schema/overlay/${kindOf(path!)}.schema.json`);
  });

  it('of an overlay refuse an unknown key and a value of another kind, and a whole file those marks', () => {
    const overlay = ajv.compile(schemas.get('overlay/cards.schema.json')!);
    expect(overlay({ profile: { caIndx: 'F1' } })).toBe(false);
    expect(overlay({ profile: { caIndex: 1 } })).toBe(false);
    expect(overlay({ products: [{ remove: 'some' }] })).toBe(false);
    expect(overlay({ products: [{ remove: 'all' }], profile: { caIndex: null } })).toBe(true);
    const whole = ajv.compile(schemas.get('cards.schema.json')!);
    expect(whole(parse(guangdong.find(({ path }) => path === 'cards.yaml')!.text))).toBe(true);
    expect(whole({ replace: true })).toBe(false);
  });
});
