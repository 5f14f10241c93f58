/** What can be known of a card and its running transaction from the commands and answers seen so far. */
import { type DolEntry, findTlv, parseDol, parseTlv, splitDol, type TlvNode, tlvMap, toHex } from '@polycard/bytes';
import type { AuthenticatedRecord } from '../offline-data-authentication.ts';

const SFI_SHIFT = 3;

export interface RecordPlace {
  readonly sfi: number;
  readonly number: number;
  readonly authenticated: boolean;
}

function placesOf(afl: Uint8Array): RecordPlace[] {
  const places: RecordPlace[] = [];
  for (let offset = 0; offset + 3 < afl.length; offset += 4) {
    const [sfi, first, last, authenticated] = afl.subarray(offset, offset + 4) as unknown as number[];
    for (let number = first!; number <= last!; number++) {
      places.push({ sfi: sfi! >> SFI_SHIFT, number, authenticated: number - first! < authenticated! });
    }
  }
  return places;
}

/** A running transaction, from GET PROCESSING OPTIONS to the next SELECT. */
export interface SeenTransaction {
  readonly pdolData: Uint8Array;
  readonly terminal: Map<string, Uint8Array>;
  /** Objects of the answer; 82 and 94 for format 1 too. */
  readonly card: Map<string, Uint8Array>;
  readonly places: readonly RecordPlace[];
  readonly isQpboc: boolean;
  readonly cdolData: Uint8Array[];
  firstCryptogram: Uint8Array;
  committed: boolean;
}

export class DialogueState {
  aid = '';
  atc = 0;
  pdol: readonly DolEntry[] = [];
  transaction: SeenTransaction | undefined;
  /** Payment records by `sfi/number`; they outlive transactions. */
  readonly records = new Map<string, Uint8Array>();
  readonly objects = new Map<string, Uint8Array>();
  /** Management key by `sfi/ID`, and by `sfi/` for a cyclic file. */
  readonly recordKeys = new Map<string, Uint8Array>();
  /** Cryptograms of committed extended transactions, by ATC. */
  readonly proofs = new Map<number, Uint8Array>();
  /** The last READ CAPP DATA asked for a MAC. */
  responseMac = false;
  pin: string | undefined;

  select(fci: Uint8Array): void {
    const nodes: TlvNode[] = parseTlv(fci);
    const aid = findTlv(nodes, '84');
    if (aid !== undefined) this.aid = toHex(aid);
    this.pdol = parseDol(findTlv(nodes, '9F38') ?? new Uint8Array(0), 'PDOL');
    this.endTransaction();
  }

  endTransaction(): void {
    this.transaction = undefined;
    this.responseMac = false;
  }

  /** GET PROCESSING OPTIONS that was answered with data; the ATC went up by one whatever the path. */
  begin(pdolData: Uint8Array, answer: Uint8Array): SeenTransaction {
    this.atc++;
    const isFormat1 = answer[0] === 0x80;
    const card = isFormat1 ? new Map<string, Uint8Array>() : tlvMap(parseTlv(answer));
    if (isFormat1) {
      const value = parseTlv(answer)[0]!.value;
      card.set('82', value.subarray(0, 2)).set('94', value.subarray(2));
    }
    const counter = card.get('9F36');
    if (counter?.length === 2) this.atc = (counter[0]! << 8) | counter[1]!;
    this.transaction = {
      pdolData,
      terminal: splitDol(this.pdol, pdolData, 'PDOL data'),
      card,
      places: placesOf(card.get('94') ?? new Uint8Array(0)),
      isQpboc: !isFormat1,
      cdolData: [],
      firstCryptogram: new Uint8Array(8),
      committed: false,
    };
    return this.transaction;
  }

  takeRecord(sfi: number, number: number, bytes: Uint8Array): void {
    if (bytes[0] !== 0x70) return;
    this.records.set(`${sfi}/${number}`, bytes);
    tlvMap(parseTlv(bytes), this.objects);
  }

  isLastRecord(sfi: number, number: number): boolean {
    const last = this.transaction?.places.at(-1);
    return last?.sfi === sfi && last.number === number;
  }

  /** Records under offline data authentication in the order of the AFL; undefined while one has not been read. */
  authenticatedRecords(): AuthenticatedRecord[] | undefined {
    const places = this.transaction?.places.filter(({ authenticated }) => authenticated) ?? [];
    const records: AuthenticatedRecord[] = [];
    for (const { sfi, number } of places) {
      const bytes = this.records.get(`${sfi}/${number}`);
      if (bytes === undefined) return undefined;
      records.push({ sfi, bytes });
    }
    return records;
  }

  recordKey(sfi: number, record: Uint8Array): Uint8Array | undefined {
    return this.recordKeys.get(`${sfi}/${toHex(record.subarray(0, 2))}`) ?? this.recordKeys.get(`${sfi}/`);
  }

  /** The same ID in any file. */
  recordKeyOfId(record: Uint8Array): Uint8Array | undefined {
    const id = toHex(record.subarray(0, 2));
    return [...this.recordKeys].find(([name]) => name.endsWith(`/${id}`))?.[1];
  }

  dol(tag: string): DolEntry[] {
    return parseDol(this.objects.get(tag) ?? new Uint8Array(0), tag);
  }
}
