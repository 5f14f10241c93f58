/** Application selection: PPSE, then the application of highest priority (EMV 4.4 Book 1 §12; EMV Book B §3.3). */
import {
  type DolEntry,
  findTlv,
  fromHex,
  parseDol,
  parseTlv,
  type ResponseApdu,
  SW_9000_SUCCESS,
  swHex,
  toHex,
} from '@polycard/bytes';
import type { CardSession } from './exchange.ts';
import { fromCard, refuse } from './outcome.ts';

const PPSE = Buffer.from('2PAY.SYS.DDF01', 'latin1');
const DIRECTORY_ENTRY = '61';

export interface SelectedApplication {
  readonly aid: string;
  readonly pdol: readonly DolEntry[];
  /** DF61: 01 segment deduction, 02 pre-authorisation too; undefined on a card without extended files. */
  readonly segmentIndicator: number | undefined;
}

export function selectApplication(session: CardSession): SelectedApplication {
  const directory = sendSelect(session, PPSE);
  if (directory.sw !== SW_9000_SUCCESS) refuse('no-directory', `SELECT PPSE answered ${swHex(directory.sw)}`);
  return selectFirst(
    session,
    fromCard(() => directoryByPriority(directory.data)),
  );
}

/** For a card without a directory: PBOC debit, credit, quasi-credit and electronic cash, then T-Union electronic cash. */
export const PAYMENT_AIDS: readonly Uint8Array[] = [
  'A000000333010101',
  'A000000333010102',
  'A000000333010103',
  'A000000333010106',
  'A000000632010106',
].map(fromHex);

/** The same for a card that may have no directory: then the terminal's own list is tried, in its order. */
export function selectApplicationOrListed(session: CardSession, listed: readonly Uint8Array[]): SelectedApplication {
  const directory = sendSelect(session, PPSE);
  const named = directory.sw === SW_9000_SUCCESS ? fromCard(() => directoryByPriority(directory.data)) : [];
  return selectFirst(session, named.length > 0 ? named : listed);
}

function sendSelect(session: CardSession, name: Uint8Array): ResponseApdu {
  return session.send('select', { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: name, le: 256 });
}

function selectFirst(session: CardSession, aids: readonly Uint8Array[]): SelectedApplication {
  for (const aid of aids) {
    const answer = sendSelect(session, aid);
    // a blocked application answers its FCI with 6283: not for us
    if (answer.sw !== SW_9000_SUCCESS) continue;
    return fromCard(() => {
      const fci = parseTlv(answer.data, 'FCI');
      const [asked, named] = [toHex(aid), toHex(findTlv(fci, '84') ?? aid)];
      return {
        // a card that was asked by a part of the name gives the whole one
        aid: named.startsWith(asked) ? named : asked,
        pdol: parseDol(findTlv(fci, '9F38') ?? new Uint8Array(0), 'PDOL'),
        segmentIndicator: findTlv(fci, 'DF61')?.[0],
      };
    });
  }
  return refuse('no-application', 'no application of the card could be selected');
}

function directoryByPriority(answer: Uint8Array): Uint8Array[] {
  const template = findTlv(parseTlv(answer, 'PPSE'), 'BF0C');
  return parseTlv(template ?? new Uint8Array(0), 'PPSE directory')
    .filter((node) => node.tag === DIRECTORY_ENTRY)
    .map((node) => ({
      aid: findTlv(node.children ?? [], '4F'),
      // b4-b1: 1 is the highest, 0 means none was given
      priority: (findTlv(node.children ?? [], '87')?.[0] ?? 0) & 0x0f || 16,
    }))
    .sort((a, b) => a.priority - b.priority)
    .flatMap(({ aid }) => (aid === undefined ? [] : [aid]));
}

/** Whether the card has extended files a gate can use: DF61 is 01 or 02, with b8 set for response MACs (PBOC 3.0 Part 14). */
export function supportsSegmentDeduction({ segmentIndicator }: SelectedApplication): boolean {
  return segmentIndicator !== undefined && [0x01, 0x02].includes(segmentIndicator & 0x7f);
}
