/**
 * LOAD at the issuer security domain (GPC 2.3.1 §11.6). The virtual card runs its own code, not Java Card byte code: a
 * load file comes (back) onto the card when the package its header names is one the card has code for. Anything else is
 * refused with 6A80 after the last block, and leaves nothing behind.
 */
import {
  ByteReader,
  concat,
  SW_6A80_WRONG_DATA,
  SW_6A86_INCORRECT_P1_P2,
  SW_6985_CONDITIONS_NOT_SATISFIED,
  toHex,
} from '@polycard/bytes';
import { parseLoad, Refusal, readOrRefuse } from '@polycard/globalplatform';
import { loadFileOf } from '../load-files.ts';
import { DONE_WITHOUT_CONFIRMATION, type DomainCommand } from './context.ts';

export interface LoadSession {
  /** AID as hex. */
  readonly loadFile: string;
  readonly nextBlock: number;
  readonly received: readonly Uint8Array[];
}

const LOAD_BYTES_MAX = 65_536;
const TAG_DAP_BLOCK = 0xe2;
const TAG_LOAD_FILE_DATA = 0xc4;
/** CAP header component: tag 01, magic (Java Card VM specification §6.4). */
const CAP_HEADER_COMPONENT = 0x01;
const CAP_MAGIC = 'DECAFFED';

function readBerLength(reader: ByteReader): number {
  const first = reader.u8('length');
  if (first < 0x80) return first;
  let length = 0;
  for (let count = first & 0x7f; count > 0; count--) length = length * 256 + reader.u8('length');
  return length;
}

/** AID of the package inside the load file data block. Throws when the shape is another. */
function packageAid(whole: Uint8Array): string {
  const reader = new ByteReader(whole, 'load file');
  let tag = reader.u8('tag');
  while (tag === TAG_DAP_BLOCK) {
    reader.take(readBerLength(reader), 'DAP block');
    tag = reader.u8('tag');
  }
  if (tag !== TAG_LOAD_FILE_DATA) throw new Refusal(SW_6A80_WRONG_DATA, 'no load file data block');
  const block = new ByteReader(reader.take(readBerLength(reader), 'load file data block'), 'load file data block');
  const component = block.u8('component');
  const header = new ByteReader(block.take(block.u16('component length'), 'header component'), 'header component');
  if (component !== CAP_HEADER_COMPONENT || toHex(header.take(4, 'magic')) !== CAP_MAGIC || reader.remaining > 0) {
    throw new Refusal(SW_6A80_WRONG_DATA, 'no CAP file');
  }
  header.take(5, 'versions and flags');
  return toHex(header.take(header.u8('package AID length'), 'package AID'));
}

export const load: DomainCommand = ({ registry, session }, command) => {
  const running = session.load;
  session.load = undefined;
  const { last, block, data } = parseLoad(command);
  if (running === undefined) throw new Refusal(SW_6985_CONDITIONS_NOT_SATISFIED, 'no INSTALL [for load] before');
  if (block !== running.nextBlock) throw new Refusal(SW_6A86_INCORRECT_P1_P2, 'a block out of order');
  const received = [...running.received, Uint8Array.from(data)];
  if (!last) {
    const length = received.reduce((sum, part) => sum + part.length, 0);
    if (length > LOAD_BYTES_MAX || block === 0xff) throw new Refusal(0x6a84, 'the load file is too long');
    session.load = { ...running, nextBlock: block + 1, received };
    return DONE_WITHOUT_CONFIRMATION;
  }
  const aid = readOrRefuse('load file', () => packageAid(concat(...received)));
  if (aid !== running.loadFile || loadFileOf(aid) === undefined) {
    throw new Refusal(SW_6A80_WRONG_DATA, 'the card has no code for this package');
  }
  registry.change({ loadFiles: [...registry.state.loadFiles, aid] });
  return DONE_WITHOUT_CONFIRMATION;
};
