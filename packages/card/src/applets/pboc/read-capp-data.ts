/** READ CAPP DATA (80 B4): a record of a variable extended file, with a MAC if asked. PBOC 3.0 Part 14 Annex C as publicly described. */
import {
  type CommandApdu,
  concat,
  SW_6A82_FILE_NOT_FOUND,
  SW_6A83_RECORD_NOT_FOUND,
  SW_6A86_INCORRECT_P1_P2,
  SW_6E00_CLA_NOT_SUPPORTED,
  SW_6700_WRONG_LENGTH,
  SW_9000_SUCCESS,
} from '@polycard/bytes';
import { computeReadMac } from '@polycard/emv';
import type { CommandResult, PbocContext } from './context.ts';
import { cappMacAlgorithm } from './extended-files.ts';

const ID_BYTES = 2;
const RANDOM_BYTES = 8;

/** P2 of the extended commands names a file of SFI 01 to 1E and, where allowed, "next" in b1. */
export function isExtendedP2(p2: number, nextAllowed: boolean): boolean {
  const sfi = p2 >> 3;
  return sfi >= 0x01 && sfi <= 0x1e && (p2 & (nextAllowed ? 0x06 : 0x07)) === 0;
}

export function readCappData({ files, session, switches }: PbocContext, command: CommandApdu): CommandResult {
  const { cla, p1, p2, data } = command;
  if (cla !== 0x80) return { sw: SW_6E00_CLA_NOT_SUPPORTED };
  if (p1 !== 0 || !isExtendedP2(p2, true)) return { sw: SW_6A86_INCORRECT_P1_P2 };
  if (data.length !== ID_BYTES && data.length !== ID_BYTES + RANDOM_BYTES) return { sw: SW_6700_WRONG_LENGTH };
  // What the command asked for decides about later status MACs, even when there is no such record.
  session.responseMac = data.length > ID_BYTES;
  const sfi = p2 >> 3;
  const next = (p2 & 0x01) !== 0;
  const file = files.file(sfi);
  const behind = next ? session.located : undefined;
  if (file === undefined || (next && behind?.sfi !== sfi)) return { sw: SW_6A82_FILE_NOT_FOUND };
  session.located = undefined;
  const id = (data[0]! << 8) | data[1]!;
  const entry = file.cyclic ? undefined : files.findRecord(file, id, behind?.offset);
  if (entry === undefined) return { sw: SW_6A83_RECORD_NOT_FOUND };
  session.located = { sfi, offset: entry.offset };
  session.cappRead = { sfi, id, updated: false };
  const record = files.record(entry);
  if (!session.responseMac) return { sw: SW_9000_SUCCESS, data: record };
  const algorithm = cappMacAlgorithm(entry, switches);
  const mac = computeReadMac(files.managementKey(entry), data.subarray(ID_BYTES), record, algorithm);
  return { sw: SW_9000_SUCCESS, data: concat(record, mac) };
}
