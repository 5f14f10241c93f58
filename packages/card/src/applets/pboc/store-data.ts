/** STORE DATA of the PBOC application: the last block must leave data that fit together. */
import { type CommandApdu, SW_6A80_WRONG_DATA } from '@polycard/bytes';
import type { DataGroupings, StoreDataReceiver } from '../../os/store-data.ts';

export interface StoredApplication {
  readonly groupings: DataGroupings;
  readonly memory: Uint8Array;
}

export function storeData(
  receiver: StoreDataReceiver,
  command: CommandApdu,
  layOut: (groupings: DataGroupings) => Uint8Array,
): { sw: number; complete?: StoredApplication } {
  const { sw, complete } = receiver.receive(command);
  if (complete === undefined) return { sw };
  try {
    return { sw, complete: { groupings: complete, memory: layOut(complete) } };
  } catch {
    return { sw: SW_6A80_WRONG_DATA }; // missing or misshapen groupings; the personaliser starts over
  }
}
