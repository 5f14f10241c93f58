import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@polycard/crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditTrail, CHAIN_START, canonicalText, chainAnchor, hashText } from '../src/index.ts';
import { verifyAudit } from '../verifier/verify-audit-file.ts';

/** Three days of acts, with Chinese, quotes, control characters and every kind of fact. */
function trail(entries = 9): AuditTrail {
  const made = new AuditTrail();
  for (let index = 0; index < entries; index++) {
    made.append(new Date(Date.UTC(2026, 8, 1 + Math.floor(index / 3), 8, index)), {
      who: index % 2 === 0 ? '王芳' : 'chen.li',
      what: 'key.used',
      subject: 'bus-management',
      before: index === 4 ? { state: 'active' } : null,
      after: index === 4 ? { state: 'retired' } : null,
      why: index === 4 ? 'planned "rotation"\nnext line' : undefined,
      approvedBy: index === 4 ? ['zhao', 'qian'] : [],
      detail: {
        use: 'verify-cryptogram',
        count: 1000 + index,
        refused: index,
        list: [true, null, -1],
        deep: { 'a b': '\u007f€😀' },
      },
    });
  }
  return made;
}
const exported = (made = trail()): string =>
  made.export({ chain: 'guangdong', exportedAt: new Date('2026-09-04T00:00:00Z'), exportedBy: 'auditor' });
