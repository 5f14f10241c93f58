/** Pack and unpack rates of the 0200 sale with chip and PIN of reference iso8583.md §1.10, one core. */
import { readFileSync } from 'node:fs';
import { equalBytes, fromHex } from '@polycard/bytes';
import { CUP_TERMINAL, packMessage, parseFrame, unpackMessage } from '@polycard/iso8583';
import type { Figure } from './figure.ts';
import { packPlain } from './iso8583-plain.ts';

const GOAL_PER_SECOND = 1_500_000;
const ROUNDS = 7;
const ROUND_MESSAGES = 300_000;

export async function benchIso8583(): Promise<Figure[]> {
  const vectors = JSON.parse(
    readFileSync(new URL('../packages/iso8583/test/vectors/frames.json', import.meta.url), 'utf8'),
  );
  const hex = Object.entries<string>(vectors.messages).find(
    ([name]) => /^0200 .*EMV/.test(name) || name.startsWith('0200'),
  )![1];
  const bytes = parseFrame(fromHex(hex).subarray(2)).message;
  const message = unpackMessage(CUP_TERMINAL, bytes).toMessage();
  let sink = 0;
  const best = (work: () => void): number => {
    let rate = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const started = process.hrtime.bigint();
      for (let index = 0; index < ROUND_MESSAGES; index++) work();
      rate = Math.max(rate, ROUND_MESSAGES / (Number(process.hrtime.bigint() - started) / 1e9));
    }
    return rate;
  };
  const packed = best(() => {
    sink += packMessage(CUP_TERMINAL, message).length;
  });
  const plain = best(() => {
    sink += packPlain(CUP_TERMINAL, message).length;
  });
  if (!equalBytes(packPlain(CUP_TERMINAL, message), bytes)) throw new Error('the peer packs other bytes');
  const unpacked = best(() => {
    sink += unpackMessage(CUP_TERMINAL, bytes).bytes.length;
  });
  const eager = best(() => {
    sink += unpackMessage(CUP_TERMINAL, bytes).toMessage().mti.length;
  });
  if (sink === 0) throw new Error('nothing was measured');
  return [
    {
      name: `ISO 8583 pack, 0200 sale of ${bytes.length} bytes`,
      unit: 'messages/s',
      value: packed,
      limit: GOAL_PER_SECOND,
      limitName: 'goal',
    },
    {
      name: 'the same, every field checked',
      unit: 'messages/s',
      value: packed,
      limit: plain,
      limitName: 'plain table-driven packing that checks nothing',
    },
    {
      name: 'ISO 8583 unpack, fields found and checked',
      unit: 'messages/s',
      value: unpacked,
      limit: GOAL_PER_SECOND,
      limitName: 'goal',
    },
    { name: 'ISO 8583 unpack, every field decoded', unit: 'messages/s', value: eager },
  ];
}
