/**
 * docking.1: every reference frame decodes and re-encodes to the same bytes, the MAC examples hold, and broken frames end
 * in a named error and nothing else.
 */
import { readFileSync } from 'node:fs';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { encryptBlocks, randomInteger, seededRandom } from '@polycard/crypto';
import {
  CUP_TERMINAL,
  checkFields,
  cupMac,
  type Dialect,
  encodeFrame,
  hasRightMac,
  overrideDialect,
  packMessage,
  parseFrame,
  specificationOf,
  unpackMessage,
} from '@polycard/iso8583';
import { Findings, figure } from './item.ts';

const VECTORS = new URL('../../packages/iso8583/test/vectors/frames.json', import.meta.url);
const MUTATED_FRAMES = 1_000_000;

interface Vectors {
  readonly keys: Readonly<Record<string, string>>;
  readonly macs: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, string>>;
  readonly real: Readonly<Record<string, string>>;
}

/** Frame 1 has a 19-digit F60, frame 5 is another dialect with F47 and a long F63: rows that an acquirer overrides. */
const LONG_F60 = overrideDialect(CUP_TERMINAL, '19-digit F60', [{ ...CUP_TERMINAL.fields[60]!, length: 19 }]);
const BORROWED = overrideDialect(CUP_TERMINAL, 'host that borrows the dialect', [
  { ...CUP_TERMINAL.fields[62]!, field: 47, name: { en: 'Private', zh: '自定义' } },
  { ...CUP_TERMINAL.fields[63]!, length: 999 },
]);
const des = (key: string) => (block: Uint8Array) => encryptBlocks('des-ede-ecb', fromHex(key + key), block);

export async function messageLayer(plant: string | undefined): Promise<string[]> {
  const findings = new Findings();
  const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors;
  const frames = [
    ...Object.entries(vectors.messages).map(([name, hex]) => ({ name, hex, dialect: CUP_TERMINAL, hasLength: true })),
    ...Object.entries(vectors.real).map(([name, hex]) => ({
      name,
      hex: plant === 'frame-changed' && name.startsWith('4') ? `${hex.slice(0, -2)}FF` : hex,
      dialect: name.startsWith('1') ? LONG_F60 : name.startsWith('5') ? BORROWED : CUP_TERMINAL,
      hasLength: !name.startsWith('5'),
    })),
  ];
  for (const { name, hex, dialect, hasLength } of frames) {
    findings.equal(reencoded(dialect, hex, hasLength), hex.toUpperCase(), name);
  }
  figure('frames decoded and re-encoded', frames.length);
  checkMacs(vectors, findings);
  const bodies = frames.filter(({ dialect }) => dialect === CUP_TERMINAL).map(({ hex }) => fromHex(hex).subarray(2));
  let cuts = 0;
  for (const body of bodies) {
    for (let length = 0; length < body.length; length++, cuts++) {
      const outcome = outcomeOf(body.subarray(0, length), plant);
      if (outcome !== 'named error') findings.list.push(`cut to ${length} of ${body.length} bytes: ${outcome}`);
    }
  }
  figure('frames cut at every byte', cuts);
  const random = seededRandom('docking.1');
  const outcomes = { 'named error': 0, read: 0, other: 0 };
  for (let round = 0; round < MUTATED_FRAMES; round++) {
    const body = Uint8Array.from(bodies[randomInteger(random, bodies.length)]!);
    for (let change = randomInteger(random, 4); change >= 0; change--)
      body[randomInteger(random, body.length)] = random(1)[0]!;
    const outcome = outcomeOf(body, plant);
    outcomes[outcome === 'named error' || outcome === 'read' ? outcome : 'other']++;
    if (outcome !== 'named error' && outcome !== 'read' && findings.list.length < 10) findings.list.push(outcome);
  }
  figure(
    'mutated frames: named error, still readable, other',
    `${outcomes['named error']}, ${outcomes.read}, ${outcomes.other}`,
  );
  findings.equal(outcomes.other, 0, 'outcomes that are neither');
  return findings.list.slice(0, 20);
}

function reencoded(dialect: Dialect, hex: string, hasLength: boolean): string {
  try {
    const bytes = fromHex(hex);
    const frame = parseFrame(hasLength ? bytes.subarray(2) : bytes);
    const again = encodeFrame({
      ...frame,
      message: packMessage(dialect, unpackMessage(dialect, frame.message).toMessage()),
    });
    return toHex(hasLength ? again : again.subarray(2));
  } catch (error) {
    return (error as Error).message;
  }
}

function checkMacs({ keys, macs, real, messages }: Vectors, findings: Findings): void {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  findings.equal(text(cupMac(des(macs['ecbTAK']!))(fromHex(macs['mab']!))), '8A9E91B8', 'MAC example A');
  const [, first] = Object.entries(real).find(([name]) => name.startsWith('1'))!;
  const sale = unpackMessage(LONG_F60, parseFrame(fromHex(first).subarray(2)).message);
  findings.equal(hasRightMac(sale, cupMac(des('0723C80DB5F4CD3D'))), true, 'MAC example B');
  findings.equal(hasRightMac(sale, cupMac(des('0723C80DB5F4CD3F'))), false, 'MAC example B under another key');
  let sealed = 0;
  for (const [name, hex] of Object.entries(messages)) {
    const message = unpackMessage(CUP_TERMINAL, parseFrame(fromHex(hex).subarray(2)).message);
    if (!message.has(64)) continue;
    sealed++;
    findings.equal(hasRightMac(message, cupMac(des(keys['TAK']!))), true, `MAC of ${name}`);
  }
  figure('MACs of frames', sealed + 1);
}

/** Reads everything of a frame; what came of it. */
function outcomeOf(bytes: Uint8Array, plant: string | undefined): string {
  try {
    const message = unpackMessage(CUP_TERMINAL, parseFrame(bytes).message);
    message.toMessage();
    const specification = specificationOf(message);
    if (specification !== undefined) checkFields(message, specification);
    return 'read';
  } catch (error) {
    if (plant === 'length-unchecked') return 'read past the end';
    if (!(error instanceof PolycardError)) return `${(error as Error).name}: ${(error as Error).message}`;
    return /^POLYCARD_ISO8583_/.test(error.code) && /offset \d+: expected .+, found /.test(error.message)
      ? 'named error'
      : `${error.code}: ${error.message}`;
  }
}
