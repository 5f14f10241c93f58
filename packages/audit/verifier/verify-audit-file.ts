/**
 * Verifies an exported audit trail or ceremony transcript on the file alone. A program of its own: it needs Node and
 * nothing of Polycard, so that whoever doubts the platform need not run it.
 *
 *   node verify-audit-file.ts FILE [--json] [--anchors KEPT]
 *
 * Exit codes: 0 the file is whole, 1 something was changed, removed, added or moved (the first bad entry is named),
 * 2 the file is no audit export. `--anchors` holds anchor lines kept apart from earlier days; a trail that was rewritten
 * from some entry on and chained anew is found by them. The format is docs/reference/audit-format.md.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export interface AuditVerdict {
  /** `not-an-export`: the file is something else. */
  readonly verdict: 'whole' | 'broken' | 'not-an-export';
  readonly chain: string;
  readonly entries: number;
  readonly anchors: number;
  readonly signatures: number;
  readonly head: { readonly sequence: number; readonly sha256: string; readonly sm3: string };
  readonly problem?: AuditProblem;
}

export interface AuditProblem {
  /** Number of the first bad entry; for a bad anchor or end line the last entry it speaks of, for the header 0. */
  readonly entry: number;
  readonly line: number;
  readonly part: 'header' | 'entry' | 'anchor' | 'end';
  readonly message: string;
}

interface Hashes {
  readonly sha256: string;
  readonly sm3: string;
}
type Part = AuditProblem['part'];
type Fields = Readonly<Record<string, unknown>>;

const FORMAT = 'polycard-audit-1';
const SUFFIX = /^,"sha256":"([0-9a-f]{64})","sm3":"([0-9a-f]{64})"\}$/;
const SUFFIX_BYTES = 150;
const PARTS: readonly Part[] = ['header', 'entry', 'anchor', 'end'];
const LF = 0x0a;

class Broken extends Error {}

const hashesOf = (bytes: Uint8Array): Hashes => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  sm3: createHash('sm3').update(bytes).digest('hex'),
});
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const sameHashes = (stated: unknown, expected: Hashes): boolean =>
  fields(stated)['sha256'] === expected.sha256 && fields(stated)['sm3'] === expected.sm3;

/** The part a line claims to be, by its first characters. */
const partOf = (line: Uint8Array): Part | undefined => {
  const start = Buffer.from(line.subarray(0, 11)).toString('latin1');
  return PARTS.find((part) => start.startsWith(`{"${part}":`));
};

/** What a line with a broken beginning probably was, so that the right entry is named. */
const guessPart = (line: Uint8Array, isLast: boolean): Part => {
  const text = Buffer.from(line).toString('latin1');
  if (text.includes('"day":"') && !text.includes('"who":"')) return 'anchor';
  return isLast && !text.includes('"who":"') ? 'end' : 'entry';
};

/** A line is `{"PART":` TEXT `,"sha256":"…","sm3":"…"}`; the hashes are over the bytes of TEXT. */
function openLine(line: Uint8Array, part: Part): Hashes & { readonly value: Fields } {
  const prefixBytes = part.length + 4;
  const end = line.length - SUFFIX_BYTES;
  const stated = SUFFIX.exec(Buffer.from(line.subarray(Math.max(0, end))).toString('latin1'));
  if (stated === null || end <= prefixBytes) throw new Broken('the line does not end with its two hashes');
  const text = line.subarray(prefixBytes, end);
  const actual = hashesOf(text);
  for (const algorithm of ['sha256', 'sm3'] as const) {
    const claim = stated[algorithm === 'sha256' ? 1 : 2];
    if (claim !== actual[algorithm])
      throw new Broken(
        `the text does not have the ${algorithm} stated: ${claim} is stated, ${actual[algorithm]} found`,
      );
  }
  try {
    return { ...actual, value: fields(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))) };
  } catch {
    throw new Broken('the text is no JSON object');
  }
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start < bytes.length) lines.push(bytes.subarray(start));
  return lines;
}

/** Verifies the bytes of an exported file; `keptAnchors` are anchor lines kept apart. */
export function verifyAudit(bytes: Uint8Array, keptAnchors?: Uint8Array): AuditVerdict {
  const check = new Check(bytes, keptAnchors);
  try {
    check.run();
    return check.verdict('whole');
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    if (!check.looksLikeExport) return check.verdict('not-an-export', error.message);
    return check.verdict('broken', error.message);
  }
}

