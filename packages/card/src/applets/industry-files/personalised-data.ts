/** The first content of an industry file application's persistent memory, from its data groupings. */
import { PolycardError } from '@polycard/bytes';
import { contentsDgi } from '@polycard/emv';
import type { DataGroupings } from '../../os/store-data.ts';
import {
  CYCLIC_HEADER_BYTES,
  compileIndustryFiles,
  type IndustryFile,
  PIN_OFFSET,
  PIN_TRIES_OFFSET,
  STATE_OFFSET,
} from './image.ts';

const PIN_BLOCK_BYTES = 8;

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_IMAGE', message, { where });
}

function putContents(memory: Uint8Array, file: IndustryFile, value: Uint8Array): void {
  const { lengthBytes, records, offset, type } = file;
  const count = value.length / lengthBytes;
  if (!Number.isInteger(count) || count > records || (type !== 'cyclic' && count !== records))
    throw bad(contentsDgi(file.index), `${value.length} bytes are not the contents of file ${file.fid.toString(16)}`);
  if (type !== 'cyclic') {
    memory.set(value, offset);
    return;
  }
  // the newest comes first in the data and last in the ring
  for (let index = 0; index < count; index++) {
    const record = value.subarray(index * lengthBytes, (index + 1) * lengthBytes);
    memory.set(record, offset + CYCLIC_HEADER_BYTES + (count - 1 - index) * lengthBytes);
  }
  memory.set([count % records, count], offset);
}

/** Throws `POLYCARD_CARD_IMAGE` when the groupings do not fit together. */
export function layOutIndustryFiles(groupings: DataGroupings): Uint8Array {
  const image = compileIndustryFiles(groupings);
  const memory = new Uint8Array(image.memoryBytes);
  memory[STATE_OFFSET] = image.state;
  const block = groupings.get('8010');
  const tries = groupings.get('9010');
  if (block !== undefined) {
    if (block.length !== PIN_BLOCK_BYTES) throw bad('8010', 'a PIN block has 8 bytes');
    if (tries?.length !== 2) throw bad('9010', 'PIN try counter and limit are two bytes');
    memory.set(block, PIN_OFFSET);
    memory[PIN_TRIES_OFFSET] = tries[0]!;
  }
  const values = groupings.get('8020') ?? new Uint8Array(0);
  let position = 0;
  for (const { offset, triesMax, versionAtIssue } of image.keys) {
    if (versionAtIssue === 0) continue;
    memory.set([versionAtIssue, triesMax], offset);
    memory.set(values.subarray(position, position + 16), offset + 2);
    position += 16;
  }
  const known = new Set(image.files.map(({ index }) => contentsDgi(index)));
  for (const dgi of groupings.keys()) {
    if (dgi.startsWith('C0') && !known.has(dgi)) throw bad(dgi, 'there is no such file');
  }
  for (const file of image.files) {
    const value = groupings.get(contentsDgi(file.index));
    if (value !== undefined) putContents(memory, file, value);
  }
  return memory;
}
