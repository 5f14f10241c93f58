/**
 * The industry file applications of the one card, and a terminal that can do whatever their specification allows: it
 * takes each file's access conditions, satisfies one alternative, writes, and reads back what it wrote.
 */
import { describeFileApplications } from '@polycard/blueprint';
import { type CardChannel, toHex } from '@polycard/bytes';
import type { DataGrouping } from '@polycard/card';
import { type IndustryFileSpecification, industryFileGroupings } from '@polycard/emv';
import { cardKey, IndustryHost, PIN, SERIAL } from '../../packages/card/test/industry-card.ts';
import { blueprint } from '../../packages/terminal/test/region.ts';

/** Every file application of the blueprint. */
export const INDUSTRY: readonly IndustryFileSpecification[] = describeFileApplications(blueprint);

type File = IndustryFileSpecification['files'][number];
type Condition = File['access']['read'];
type Term = Condition['anyOf'][number][number];

/** Room for data in one enciphered command. */
const WRITTEN_BYTES_MAX = 200;

export function issuedGroupings(specification: IndustryFileSpecification): DataGrouping[] {
  return industryFileGroupings(specification, {
    serial: SERIAL,
    keys: new Map(specification.keys.map(({ reference }) => [reference, cardKey(specification, reference)])),
    ...(specification.pin === undefined ? {} : { pin: PIN.slice(0, specification.pin.digitsMax) }),
    state: 'active',
    contents: new Map(),
  });
}

/** Updates every file that may be updated and reads every file that may be read; throws when the card does otherwise. */
export function useIndustryFiles(specification: IndustryFileSpecification, channel: CardChannel, at: string): void {
  const host = new IndustryHost(channel, specification);
  for (const [index, file] of specification.files.entries()) {
    const content = contentOf(file, `${at}${index}`);
    const isWritten = content !== undefined && write(host, file, content);
    const found = read(host, file);
    if (isWritten && found !== undefined && toHex(found.subarray(0, content.length)) !== toHex(content))
      throw new Error(`${specification.label} ${file.name} does not hold what was written`);
  }
}

type Host = IndustryHost<CardChannel>;

/** Bytes of this moment for a file, as many as one command takes; undefined for a record that is longer. */
function contentOf(file: File, seed: string): Uint8Array | undefined {
  const length = Math.min(file.lengthBytes, WRITTEN_BYTES_MAX);
  if (file.type !== 'transparent' && length < file.lengthBytes) return undefined;
  const digits = Buffer.from(seed, 'latin1');
  return Uint8Array.from({ length }, (_, index) => digits[index % digits.length]! ^ (index & 0xff));
}

/** False where nobody may write. */
function write(host: Host, file: File, content: Uint8Array): boolean {
  const isCyclic = file.type === 'cyclic';
  const terms = alternativeOf(isCyclic ? file.access.append : file.access.update);
  if (terms === undefined) return false;
  satisfy(host, terms);
  const update = `${file.type === 'transparent' ? 'D6' : 'DC'}${place(file)}`;
  send(host, isCyclic ? `E200${hex(file.sfi << 3)}` : update, content, terms, `write of ${file.name}`);
  return true;
}

/** Undefined where nobody may read. */
function read(host: Host, file: File): Uint8Array | undefined {
  const terms = alternativeOf(file.access.read);
  if (terms === undefined) return undefined;
  satisfy(host, terms);
  const instruction = `${file.type === 'transparent' ? 'B0' : 'B2'}${place(file)}`;
  return send(host, instruction, new Uint8Array(0), terms, `read of ${file.name}`);
}

/** P1 P2: the beginning of a transparent file, or record 1. */
function place(file: File): string {
  return file.type === 'transparent' ? `${hex(0x80 | file.sfi)}00` : `01${hex((file.sfi << 3) | 4)}`;
}

/** The alternative that asks for least of each command: a MAC only where nothing else opens the file. */
function alternativeOf(condition: Condition): readonly Term[] | undefined {
  const possible = condition.anyOf.filter((terms) => terms.every(({ kind }) => kind !== 'never'));
  return possible.find((terms) => !terms.some(isProtection)) ?? possible[0];
}

const isProtection = (term: Term): boolean => term.kind === 'mac' || term.kind === 'enc';

/** A new session in which these terms hold. */
function satisfy(host: Host, terms: readonly Term[]): void {
  const { label } = host.spec;
  expect9000(host.select().sw, `SELECT of ${label}`);
  for (const term of terms) {
    if (term.kind === 'pin') expect9000(host.verify(), `PIN of ${label}`);
    if (term.kind === 'auth') expect9000(host.authenticate(term.key), `key ${hex(term.key)} of ${label}`);
    if (term.kind === 'mutual') expect9000(host.mutual(term.key), `mutual key ${hex(term.key)} of ${label}`);
  }
}

function send(host: Host, instruction: string, data: Uint8Array, terms: readonly Term[], what: string): Uint8Array {
  const protection = terms.find(isProtection);
  if (protection !== undefined && 'key' in protection) {
    const options = { key: protection.key, enc: protection.kind === 'enc' };
    const answer = host.protect(`04${instruction}`, data, options);
    expect9000(answer.sw, `${what} of ${host.spec.label}`);
    return answer.data;
  }
  const answer = host.send(`00${instruction}${data.length === 0 ? '00' : hex(data.length) + toHex(data)}`);
  expect9000(answer.sw, `${what} of ${host.spec.label}`);
  return answer.data;
}

function expect9000(answer: string, what: string): void {
  if (answer !== '9000') throw new Error(`${what} was answered ${answer}`);
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
