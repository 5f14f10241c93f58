/** The first content of a purse's persistent memory, from its data groupings (`image.ts` tells which). */
import { PolycardError } from '@polycard/bytes';
import { balanceBytes } from '@polycard/emv';
import { PersistentMemory } from '../../os/memory.ts';
import { PowerSupply } from '../../os/power.ts';
import type { DataGroupings } from '../../os/store-data.ts';
import { PurseFiles } from './files.ts';
import { compilePurse, contentsDgi, type PurseFile, pinOfBlock } from './image.ts';
import { FILES_OFFSET, writeField, writeSlot } from './layout.ts';
import { isPinShape, pinBytes } from './verify-pin.ts';

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_IMAGE', message, { where });
}

function contents(groupings: DataGroupings, file: PurseFile, number: number): Uint8Array | undefined {
  const dgi = contentsDgi(file.sfi, number);
  const value = groupings.get(dgi);
  if (value === undefined) return undefined;
  const isWhole = file.type === 'variable' ? value.length > file.idBytes : value.length === file.lengthBytes;
  if (!isWhole || value.length > file.lengthBytes) throw bad(dgi, `${value.length} bytes do not fit file ${file.sfi}`);
  return value;
}

/** Throws `POLYCARD_CARD_IMAGE` when the groupings do not fit together. */
export function layOutPurse(aid: Uint8Array, groupings: DataGroupings): Uint8Array {
  const image = compilePurse(aid, groupings, FILES_OFFSET);
  const memory = new PersistentMemory(new PowerSupply(), new Uint8Array(image.memoryBytes));
  for (const purse of image.purses) {
    balanceBytes(purse.balanceFen);
    memory.commit([
      writeSlot(purse.slot, 'exists', 1),
      writeSlot(purse.slot, 'balance', purse.balanceFen),
      writeSlot(purse.slot, 'overdraftLimit', purse.overdraftLimitFen),
      writeSlot(purse.slot, 'cap', purse.capFen),
      writeSlot(purse.slot, 'onlineSequence', purse.onlineSequence),
      writeSlot(purse.slot, 'offlineSequence', purse.offlineSequence),
    ]);
  }
  const block = groupings.get('8010');
  const tries = groupings.get('9010');
  if (block !== undefined) {
    const pin = pinOfBlock(block);
    if (!isPinShape(pin)) throw bad('8010', 'the PIN has no 4 to 16 digits');
    if (tries?.length !== 2) throw bad('9010', 'PIN try counter and limit are two bytes');
    memory.commit([
      writeField('pin', pinBytes(pin)),
      writeField('pinTries', tries.subarray(0, 1)),
      writeField('pinTryLimit', tries.subarray(1)),
    ]);
  }
  const files = new PurseFiles(memory, image.files);
  for (const file of image.files) {
    if (file.type === 'transparent') {
      const value = contents(groupings, file, 1);
      if (value !== undefined) memory.commit([files.transparentWrite(file, 0, value)]);
      continue;
    }
    for (let number = file.records; number >= 1; number--) {
      const record = contents(groupings, file, number);
      if (record === undefined) continue;
      memory.commit(
        file.type === 'cyclic' ? files.cyclicWrites(file, [record]) : [files.recordWrite(file, number, record)],
      );
    }
  }
  return memory.view(0, memory.lengthBytes).slice();
}
