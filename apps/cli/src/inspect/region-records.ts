/** What the region's blueprint describes on a card, read and decoded by its own codecs: extended records, industry files. */

import { compileRecord, fileApplications, type RecordCodec } from '@polycard/blueprint';
import { SW_9000_SUCCESS, toHex } from '@polycard/bytes';
import { type ExplanationPart, encodeReadCapp, type TwoLanguages } from '@polycard/emv';
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

interface RegionFile extends RegionRecordTitle {
  readonly isTransparent: boolean;
}

/** An application of its own, with the files its specification gives it. */
export interface RegionApplication {
  readonly aid: string;
  readonly name: TwoLanguages;
  readonly files: readonly RegionFile[];
  /** Its life-cycle states by their code in hexadecimal. */
  readonly states: ReadonlyMap<string, TwoLanguages>;
}

export interface RegionRecords {
  /** In extended files of the financial application. */
  readonly records: readonly RegionRecordTitle[];
  readonly applications: readonly RegionApplication[];
}

export const NO_REGION: RegionRecords = { records: [], applications: [] };

export function regionRecords(region: Region): RegionRecords {
  return {
    records: extendedRecords(region),
    applications: fileApplications(region.blueprint).map(({ aid, name, files, lifeCycle }) => ({
      ...{ aid, name },
      states: new Map(lifeCycle.states.map((state) => [state.code, state.name] as const)),
      files: files.map((file) => ({
        sfi: Number.parseInt(file.sfi, 16),
        codec: compileRecord(file.records[0]!),
        title: file.title,
        isTransparent: file.type === 'transparent',
      })),
    })),
  };
}

/** Records of variable files are read by their identifier, those of cyclic files by their number. */
function extendedRecords(region: Region): readonly RegionRecordTitle[] {
  return region.blueprint.applications.flatMap(({ files }) =>
    files.flatMap((file) =>
      (file.records ?? []).flatMap((record) => {
        const compiled = region.records.get(record.name);
        return compiled === undefined ? [] : [{ sfi: compiled.sfi, codec: compiled.codec, title: record.title }];
      }),
    ),
  );
}

export function blueprintRecordsOf(card: CardQuestions, { records }: RegionRecords): DumpEntry[] {
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

/** Files of an industry application that the card shows to anyone. */
export function industryFilesOf(card: CardQuestions, { files }: RegionApplication): DumpEntry[] {
  return files.flatMap((file) => {
    if (!file.isTransparent) return cyclicEntries(card, file);
    const answer = card.readBinary(file.sfi);
    if (answer.sw !== SW_9000_SUCCESS) return [];
    return [blueprintEntry(`file ${toHex(Uint8Array.of(file.sfi))}`, file.title, file.codec, answer.data)];
  });
}

/** What the FCI of an industry file application says under tags that mean something else in a payment application (ours). */
const FCI_NAMES: Readonly<Record<string, TwoLanguages>> = {
  DF61: { en: 'DF61 life-cycle state', zh: '生命周期状态' },
  DF62: { en: 'DF62 algorithm (04 SM4, 00 3DES)', zh: '算法' },
  DF63: { en: 'DF63 application serial', zh: '应用序列号' },
};

export function industryFciParts(parts: readonly ExplanationPart[], application: RegionApplication): ExplanationPart[] {
  return parts.map((part) => {
    const { children, hex } = part;
    const tag = part.name.en.slice(0, 4);
    const name = FCI_NAMES[tag];
    if (name === undefined)
      return children === undefined ? part : { ...part, children: industryFciParts(children, application) };
    const state = tag === 'DF61' && hex !== undefined ? application.states.get(hex) : undefined;
    return {
      ...{ name, ...(hex === undefined ? {} : { hex }) },
      ...(state === undefined ? {} : { text: state.en, textZh: state.zh }),
    };
  });
}
