/** Application selection on contact: the PSE's directory, else the names the terminal knows (EMV 4.4 Book 1 §12.3). */
import { type DolEntry, findTlv, parseDol, parseTlv, SW_9000_SUCCESS, swHex, toHex } from '@polycard/bytes';
import { fromCard, refuse } from '../kernel/outcome.ts';
import type { CardLine } from './card-line.ts';

const PSE = Buffer.from('1PAY.SYS.DDF01', 'latin1');
const DIRECTORY_RECORDS_MAX = 10;
const PRIORITY_LOWEST = 16;

export interface ContactApplication {
  readonly aid: Uint8Array;
  readonly name: string;
  readonly pdol: readonly DolEntry[];
  readonly fci: readonly ReturnType<typeof parseTlv>[number][];
}

interface Candidate {
  readonly aid: Uint8Array;
  readonly priority: number;
}

const select = (line: CardLine, data: Uint8Array) => line.send({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data });

async function fromDirectory(line: CardLine): Promise<Candidate[]> {
  const answer = await select(line, PSE);
  if (answer.sw !== SW_9000_SUCCESS) return [];
  const sfi = fromCard(() => findTlv(parseTlv(answer.data, 'PSE'), '88'))?.[0];
  if (sfi === undefined || sfi < 1 || sfi > 10) return [];
  const candidates: Candidate[] = [];
  for (let number = 1; number <= DIRECTORY_RECORDS_MAX; number++) {
    const record = await line.send({ cla: 0x00, ins: 0xb2, p1: number, p2: (sfi << 3) | 4 });
    if (record.sw !== SW_9000_SUCCESS) break;
    for (const entry of fromCard(() => parseTlv(record.data, 'directory record')[0]?.children ?? [])) {
      const aid = entry.tag === '61' ? findTlv(entry.children ?? [], '4F') : undefined;
      const priority = (findTlv(entry.children ?? [], '87')?.[0] ?? 0) & 0x0f || PRIORITY_LOWEST;
      if (aid !== undefined) candidates.push({ aid, priority });
    }
  }
  return candidates.sort((a, b) => a.priority - b.priority);
}

/** Selects the first application of the card's priority that the terminal accepts and that is not blocked. */
export async function selectContactApplication(
  line: CardLine,
  aids: readonly Uint8Array[],
): Promise<ContactApplication> {
  const accepted = (aid: Uint8Array): boolean => aids.some((own) => toHex(aid).startsWith(toHex(own)));
  const listed = (await fromDirectory(line)).filter(({ aid }) => accepted(aid));
  const candidates = listed.length > 0 ? listed.map(({ aid }) => aid) : aids;
  let last = 'nothing to select';
  for (const candidate of candidates) {
    const answer = await select(line, candidate);
    last = `SELECT ${toHex(candidate)} answered ${swHex(answer.sw)}`;
    // A blocked application answers 6283: not for us.
    if (answer.sw !== SW_9000_SUCCESS) continue;
    return fromCard(() => {
      const fci = parseTlv(answer.data, 'FCI');
      return {
        aid: findTlv(fci, '84') ?? candidate,
        name: Buffer.from(findTlv(fci, '50') ?? new Uint8Array(0)).toString('latin1'),
        pdol: parseDol(findTlv(fci, '9F38') ?? new Uint8Array(0), 'PDOL'),
        fci,
      };
    });
  }
  return refuse('no-application', last);
}
