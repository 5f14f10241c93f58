/** The steps of a case against a terminal, as the case files write them. */
import { caseError, isRecord } from '../case-files.ts';
import { requireKnown } from '../host/step.ts';
import { LISTINGS, type Listing } from '../self/own-lists.ts';
import { ACTS, type Act } from './driver.ts';
import { CARD_FAULTS, HOST_FAULTS } from './faults.ts';

export interface TerminalStep {
  readonly prepare?: boolean;
  /** How the played host behaves from here on: a name of faults.ts. */
  readonly host?: string;
  /** What the terminal is to do. */
  readonly do?: Act;
  /** With `do: clock`: so many hours ahead. */
  readonly hours?: number;
  /** What the deny list says of the test card from here on; the terminal gets it when it asks next. */
  readonly list?: Listing;
  /** With `do: tap` or `do: purchase`: how the card behaves. */
  readonly card?: string;
  readonly times?: number;
  readonly expect?: TerminalExpectation;
}

export interface TerminalExpectation {
  /** Whether the terminal says that it worked. */
  readonly ok?: boolean;
  readonly tap?: 'accepted' | 'refused' | 'torn';
  /** Requests in this step by `MTI` or `MTI 60.3`: a number, or `N+` for at least so many. */
  readonly sends?: Readonly<Record<string, number | string>>;
  /** Requests of these kinds come in this order; others may be between them. */
  readonly order?: readonly string[];
  /** Requests of this MTI in this step are the same byte for byte. */
  readonly sameFrames?: string;
  /** Uploads of this step are sealed under the newest keys, or not under the keys that were offered last. */
  readonly sealedUnder?: 'newest' | 'not-offered';
  /** Taps that the host has accepted since the case began, each counted once. */
  readonly stored?: number;
  /** Trace numbers of all uploads of the case: none twice for different taps. */
  readonly traces?: 'unique';
  /** F48 of the last settlement: what the host accepted in this batch. */
  readonly totals?: 'as-stored';
  /** 364 pages were asked from 0 on, one after the other. */
  readonly pages?: 'in-order';
  /** The batch number of uploads now, beside that before the settlement. */
  readonly batch?: 'next';
  /** What has left the card since the case began: nothing, something, or the sum of what the host has. */
  readonly paid?: 'nothing' | 'something' | 'as-stored';
  readonly withinMs?: number;
}

const STEP_KEYS = ['prepare', 'host', 'do', 'hours', 'list', 'card', 'times', 'expect'];
const EXPECT_KEYS = [
  ...[
    'ok',
    'tap',
    'sends',
    'order',
    'sameFrames',
    'sealedUnder',
    'stored',
    'traces',
    'totals',
    'pages',
    'batch',
    'paid',
  ],
  'withinMs',
];

export function terminalSteps(id: string, steps: readonly Readonly<Record<string, unknown>>[]): TerminalStep[] {
  return steps.map((step, index) => {
    const where = `${id}, step ${index + 1}`;
    requireKnown(step, STEP_KEYS, where);
    requireName(step['host'], Object.keys(HOST_FAULTS), `${where}, host`);
    requireName(step['card'], Object.keys(CARD_FAULTS), `${where}, card`);
    requireName(step['do'], ACTS, `${where}, do`);
    requireName(step['list'], LISTINGS, `${where}, list`);
    if (step['expect'] !== undefined) {
      if (!isRecord(step['expect'])) throw caseError(`${where}, expect`, 'a set of expectations');
      requireKnown(step['expect'], EXPECT_KEYS, `${where}, expect`);
    }
    return step as TerminalStep;
  });
}

function requireName(value: unknown, known: readonly string[], where: string): void {
  if (value !== undefined && !known.includes(value as string)) throw caseError(where, `one of ${known.join(', ')}`);
}
