/** `docs/reference/messages.md`: every message of the terminal dialect, made from its tables, with the frames of the vectors as examples. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@polycard/bytes';
import {
  CUP_MESSAGES,
  CUP_TERMINAL,
  describeMessage,
  type MessageSpecification,
  parseFrame,
  specificationOf,
  unpackMessage,
} from '@polycard/iso8583';

const FILE = fileURLToPath(new URL('../docs/reference/messages.md', import.meta.url));
const VECTORS = ['frames', 'online-business'].map(
  (name) => new URL(`../packages/iso8583/test/vectors/${name}.json`, import.meta.url),
);
const HEX_SHOWN_MAX = 64;

interface Example {
  readonly name: string;
  readonly hex: string;
}

/** Text of the document; a test compares it with what is committed. */
export function messageDocument(): string {
  const vectors = VECTORS.flatMap((file) =>
    Object.entries((JSON.parse(readFileSync(file, 'utf8')) as { messages: Record<string, string> }).messages),
  );
  const examples = Map.groupBy(
    vectors.map(([name, hex]): Example => ({ name, hex })),
    ({ hex }) => specificationOf(unpackMessage(CUP_TERMINAL, parseFrame(fromHex(hex).subarray(2)).message))?.id,
  );
  return [
    '# Terminal messages',
    '',
    'Made from the tables in `packages/iso8583/src/dialects` by `npm run generate`; the frames are the vectors of the tests.',
    'The dialect follows UnionPay POS messages as publicly described; rows marked *ours* are our documented extension',
    '([what they hold](industry-extension.md)). An acquirer whose host differs overrides rows of these tables.',
    '',
    '## Frame',
    '',
    "`length 2 (binary, without itself) | TPDU 5 | header 6 | MTI 2 | bitmap 8 | fields`. An answer swaps the TPDU's addresses. Digits",
    'are packed BCD: a fixed field of odd length begins with a 0 nibble, a variable one and F22 end with one; LL and LLL count digits',
    'for n and z fields, bytes otherwise. F64 is over everything from the MTI to the field before it.',
    '',
    '## Messages',
    '',
    '| message | 消息 | MTI | 60.1 | 60.3 | fields (optional in brackets) | MAC |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...CUP_MESSAGES.map(messageRow),
    '',
    '## Fields',
    '',
    '| field | name | 名称 | form |',
    '| --- | --- | --- | --- |',
    ...CUP_TERMINAL.fields.flatMap((row) =>
      row === undefined ? [] : [`| ${row.field} | ${row.name.en} | ${row.name.zh} | ${formOf(row)} |`],
    ),
    '',
    '## Worked examples',
    '',
    ...CUP_MESSAGES.flatMap((row) => (examples.get(row.id) ?? []).flatMap((example) => exampleLines(row, example))),
  ].join('\n');
}

function messageRow(row: MessageSpecification): string {
  const fields = [...row.required.map(String), ...(row.optional ?? []).map((field) => `(${field})`)].join(' ');
  const origin = row.origin === 'ours' ? ' *ours*' : '';
  return `| ${row.name.en}${origin} | ${row.name.zh} | ${row.mti} | ${row.type ?? ''} | ${(row.codes ?? []).join(' ')} | ${fields} | ${row.isSealed ? 'yes' : ''} |`;
}

function formOf({ content, prefix, length, encoding }: (typeof CUP_TERMINAL.fields)[number] & object): string {
  const unit = encoding === 'bcd' ? 'digits' : 'bytes';
  return prefix === 'fixed' ? `${content} ${length} ${unit}` : `${content} up to ${length} ${unit}, ${prefix}`;
}

function exampleLines(row: MessageSpecification, { name, hex }: Example): string[] {
  const frame = parseFrame(fromHex(hex).subarray(2));
  const message = unpackMessage(CUP_TERMINAL, frame.message);
  const hidden = row.id === 'sign-in-answer' ? new Set([62]) : new Set<number>();
  const shown = (text: string): string => (text.length > HEX_SHOWN_MAX ? `${text.slice(0, HEX_SHOWN_MAX)}…` : text);
  return [
    `### ${row.name.en}: ${name}`,
    '',
    '```text',
    ...(hex.match(/.{1,120}/g) ?? []),
    '```',
    '',
    ...Object.entries(row.contents ?? {}).map(([field, text]) => `F${field}: ${text}.`),
    ...(row.contents === undefined ? [] : ['']),
    '| field | name | content |',
    '| --- | --- | --- |',
    `| TPDU, header | | \`${toHex(frame.tpdu)}\` \`${toHex(frame.header)}\` |`,
    ...describeMessage(message, hidden).map(
      (field) =>
        `| ${field.field} | ${field.name.en} | \`${shown((field.text || field.hex).trimEnd()).replaceAll('|', '\\|') || ' '}\` |`,
    ),
    '',
  ];
}

export function run(): void {
  writeFileSync(FILE, messageDocument());
}
