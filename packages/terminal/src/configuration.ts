/** What a terminal is and what it was given: identity, capabilities, parameters. Plain data and compiled objects. */
import type { RecordCodec } from '@polycard/blueprint';
import type { Algorithm } from '@polycard/crypto';
import type { FreshnessStep } from '@polycard/deny-list';
import type { PublicKey } from '@polycard/emv';
import type { CompiledTariff } from '@polycard/fares';

export interface TerminalConfiguration {
  /** Field 41: 8 decimal digits. */
  readonly terminalNo: string;
  /** Field 42. */
  readonly merchantNo: string;
  readonly mode: 'metro' | 'bus';
  /** 4 BCD digits. */
  readonly operatorCode: string;
  /** Station of a gate, 4 BCD digits; 0000 where there is none. */
  readonly placeCode: string;
  /** Route of a bus, free text. */
  readonly route?: string;
  /** 9F66, 4 bytes. */
  readonly ttq: Uint8Array;
  /** 9F33, 3 bytes. */
  readonly capabilities: Uint8Array;
  /** 9F35, 1 byte. */
  readonly terminalType: Uint8Array;
  /** DF69: whether it tells cards that it knows SM2, SM3 and SM4; false unless given. */
  readonly smAlgorithms?: boolean;
  /** 9F1A as 3 digits, e.g. 156. */
  readonly country: string;
  /** 5F2A as 3 digits. */
  readonly currency: string;
  /** 9F4E, up to 20 characters; cards keep it in their log. */
  readonly merchantName?: string;
  /** 9F09, 2 bytes; 0030 (PBOC 3.0) unless given. */
  readonly applicationVersion?: Uint8Array;
  /** A card that is still inside comes to an entry gate: its old entry is overwritten (the default), or it is refused. */
  readonly missedExit?: 'overwrite' | 'refuse';
  /** T1: how long people are asked to hold a torn card to the gate again; 10 s unless given, shorter at gates. */
  readonly retapWindowMs?: number;
  /** T2: how long a torn tap is matched against returning cards. */
  readonly tornRecordMs: number;
  readonly tornRecordsMax: number;
  /** For so long after T2 a card that comes back is still asked about its tap, which is uploaded as unresolved; 10 min. */
  readonly tornLateMs?: number;
  /** What it does while its deny list grows old; nothing unless given. */
  readonly denyListAge?: readonly FreshnessStep[];
  /** Entries that may wait for upload; a full journal refuses taps. */
  readonly journalMax: number;
}

export interface TerminalRecord {
  readonly sfi: number;
  readonly codec: RecordCodec;
  /** PSAM key that makes the MAC of its updates. */
  readonly managementKey: string;
}

/** Everything downloaded: tariffs, record layouts, key paths, certification authority keys. */
export interface TerminalParameters {
  /** 8 characters; uploaded with each tap, so that clearing uses the same. */
  readonly version: string;
  readonly tariffs: Readonly<Partial<Record<'metro' | 'bus', CompiledTariff>>>;
  /** False where the operator grants no discounts. */
  readonly operatorDiscounts: boolean;
  readonly classIdOfCode: ReadonlyMap<string, string>;
  readonly stationIdOfCode: ReadonlyMap<string, string>;
  readonly records: {
    readonly metro: TerminalRecord;
    readonly bus: TerminalRecord;
    readonly combinedRide: TerminalRecord;
    readonly trip: TerminalRecord;
  };
  /** Certification authority keys by RID and index, e.g. `A000000333F0`. */
  readonly caKeys: ReadonlyMap<string, PublicKey>;
}

/** A management key as a PSAM holds it, and the factors that come from the card. */
export interface PsamKey {
  readonly label: string;
  /** While a key is rotated a PSAM holds two versions of it; 1 unless given. */
  readonly version?: number;
  readonly algorithm: Algorithm;
  /** Of the MAC of a record update, where it is not the key's: some SM4 cards take 3DES there (reference pboc.md §3.8). */
  readonly macAlgorithm?: Algorithm;
  readonly key: Uint8Array;
  readonly cardFactors: (card: PsamCard) => readonly Uint8Array[];
}

export interface PsamCard {
  readonly pan: string;
  readonly homeCityCode: string;
}

/** A prepared command that gives a record of one card its next management key (`REPLACE RECORD KEY`, ours). */
export interface RecordKeyReplacement {
  readonly label: string;
  /** Name of the record. */
  readonly record: string;
  /** Version of the key that the card holds afterwards. */
  readonly version: number;
  readonly command: Uint8Array;
}

/** Where a terminal finds prepared replacements for a card, and says which the card has taken. */
export interface RecordKeyReplacements {
  commandsFor(pan: string): readonly RecordKeyReplacement[];
  replaced(pan: string, replacement: RecordKeyReplacement): void;
}
