/** The tariffs of Guangdong, compiled as gate, host and clearing compile them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Blueprint, loadBlueprint, type Mode } from '@polycard/blueprint';
import { type CompiledTariff, compileNetwork, compileTariff } from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../blueprints/guangdong/', import.meta.url));

export const blueprint: Blueprint = loadBlueprint(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(folder + path, 'utf8') })),
);
export const network = compileNetwork(blueprint.networks[0]!);
export const tariffs = new Map<Mode, CompiledTariff>(
  blueprint.tariffs.map((tariff) => [
    tariff.mode,
    compileTariff(tariff, tariff.mode === 'metro' ? network : undefined),
  ]),
);
