import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlueprintError } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { afterAll, describe, expect, it } from 'vitest';
import { readBlueprint, readBlueprintFiles } from '../src/blueprint-files.ts';

const BLUEPRINTS = fileURLToPath(new URL('../../../blueprints/', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'polycard-blueprints-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A blueprint in a folder of its own beside the others. */
function folder(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name, path)), { recursive: true });
    writeFileSync(join(root, name, path), text);
  }
  return join(root, name);
}

function errorOf(work: () => unknown): PolycardError {
  try {
    work();
  } catch (error) {
    if (error instanceof PolycardError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a folder that extends another', () => {
  it('is read with it: by path, by a name beside it, through a chain, and from any working folder', () => {
    const changsha = folder('changsha', {
      'blueprint.yaml': `extends: ${join(BLUEPRINTS, 'hunan')}\nblueprint: changsha\n`,
    });
    folder('district', { 'blueprint.yaml': 'extends: changsha\nblueprint: district\n' });
    expect(readBlueprint(changsha).networks[0]!.network).toBe('changsha-metro');
    const { manifest, keys } = readBlueprint(join(root, 'district'));
    expect(manifest).toMatchObject({ blueprint: 'district', region: { code: '4300', country: '156' } });
    expect(keys.every(({ algorithm }) => algorithm === 'SM4')).toBe(true);
    expect(readBlueprintFiles(join(BLUEPRINTS, 'guangdong'))[0]).not.toHaveProperty('origin');
  });

  it('in a circle is refused with every name on it', () => {
    folder('east', { 'blueprint.yaml': 'extends: south\nblueprint: east\n' });
    folder('south', { 'blueprint.yaml': 'extends: ../west\nblueprint: south\n' });
    folder('west', { 'blueprint.yaml': 'extends: east\nblueprint: west\n' });
    const error = errorOf(() => readBlueprint(join(root, 'east')));
    expect(error.code).toBe('POLYCARD_BLUEPRINT_EXTENDS');
    expect(error.message).toContain('east → south → west → east');
    folder('self', { 'blueprint.yaml': 'extends: self\nblueprint: self\n' });
    expect(errorOf(() => readBlueprint(join(root, 'self'))).message).toContain('self → self');
  });

  it('that is not there is named, with what names it', () => {
    folder('lost', { 'blueprint.yaml': 'extends: nowhere\nblueprint: lost\n' });
    expect(errorOf(() => readBlueprint(join(root, 'lost')))).toMatchObject({
      code: 'POLYCARD_BLUEPRINT_EXTENDS',
      message: 'lost extends ../nowhere, where there is no blueprint',
      where: expect.stringMatching(/lost\/blueprint.yaml#\/extends$/),
    });
    expect(errorOf(() => readBlueprint(join(root, 'absent'))).code).toBe('POLYCARD_BLUEPRINT_NOT_FOUND');
  });

  it('and is wrong says so with the path of the file from the folder asked for', () => {
    folder('base', { 'blueprint.yaml': `extends: ${join(BLUEPRINTS, 'hunan')}\n`, 'settlement.yaml': 'fees: none\n' });
    const over = folder('over', { 'blueprint.yaml': 'extends: base\n' });
    const error = errorOf(() => readBlueprint(over));
    expect(error).toBeInstanceOf(BlueprintError);
    expect((error as BlueprintError).findings[0]).toMatchObject({ file: '../base/settlement.yaml', path: '/fees' });
    folder('base', { 'blueprint.yaml': 'extends: [' });
    const broken = errorOf(() => readBlueprint(over)) as BlueprintError;
    expect(broken.findings[0]).toMatchObject({ file: '../base/blueprint.yaml', path: 'line 1', expected: 'YAML' });
  });
});
