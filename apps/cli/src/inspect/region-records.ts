/** Extended records (CAPP) and cyclic files the region's blueprint describes, read and decoded by its own codecs. */

import type { RecordCodec } from '@polycard/blueprint';
import { SW_9000_SUCCESS, toHex } from '@polycard/bytes';
import { encodeReadCapp, type TwoLanguages } from '@polycard/emv';
import type { Region } from '@polycard/platform';
import type { CardQuestions } from './card-questions.ts';
import type { DumpEntry } from './dump.ts';
import { blueprintEntry } from './entries.ts';

const CYCLIC_RECORDS_MAX = 32;

interface RegionRecordTitle {
  readonly sfi: number;
  readonly codec: RecordCodec;
  readonly title: TwoLanguages;
}

export type RegionRecords = readonly RegionRecordTitle[];

/** Records of variable files are read by their identifier, those of cyclic files by their number. */
export function regionRecords(region: Region): RegionRecords {
  return region.blueprint.applications.flatMap(({ files }) =>
    files.flatMap((file) =>
      (file.records ?? []).flatMap((record) => {
        const compiled = region.records.get(record.name);
        return compiled === undefined ? [] : [{ sfi: compiled.sfi, codec: compiled.codec, title: record.title }];
      }),
    ),
  );
}

export function blueprintRecordsOf(card: CardQuestions, records: RegionRecords): DumpEntry[] {
  return records.flatMap(({ sfi, codec, title }) => {
    const id = codec.recordId;
    if (id === undefined) return cyclicEntries(card, { sfi, codec, title });
    const answer = card.readCapp(encodeReadCapp({ sfi, id: (id[0]! << 8) | id[1]! }));
    if (answer.sw !== SW_9000_SUCCESS) return [];
    return [blueprintEntry(`SFI ${toHex(Uint8Array.of(sfi))} ID ${toHex(id)}`, title, codec, answer.data)];
  });
}

function cyclicEntries(card: CardQuestions, { sfi, codec, title }: RegionRecordTitle): DumpEntry[] {
  const entries: DumpEntry[] = [];
  for (let record = 1; record <= CYCLIC_RECORDS_MAX; record++) {
    const answer = card.readRecord(sfi, record);
    if (answer.sw !== SW_9000_SUCCESS) break;
    entries.push(blueprintEntry(`SFI ${toHex(Uint8Array.of(sfi))} record ${record}`, title, codec, answer.data));
  }
  return entries;
}