const verify = (text: string) => verifyAudit(new TextEncoder().encode(text));
const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const directory = mkdtempSync(join(tmpdir(), 'polycard-audit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the canonical text', () => {
  it('sorts names, keeps strings short and refuses what another language would write otherwise', () => {
    expect(canonicalText({ b: 1, a: ['é"\n', true, null], c: undefined })).toBe('{"a":["é\\"\\n",true,null],"b":1}');
    expect(() => canonicalText({ amount: 1.5 })).toThrow(expect.objectContaining({ where: '/amount' }));
    expect(() => canonicalText({ at: new Date(0) })).toThrow(
      expect.objectContaining({ code: 'POLYCARD_AUDIT_FORMAT' }),
    );
    expect(() => canonicalText({ 名: 1 })).toThrow(expect.objectContaining({ where: '/名' }));
    expect(() => canonicalText({ n: Number.NaN })).toThrow(expect.objectContaining({ where: '/n' }));
  });

  it('hashes "abc" as FIPS 180-2 and GB/T 32905-2016 A.1 print it', () => {
    expect(hashText('abc')).toMatchObject({
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      sm3: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    });
  });
});

describe('an exported trail', () => {
  it('is whole as it was written, days anchored', () => {
    expect(verify(exported())).toMatchObject({ verdict: 'whole', entries: 9, anchors: 2, chain: 'guangdong' });
    expect(verify(exported(trail(0)))).toMatchObject({ verdict: 'whole', entries: 0 });
  });

  it('with any one byte changed names the entry the byte is in', () => {
    const text = new TextEncoder().encode(exported(trail(4)));
    const random = seededRandom('bytes');
    let line = 0;
    const owner = linesOf(exported(trail(4))).map((content) => /^\{"(\w+)":/.exec(content)![1]!);
    const entryOf = (index: number): number => owner.slice(0, index + 1).filter((part) => part === 'entry').length;
    const misnamed: string[] = [];
    for (let offset = 0; offset < text.length; offset++) {
      const changed = Uint8Array.from(text);
      changed[offset] = text[offset]! ^ (1 + (random(1)[0]! % 255));
      const { verdict, problem } = verifyAudit(changed);
      const isLineEnd = text[offset] === 0x0a;
      if (verdict !== 'broken' || problem?.entry !== entryOf(line) || problem.line !== line + 1)
        misnamed.push(`byte ${offset} in line ${line + 1}: ${verdict} ${JSON.stringify(problem)}`);
      if (isLineEnd) line += 1;
    }
    expect(misnamed).toEqual([]);
  });

  it('with any entry removed, doubled or exchanged with the next names the first that is not where it belongs', () => {
    const lines = linesOf(exported());
    const entries = lines.flatMap((line, index) => (line.startsWith('{"entry"') ? [index] : []));
    for (const [position, index] of entries.entries()) {
      const sequence = position + 1;
      const without = verify(joined(lines.toSpliced(index, 1)));
      expect([without.verdict, without.problem?.entry]).toEqual(['broken', sequence]);
      const doubled = verify(joined(lines.toSpliced(index, 0, lines[index]!)));
      expect([doubled.verdict, doubled.problem?.entry]).toEqual(['broken', sequence + 1]);
      const next = entries[position + 1];
      if (next === undefined) continue;
      const moved = [...lines];
      [moved[index], moved[next]] = [moved[next]!, moved[index]!];
      expect(verify(joined(moved)).problem?.entry).toBe(sequence);
    }
  });

  it('cut off anywhere is never taken for whole', () => {
    const text = exported(trail(5));
    for (let end = 1; end < text.length; end++) expect(verify(text.slice(0, end)).verdict).not.toBe('whole');
    const lines = linesOf(text);
    expect(verify(joined(lines.slice(0, -1))).problem).toMatchObject({
      entry: 6,
      message: expect.stringContaining('tail'),
    });
    expect(verify(joined([...lines.slice(0, -2), lines.at(-1)!])).problem).toMatchObject({ entry: 5 });
  });

  it('rewritten from an entry on and chained anew is found by an anchor kept apart', () => {
    const kept = linesOf(exported()).find((line) => line.startsWith('{"anchor"'))!;
    const forged = new AuditTrail();
    for (const { text } of trail().entries) {
      const { at, ...act } = JSON.parse(text) as { at: string; who: string; what: string; subject: string };
      forged.append(new Date(at), act.who === 'chen.li' ? { ...act, who: 'nobody' } : act);
    }
    const bytes = new TextEncoder().encode(exported(forged));
    expect(verifyAudit(bytes).verdict).toBe('whole');
    expect(verifyAudit(bytes, new TextEncoder().encode(`${kept}\n`)).problem).toMatchObject({ entry: 3 });
    const short = new TextEncoder().encode(exported(trail(2)));
    expect(verifyAudit(short, new TextEncoder().encode(`${kept}\n`)).problem).toMatchObject({ entry: 3 });
  });

  it('an anchor removed, or one of other entries, is found', () => {
    const lines = linesOf(exported());
    const anchor = lines.findIndex((line) => line.startsWith('{"anchor"'));
    expect(verify(joined(lines.toSpliced(anchor, 1))).problem).toMatchObject({ entry: 4 });
    const { text, sha256, sm3 } = chainAnchor(CHAIN_START, { day: '2026-09-01', first: 1, last: 3, head: CHAIN_START });
    const planted = lines.with(anchor, `{"anchor":${text},"sha256":"${sha256}","sm3":"${sm3}"}`);
    expect(verify(joined(planted)).problem).toMatchObject({ part: 'anchor', entry: 3 });
  });

  it.each([
    ['nothing', ''],
    ['prose', 'hello\nworld\n'],
    ['another JSON', '{"a":1}\n'],
    [
      'a format of the future',
      (() => {
        const { text, sha256, sm3 } = hashText(canonicalText({ format: 'polycard-audit-9' }));
        return `{"header":${text},"sha256":"${sha256}","sm3":"${sm3}"}\n`;
      })(),
    ],
  ])('%s is no audit export', (_name, text) => {
    expect(verify(text).verdict).toBe('not-an-export');
  });

  it('random bytes are never whole and never throw', () => {
    const random = seededRandom('random files');
    for (let round = 0; round < 200; round++) expect(verifyAudit(random(1 + round * 3)).verdict).not.toBe('whole');
  });
});

describe('other programs', () => {
  it('the verifier runs alone, copied out of the project, and answers 0, 1 and 2', () => {
    const program = join(directory, 'verify-audit-file.ts');
    cpSync(fileURLToPath(new URL('../verifier/verify-audit-file.ts', import.meta.url)), program);
    const run = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return spawnSync(process.execPath, [program, join(directory, name), '--json'], {
        encoding: 'utf8',
        cwd: directory,
      });
    };
    const whole = run('whole.ndjson', exported());
    expect([whole.status, JSON.parse(whole.stdout)]).toEqual([0, expect.objectContaining({ verdict: 'whole' })]);
    const changed = run('changed.ndjson', exported().replace('bus-management', 'bus-managemenu'));
    expect([changed.status, JSON.parse(changed.stdout).problem.entry]).toEqual([1, 1]);
    expect(run('other.txt', 'hello\n').status).toBe(2);
    expect(spawnSync(process.execPath, [program], { encoding: 'utf8' }).status).toBe(2);
  });

  it('a Python program that knows only the document agrees on each', () => {
    const text = exported();
    const lines = linesOf(text);
    const cases: Record<string, string> = {
      'py-whole': text,
      'py-byte': text.replace('"count":1004', '"count":1005'),
      'py-hash': text.replace(
        /("sm3":")(.)([0-9a-f]{63}"\}\n\{"entry":[^\n]*"sequence":6)/,
        (_, a, b, c) => `${a}${b === '0' ? '1' : '0'}${c}`,
      ),
      'py-removed': joined(lines.toSpliced(6, 1)),
      'py-moved': joined([...lines.slice(0, 2), lines[3]!, lines[2]!, ...lines.slice(4)]),
      'py-cut': joined(lines.slice(0, -1)),
    };
    const paths = Object.entries(cases).map(([name, content]) => {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    });
    const python = fileURLToPath(new URL('verify-audit.py', import.meta.url));
    const theirs = JSON.parse(execFileSync('python3', [python, ...paths], { encoding: 'utf8' })) as (number | null)[];
    expect(Object.values(cases).map((content) => verify(content).problem?.entry ?? null)).toEqual(theirs);
    expect(theirs[0]).toBeNull();
    expect(theirs.slice(1).every((entry) => entry !== null)).toBe(true);
  });
});
