/** keys.5: one byte of the exported audit changed, removed or reordered is located by `polycard audit verify`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyAudit } from '@polycard/audit/verifier';
import { type AcceptanceItem, Findings, figure } from './item.ts';

const POLYCARD = fileURLToPath(new URL('../../apps/cli/bin/polycard.js', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../packages/audit/test/verify-audit.py', import.meta.url));
const CHANGES_MAX = 1500;
const LINES_WHOLE = 4;
const MOVES_MAX = 150;
const LF = 0x0a;

const polycard = (...args: string[]) =>
  spawnSync(process.execPath, [POLYCARD, ...args], { encoding: 'utf8', maxBuffer: 64 << 20 });

async function located(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const directory = mkdtempSync(join(tmpdir(), 'polycard-keys-5-'));
  try {
    const data = join(directory, 'data');
    const replay = polycard('replay', '--generate', '60', '--seed', '5', '--ephemeral', '--keep', data, '--json');
    findings.equal(replay.status, 0, 'a region at work ended with');
    const file = join(directory, 'trail.ndjson');
    findings.equal(polycard('audit', 'export', file, '--data', data).status, 0, 'audit export ended with');
    const original = readFileSync(file);
    const lines = linesOf(original);
    const planted = breakIt(lines, plant);
    writeFileSync(file, planted);
    const whole = polycard('audit', 'verify', file, '--json');
    const verdict = JSON.parse(whole.stdout) as { entries: number; verdict: string; problem?: unknown };
    figure('entries, bytes', `${verdict.entries}, ${original.length}`);
    findings.equal([whole.status, verdict.problem], [0, undefined], 'audit verify of the exported file');
    if (plant !== undefined) return findings.list;
    const python = JSON.parse(execFileSync('python3', [PYTHON, file], { encoding: 'utf8' })) as unknown[];
    findings.equal(python, [null], 'the Python program on the same file');
    changeBytes(original, lines, findings);
    moveLines(lines, findings, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return findings.list;
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(LF); end >= 0; start = end + 1, end = bytes.indexOf(LF, start))
    lines.push(bytes.subarray(start, end + 1));
  return lines;
}

function breakIt(lines: readonly Uint8Array[], plant: string | undefined): Uint8Array {
  const copy = lines.map((line) => Uint8Array.from(line));
  if (plant === 'byte-changed') copy[3]![40]! ^= 1;
  if (plant === 'entry-removed') copy.splice(5, 1);
  if (plant === 'entries-exchanged') [copy[5], copy[6]] = [copy[6]!, copy[5]!];
  if (plant === 'tail-cut') copy.splice(-3);
  return Buffer.concat(copy);
}

/** Every byte of the first lines and the last, and bytes of the rest evenly, each changed alone: the entry of its line is named. */
function changeBytes(original: Uint8Array, lines: readonly Uint8Array[], findings: Findings): void {
  const step = Math.max(1, Math.ceil(original.length / CHANGES_MAX));
  let offset = 0;
  let changes = 0;
  for (const [index, line] of lines.entries()) {
    for (let inside = 0; inside < line.length; inside++, offset++) {
      if (index >= LINES_WHOLE && index < lines.length - 1 && offset % step !== 0) continue;
      const changed = Uint8Array.from(original);
      changed[offset] = original[offset]! ^ (1 + (offset % 255));
      const { verdict, problem } = verifyAudit(changed);
      changes += 1;
      if (verdict !== 'broken' || problem?.line !== index + 1)
        findings.list.push(`byte ${offset} of line ${index + 1}: ${verdict}, line ${problem?.line}`);
    }
  }
  figure('bytes changed, each located', changes);
}

/** Entries all along the trail removed, and exchanged with the next: the first that is not where it belongs is named. */
function moveLines(lines: readonly Uint8Array[], findings: Findings, directory: string): void {
  const entries = lines.flatMap((line, index) =>
    Buffer.from(line.subarray(0, 9)).toString() === '{"entry":' ? [index] : [],
  );
  const step = Math.ceil(entries.length / MOVES_MAX);
  for (const [position, index] of entries.entries()) {
    if (position % step !== 0 && position < entries.length - 3) continue;
    const removed = verifyAudit(Buffer.concat(lines.toSpliced(index, 1))).problem;
    findings.equal(removed?.entry, position + 1, `entry ${position + 1} removed, named`);
    const next = entries[position + 1];
    if (next === undefined) continue;
    const moved = [...lines];
    [moved[index], moved[next]] = [lines[next]!, lines[index]!];
    findings.equal(
      verifyAudit(Buffer.concat(moved)).problem?.entry,
      position + 1,
      `entry ${position + 1} moved, named`,
    );
  }
  figure('entries removed and exchanged, each named', Math.ceil(entries.length / step));
  const file = join(directory, 'removed.ndjson');
  writeFileSync(file, Buffer.concat(lines.toSpliced(entries[2]!, 1)));
  const run = polycard('audit', 'verify', file);
  findings.expect(run.status === 1 && run.stdout.includes('entry 3'), `audit verify said ${run.status}: ${run.stdout}`);
}

export const KEYS_5: AcceptanceItem = {
  title: 'one byte of the exported audit changed, removed or reordered is located',
  plants: ['byte-changed', 'entry-removed', 'entries-exchanged', 'tail-cut'],
  run: located,
};
