/** The steps of a case against a card, as the case files write them. */
import { caseError, isRecord } from '../case-files.ts';
import { requireKnown } from '../host/step.ts';

export interface CardStep {
  readonly prepare?: boolean;
  readonly reset?: true;
  /** `ppse`, `aid` (the first of the directory), or a name in hex. */
  readonly select?: string;
  /** A command in hex, with places. */
  readonly apdu?: string;
  readonly gpo?: {
    readonly amountFen?: number;
    /** DF60: 0 none, 1 segment deduction. */
    readonly capp?: number;
    /** 4 bytes, hex. */
    readonly random?: string;
    /** Data longer or shorter than the PDOL asks for. */
    readonly lengthDelta?: number;
  };
  /** Records of the AFL: all, all but the last one, or the last one alone. */
  readonly records?: 'all' | 'butLast' | 'last';
  /** A whole qPBOC purchase with the card's signature checked. */
  readonly sale?: { readonly amountFen: number };
  /** A purchase with the power cut at each write of the card in turn (a virtual card only). */
  readonly cutEach?: { readonly amountFen: number };
  /** So many commands that nobody would send, the same for the same seed. */
  readonly random?: { readonly count: number; readonly seed: string };
  readonly times?: number;
  readonly expect?: CardExpectation;
}

export interface CardExpectation {
  /** Status words, hex; `x` stands for any digit. */
  readonly sw?: string | readonly string[];
  /** Status words by which a card says that it does not have this: the case does not apply then. */
  readonly notServed?: readonly string[];
  /**
   * By tag (`data` is all that was answered), templates opened: `present`, `absent`, a value in hex, `/expression/`, `length N`, or beside a value kept
   * before: `= name`, `!= name`, `= name + N`, `= name - N`.
   */
  readonly tags?: Readonly<Record<string, string>>;
  /** Tags of which one must be there. */
  readonly oneOf?: readonly string[];
  /** Tags without which the case does not apply. */
  readonly needs?: readonly string[];
  /** Values kept for later, by name: a tag, or `data` for all that was answered. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Of a sale. */
  readonly outcome?: 'approved' | 'declined';
  readonly signature?: 'passed';
  /** 95 of 100 within this. */
  readonly p95Ms?: number;
}

const STEP_KEYS = [
  'prepare',
  'reset',
  'select',
  'apdu',
  'gpo',
  'records',
  'sale',
  'cutEach',
  'random',
  'times',
  'expect',
];
const EXPECT_KEYS = ['sw', 'notServed', 'tags', 'oneOf', 'needs', 'keep', 'outcome', 'signature', 'p95Ms'];

export function cardSteps(id: string, steps: readonly Readonly<Record<string, unknown>>[]): CardStep[] {
  return steps.map((step, index) => {
    const where = `${id}, step ${index + 1}`;
    requireKnown(step, STEP_KEYS, where);
    if (step['expect'] !== undefined) {
      if (!isRecord(step['expect'])) throw caseError(`${where}, expect`, 'a set of expectations');
      requireKnown(step['expect'], EXPECT_KEYS, `${where}, expect`);
    }
    return step as CardStep;
  });
}