class Check {
  readonly #lines: readonly Uint8Array[];
  readonly #endsWithNewline: boolean;
  readonly #kept: ReadonlyMap<number, Hashes & { day: string }>;
  #line = 0;
  #part: Part = 'header';
  #bad = 0;
  #chain = '';
  #header: Hashes = { sha256: '', sm3: '' };
  #first = 1;
  #entries = 0;
  #head: Hashes & { sequence: number; at: string } = { sequence: 0, at: '', sha256: '', sm3: '' };
  #anchors = 0;
  #lastAnchor: Hashes = { sha256: '0'.repeat(64), sm3: '0'.repeat(64) };
  #anchoredUntil = 0;
  #ended = false;
  readonly #ceremony = new Ceremony();
  looksLikeExport: boolean;

  constructor(bytes: Uint8Array, keptAnchors: Uint8Array | undefined) {
    this.#lines = splitLines(bytes);
    this.#endsWithNewline = bytes.at(-1) === LF;
    this.looksLikeExport = this.#lines.some((line) => partOf(line) !== undefined);
    this.#kept = new Map(
      splitLines(keptAnchors ?? new Uint8Array(0)).map((line) => {
        const { value } = openLine(line, 'anchor');
        return [Number(value['last']), { ...(fields(value['head']) as unknown as Hashes), day: String(value['day']) }];
      }),
    );
  }

  verdict(verdict: AuditVerdict['verdict'], message?: string): AuditVerdict {
    const { sequence, sha256, sm3 } = this.#head;
    return {
      verdict,
      chain: this.#chain,
      entries: this.#entries,
      anchors: this.#anchors,
      signatures: this.#ceremony.signatures,
      head: { sequence, sha256, sm3 },
      ...(message === undefined ? {} : { problem: { entry: this.#bad, line: this.#line, part: this.#part, message } }),
    };
  }

  run(): void {
    if (this.#lines.length === 0) throw new Broken('the file is empty');
    for (const [index, line] of this.#lines.entries()) {
      this.#line = index + 1;
      const isLast = index === this.#lines.length - 1;
      const claimed = partOf(line);
      const part = index === 0 ? 'header' : (claimed ?? guessPart(line, isLast));
      this.#at(part, part === 'entry' ? this.#head.sequence + 1 : this.#head.sequence);
      if (this.#ended) throw new Broken('there are lines after the end line');
      if (claimed !== part)
        throw new Broken(`the line does not begin as ${part === 'end' ? 'the end line' : `a ${part}`} does`);
      const opened = openLine(line, part);
      if (part === 'header') this.#takeHeader(opened);
      else if (part === 'entry') this.#takeEntry(opened);
      else if (part === 'anchor') this.#takeAnchor(opened);
      else this.#takeEnd(opened);
      if (isLast && !this.#endsWithNewline) throw new Broken('the last line has no line feed at its end');
    }
    if (!this.#ended) {
      this.#at('entry', this.#head.sequence + 1);
      throw new Broken(
        `the file stops after entry ${this.#head.sequence}: its end line is missing, so its tail was cut off`,
      );
    }
    for (const [sequence, { day }] of this.#kept) {
      if (sequence > this.#head.sequence) {
        this.#at('entry', this.#head.sequence + 1);
        throw new Broken(`the anchor kept for ${day} speaks of entry ${sequence}: the tail was cut off`);
      }
    }
  }

  #at(part: Part, entry: number): void {
    this.#part = part;
    this.#bad = entry;
  }

  #takeHeader({ value, sha256, sm3 }: Hashes & { value: Fields }): void {
    if (value['format'] !== FORMAT) {
      this.looksLikeExport = false;
      throw new Broken(`the format is ${String(value['format'])}, this program knows ${FORMAT}`);
    }
    this.#header = { sha256, sm3 };
    this.#chain = String(value['chain']);
    this.#first = Number(value['first']);
    this.#head = { ...(fields(value['previous']) as unknown as Hashes), sequence: this.#first - 1, at: '' };
    this.#ceremony.begin(this.#chain);
  }

  #takeEntry({ value, sha256, sm3 }: Hashes & { value: Fields }): void {
    const expected = this.#head.sequence + 1;
    const found = Number(value['sequence']);
    if (found !== expected) {
      if (found < expected) throw new Broken(`entry ${found} stands here again: it was moved or added twice`);
      throw new Broken(`entry ${expected} is not where it belongs, entry ${found} follows: removed or moved`);
    }
    if (!sameHashes(value['previous'], this.#head))
      throw new Broken(`entry ${found} does not follow the entry before it: the hashes it states are not that one's`);
    const at = String(value['at']);
    if (at < this.#head.at) throw new Broken(`entry ${found} is older than the one before it`);
    const day = at.slice(0, 10);
    if (this.#head.at !== '' && day !== this.#head.at.slice(0, 10) && this.#anchoredUntil !== expected - 1)
      throw new Broken(`the anchor of ${this.#head.at.slice(0, 10)} is missing before entry ${found}`);
    const kept = this.#kept.get(found);
    if (kept !== undefined && (kept.sha256 !== sha256 || kept.sm3 !== sm3))
      throw new Broken(
        `entry ${found} is not the one the anchor kept for ${kept.day} speaks of: the trail was rewritten`,
      );
    this.#ceremony.take(value);
    this.#head = { sequence: found, at, sha256, sm3 };
    this.#entries += 1;
  }

  #takeAnchor({ value, sha256, sm3 }: Hashes & { value: Fields }): void {
    if (!sameHashes(value['previous'], this.#lastAnchor))
      throw new Broken('the anchor does not follow the anchor before it');
    if (Number(value['last']) > this.#head.sequence) {
      this.#at('entry', this.#head.sequence + 1);
      throw new Broken(
        `the anchor of ${String(value['day'])} ends at entry ${String(value['last'])}, entry ${this.#head.sequence} is before it: removed`,
      );
    }
    if (value['day'] !== this.#head.at.slice(0, 10) || value['last'] !== this.#head.sequence)
      throw new Broken(
        `the anchor of ${String(value['day'])} stands after entry ${this.#head.sequence}, its last is ${String(value['last'])}`,
      );
    if (!sameHashes(value['head'], this.#head))
      throw new Broken("the anchor's hashes are not those of the day's last entry");
    if (value['first'] !== Math.max(this.#anchoredUntil + 1, this.#first))
      throw new Broken(`the anchor begins at entry ${String(value['first'])}`);
    this.#anchoredUntil = this.#head.sequence;
    this.#lastAnchor = { sha256, sm3 };
    this.#anchors += 1;
  }

  #takeEnd({ value }: { value: Fields }): void {
    const last = fields(value['last']);
    if (last['sequence'] !== this.#head.sequence) {
      this.#at('entry', this.#head.sequence + 1);
      throw new Broken(
        `the file ends after entry ${this.#head.sequence}, its end line says ${String(last['sequence'])}: entries were removed`,
      );
    }
    if (!sameHashes(last, this.#head)) throw new Broken('the end line states another last entry');
    if (value['entries'] !== this.#entries) throw new Broken(`the end line counts ${String(value['entries'])} entries`);
    if (value['anchors'] !== this.#anchors) throw new Broken(`the end line counts ${String(value['anchors'])} anchors`);
    if (!sameHashes(value['header'], this.#header)) {
      this.#at('header', 0);
      throw new Broken('the header is not the one the end line states');
    }
    this.#ceremony.end();
    this.#ended = true;
  }
}

/**
 * What a key ceremony's transcript must hold besides the chain: every step is signed (Ed25519) by people named at its
 * opening, over a statement that names the entry before it; nobody enters two shares; a key is made or comes back only
 * after the number of different custodians that was agreed.
 */
class Ceremony {
  signatures = 0;
  #active = false;
  #needed = 0;
  readonly #keys = new Map<string, string>();
  #entered = new Set<string>();

  begin(chain: string): void {
    this.#active = chain.startsWith('ceremony:');
  }

  take(entry: Fields): void {
    if (!this.#active) return;
    const detail = fields(entry['detail']);
    if (entry['what'] === 'ceremony.opened') this.#introduce(detail);
    this.#checkSigned(entry, detail);
    const who = String(entry['who']);
    if (entry['what'] === 'ceremony.share-entered') {
      if (this.#entered.has(who)) throw new Broken(`${who} entered a second share`);
      this.#entered.add(who);
    }
    if (entry['what'] === 'ceremony.restored' || entry['what'] === 'ceremony.unsealed') {
      if (this.#entered.size < this.#needed)
        throw new Broken(`${this.#entered.size} custodians entered shares, ${this.#needed} are needed`);
      this.#entered = new Set();
    }
  }

  end(): void {
    if (this.#active && this.#keys.size === 0) throw new Broken('the transcript names no participants');
  }

  #introduce(detail: Fields): void {
    for (const participant of (detail['participants'] as unknown[] | undefined) ?? []) {
      const { who, publicKey } = fields(participant);
      if (this.#keys.has(String(who))) throw new Broken(`${String(who)} takes part twice`);
      if ([...this.#keys.values()].includes(String(publicKey)))
        throw new Broken(`${String(who)} signs with the key of somebody else`);
      this.#keys.set(String(who), String(publicKey));
    }
    this.#needed = Number(fields(detail['shares'])['needed']);
  }

  #checkSigned(entry: Fields, detail: Fields): void {
    const signed = fields(detail['signed']);
    const statement = String(signed['statement']);
    const signatures = (signed['signatures'] as unknown[] | undefined) ?? [];
    const sequence = String(entry['sequence']);
    if (signatures.length === 0) throw new Broken(`entry ${sequence} is not signed`);
    if (!statement.includes(String(fields(entry['previous'])['sha256'])))
      throw new Broken(`the statement of entry ${sequence} does not name the entry before it`);
    const signers = new Set<string>();
    for (const item of signatures) {
      const { who, signature } = fields(item);
      const key = this.#keys.get(String(who));
      if (key === undefined) throw new Broken(`${String(who)} signed entry ${sequence} without taking part`);
      if (!isSignedBy(key, statement, String(signature)))
        throw new Broken(`the signature of ${String(who)} on entry ${sequence} is not right`);
      signers.add(String(who));
      this.signatures += 1;
    }
    if (!signers.has(String(entry['who'])))
      throw new Broken(`entry ${sequence} is not signed by ${String(entry['who'])}`);
  }
}

/** Ed25519 (RFC 8032) over the UTF-8 bytes of the statement; key and signature in hexadecimal. */
function isSignedBy(publicKeyHex: string, statement: string, signatureHex: string): boolean {
  try {
    const spki = Buffer.from(`302a300506032b6570032100${publicKeyHex}`, 'hex');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(statement, 'utf8'), key, Buffer.from(signatureHex, 'hex'));
  } catch {
    return false;
  }
}

/** What the program prints for people. */
export function describeVerdict(verdict: AuditVerdict): string {
  const { problem, head } = verdict;
  if (verdict.verdict === 'not-an-export') return `this is no audit export: ${problem?.message ?? ''}`;
  if (problem !== undefined) {
    const name = problem.part === 'entry' ? `entry ${problem.entry}` : `the ${problem.part} (entry ${problem.entry})`;
    return `NOT WHOLE at ${name}, line ${problem.line}: ${problem.message}`;
  }
  return (
    `whole: ${verdict.entries} entries of ${verdict.chain}, ${verdict.anchors} day anchors, ` +
    `${verdict.signatures} signatures\n  last entry ${head.sequence}\n  SHA-256    ${head.sha256}\n  SM3        ${head.sm3}`
  );
}

export const EXIT_CODES: Readonly<Record<AuditVerdict['verdict'], number>> = {
  whole: 0,
  broken: 1,
  'not-an-export': 2,
};

function main(args: readonly string[]): number {
  const json = args.includes('--json');
  const anchorsAt = args.indexOf('--anchors');
  const positional = args.filter(
    (text, index) => !text.startsWith('--') && index !== anchorsAt + 1 + (anchorsAt < 0 ? -1 : 0),
  );
  const [path] = positional;
  if (path === undefined || positional.length !== 1) {
    process.stderr.write('usage: verify-audit-file.ts FILE [--json] [--anchors KEPT]\n');
    return 2;
  }
  let verdict: AuditVerdict;
  try {
    verdict = verifyAudit(readFileSync(path), anchorsAt < 0 ? undefined : readFileSync(args[anchorsAt + 1] ?? ''));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : `${describeVerdict(verdict)}\n`);
  return EXIT_CODES[verdict.verdict];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = main(process.argv.slice(2));
