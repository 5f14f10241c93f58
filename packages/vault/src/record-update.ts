/**
 * Finished UPDATE CAPP DATA CACHE commands for a counter that is on the line and has no PSAM: the MAC under the record's
 * management key, which stays here (PBOC 3.0 Part 14, as publicly described). The key can be used for nothing else this
 * way.
 */
import type { Algorithm } from '@polycard/crypto';
import { cappP2, computeUpdateMac, encodeUpdateCapp } from '@polycard/emv';
import type { KeyEngine } from './engine.ts';
import { OPERATION } from './key-model.ts';
import type { KeyRegister } from './key-register.ts';
import type { RecordUpdateRequest } from './vault.ts';

export function updateRecords(
  keys: KeyRegister,
  engine: KeyEngine,
  managementName: string,
  requests: readonly RecordUpdateRequest[],
): Uint8Array[] {
  const management = keys.usable(managementName, OPERATION.updateRecord);
  const recordKeys = engine.disperse(
    management,
    requests.map(({ factors }) => factors),
  );
  try {
    return requests.map(({ atc, sfi, record, macAlgorithm }, index) => {
      const p2 = cappP2(sfi);
      const algorithm = macAlgorithm ?? (management.algorithm as Algorithm);
      return encodeUpdateCapp(
        p2,
        record,
        computeUpdateMac({ recordKey: recordKeys[index]!, atc, p2, record, algorithm }),
      );
    });
  } finally {
    for (const key of recordKeys) key.fill(0);
  }
}
