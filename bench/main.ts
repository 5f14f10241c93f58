/** `npm run bench [NAME]`: figures beside the limit or peer of the same run. Never a test: it prints, it does not judge. */
import { fileURLToPath } from 'node:url';
import { benchDenyList } from './deny-list.ts';
import type { Figure } from './figure.ts';
import { benchIso8583 } from './iso8583.ts';
import { benchKeys } from './keys.ts';
import { benchPersonalisation } from './personalisation.ts';
import { benchTaps } from './taps.ts';
import { benchUploads } from './uploads.ts';

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  taps: benchTaps,
  uploads: benchUploads,
  'deny-list': benchDenyList,
  keys: benchKeys,
  iso8583: benchIso8583,
  personalisation: benchPersonalisation,
};

const rounded = (value: number): string => Math.round(value).toLocaleString('en');

function line({ name, unit, value, limit, limitName }: Figure): string {
  const measured = `${name.padEnd(58)} ${rounded(value).padStart(12)} ${unit.padEnd(11)}`;
  return limit === undefined
    ? measured
    : `${measured} ${(value / limit).toFixed(2)} of ${rounded(limit)} (${limitName})`;
}

export async function runBench(only?: string): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (only !== undefined && only !== name) continue;
    for (const figure of await bench()) {
      figures.push(figure);
      process.stdout.write(`${line(figure)}\n`);
    }
  }
  return figures;
}

/** For the acceptance command: every figure that was asked for is there, with its limit. */
export async function benchIsMeasured(plant: string | undefined): Promise<string[]> {
  const figures = await runBench(plant === 'figure-missing' ? 'keys' : undefined);
  const wanted = [
    /metro exits/,
    /uploads durable/,
    /card keys dispersed, 3DES/,
    /ISO 8583 pack/,
    /ISO 8583 unpack, fields found/,
  ];
  return wanted.flatMap((pattern) => {
    const figure = figures.find(({ name }) => pattern.test(name));
    if (figure === undefined) return [`no figure for ${pattern.source}`];
    return figure.value > 0 && figure.limit !== undefined && figure.limit > 0
      ? []
      : [`${figure.name} has no limit beside it`];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runBench(process.argv[2]);
