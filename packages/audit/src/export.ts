/** The exported file: one JSON object a line, each text with its two hashes; format in docs/reference/audit-format.md. */
import { canonicalText } from './canonical.ts';
import {
  type AuditAct,
  CHAIN_START,
  type ChainedText,
  type ChainHash,
  type ChainHead,
  chainAnchor,
  chainEntry,
  dayOf,
  EMPTY_CHAIN,
  hashText,
} from './chain.ts';

export const AUDIT_FORMAT = 'polycard-audit-1';

const line = (kind: 'header' | 'entry' | 'anchor' | 'end', { text, sha256, sm3 }: ChainedText): string =>
  `{"${kind}":${text},"sha256":"${sha256}","sm3":"${sm3}"}\n`;

export interface ExportedEntry extends ChainedText {
  readonly sequence: number;
  readonly at: string;
}
export interface ExportedAnchor extends ChainedText {
  readonly day: string;
}

/** Writes an export piece by piece, so that a long trail never stands in memory whole. */
export class AuditExport {
  readonly #header: ChainedText;
  readonly #anchors: Map<string, ExportedAnchor>;
  #last: { sequence: number } & ChainHash;
  #day = '';
  #entries = 0;
  #anchorsWritten = 0;

  /** `anchors`: those of every finished day among the entries to come. */
  constructor(options: { chain: string; exportedAt: Date; exportedBy: string; anchors: readonly ExportedAnchor[] }) {
    this.#header = hashText(
      canonicalText({
        format: AUDIT_FORMAT,
        chain: options.chain,
        exportedAt: options.exportedAt.toISOString(),
        exportedBy: options.exportedBy,
        first: 1,
        previous: CHAIN_START,
      }),
    );
    this.#anchors = new Map(options.anchors.map((anchor) => [anchor.day, anchor]));
    this.#last = { sequence: 0, ...CHAIN_START };
  }

  header(): string {
    return line('header', this.#header);
  }

  entry(entry: ExportedEntry): string {
    const before = dayOf(entry.at) === this.#day ? '' : this.#anchor();
    this.#day = dayOf(entry.at);
    this.#last = { sequence: entry.sequence, sha256: entry.sha256, sm3: entry.sm3 };
    this.#entries += 1;
    return before + line('entry', entry);
  }

  end(): string {
    const end = hashText(
      canonicalText({
        entries: this.#entries,
        anchors: this.#anchorsWritten,
        last: this.#last,
        header: { sha256: this.#header.sha256, sm3: this.#header.sm3 },
      }),
    );
    return line('end', end);
  }

  #anchor(): string {
    const anchor = this.#anchors.get(this.#day);
    if (anchor === undefined) return '';
    this.#anchorsWritten += 1;
    return line('anchor', anchor);
  }
}

/** A whole trail in memory, anchors made as its days end: a ceremony's transcript, a test. */
export class AuditTrail {
  readonly #entries: ExportedEntry[] = [];
  readonly #anchors: ExportedAnchor[] = [];
  #head: ChainHead = EMPTY_CHAIN;
  #dayFirst = 1;

  get head(): ChainHead {
    return this.#head;
  }

  get entries(): readonly ExportedEntry[] {
    return this.#entries;
  }

  append(at: Date, act: AuditAct): ExportedEntry {
    const entry = chainEntry(this.#head, at, act);
    const day = dayOf(this.#head.at);
    if (this.#head.sequence > 0 && day !== dayOf(entry.at)) {
      const { sequence: last, sha256, sm3 } = this.#head;
      const anchor = { day, first: this.#dayFirst, last, head: { sha256, sm3 } };
      this.#anchors.push({ day, ...chainAnchor(this.#anchors.at(-1) ?? CHAIN_START, anchor) });
      this.#dayFirst = entry.sequence;
    }
    this.#entries.push(entry);
    this.#head = entry;
    return entry;
  }

  /** Takes up entries that were chained before (a transcript being continued). */
  static of(entries: readonly ExportedEntry[], anchors: readonly ExportedAnchor[] = []): AuditTrail {
    const trail = new AuditTrail();
    trail.#entries.push(...entries);
    trail.#anchors.push(...anchors);
    const last = entries.at(-1);
    if (last !== undefined) {
      trail.#head = last;
      trail.#dayFirst = entries.find((entry) => dayOf(entry.at) === dayOf(last.at))!.sequence;
    }
    return trail;
  }

  export(options: { chain: string; exportedAt: Date; exportedBy: string }): string {
    const file = new AuditExport({ ...options, anchors: this.#anchors });
    return file.header() + this.#entries.map((entry) => file.entry(entry)).join('') + file.end();
  }
}
