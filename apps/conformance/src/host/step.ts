/** The steps of a case against a host, as the case files write them. */
import { caseError, isRecord } from '../case-files.ts';
import { TLS_SHOWN, type TlsShown } from '../self/tls-bench.ts';
import type { FieldTemplate } from './messages.ts';

export interface HostStep {
  /** What has to be there first: when it fails, the case says nothing. */
  readonly prepare?: boolean;
  /** Opens a line of this name; `main` is there from the beginning. */
  readonly connect?: string;
  /** With `connect`: over TLS, with this certificate. */
  readonly tls?: TlsShown;
  /** Opens so many idle lines. */
  readonly connectMany?: number;
  readonly close?: string;
  /** A message of host-messages.yaml. */
  readonly send?: string;
  /** The very frame of an earlier step, by its `as`. */
  readonly resend?: string;
  /** These bytes, hex, as they are. */
  readonly raw?: string;
  readonly set?: Readonly<Record<string, FieldTemplate>>;
  /** Fields 2 and 55 come from a card that the host's issuer knows. */
  readonly card?: true;
  readonly as?: string;
  readonly line?: string;
  /** `same`: the trace number of the message before. */
  readonly trace?: 'same';
  readonly mac?: 'right' | 'wrong' | 'none' | 'old';
  readonly alter?: {
    readonly truncate?: number;
    readonly lengthPrefix?: number;
    readonly append?: string;
    readonly tpdu?: string;
  };
  readonly pieces?: { readonly sizes: readonly number[]; readonly pauseMs: number };
  readonly times?: number;
  readonly waitMs?: number;
  /** Downloads a parameter set page by page and looks at each page. */
  readonly download?: string;
  readonly expect?: HostExpectation;
}

export interface HostExpectation {
  /** F39: one of these. */
  readonly code?: string | readonly string[];
  /** Codes by which a host says that it does not serve this: the case does not apply then. */
  readonly notServed?: readonly string[];
  readonly mti?: string;
  /** By field: a text with places, `same` as sent, `present`, `absent`, `/expression/`. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly mac?: 'right' | 'absent';
  readonly tpdu?: 'swapped';
  readonly header?: 'same';
  /** Working keys: taken when they have their check values. */
  readonly keys?: 'right';
  /** Digit 31 of F48: 1 equal, 2 unequal. */
  readonly result?: 1 | 2;
  /** F12 and F13 are a time of day and a date. */
  readonly clock?: boolean;
  readonly withinMs?: number;
  /** With `times`: 95 of 100 answers come within this. */
  readonly p95Ms?: number;
  readonly closed?: boolean;
  /** The line is closed, or the message refused with one of these. */
  readonly closedOr?: readonly string[];
  /** Nothing comes for so long. */
  readonly silentMs?: number;
}

const STEP_KEYS = [
  ...[
    'prepare',
    'connect',
    'tls',
    'connectMany',
    'close',
    'send',
    'resend',
    'raw',
    'set',
    'card',
    'as',
    'line',
    'trace',
    'mac',
    'alter',
  ],
  ...['pieces', 'times', 'waitMs', 'download', 'expect'],
];
const EXPECT_KEYS = [
  ...['code', 'notServed', 'mti', 'fields', 'mac', 'tpdu', 'header', 'keys', 'result', 'clock', 'withinMs', 'p95Ms'],
  ...['closed', 'closedOr', 'silentMs'],
];

/** Throws `POLYCARD_CONFORM_CASE` for a step or expectation that nobody would play. */
export function hostSteps(id: string, steps: readonly Readonly<Record<string, unknown>>[]): HostStep[] {
  return steps.map((step, index) => {
    const where = `${id}, step ${index + 1}`;
    requireKnown(step, STEP_KEYS, where);
    const { tls } = step;
    if (tls !== undefined && !TLS_SHOWN.includes(tls as TlsShown))
      throw caseError(`${where}, tls`, `one of ${TLS_SHOWN.join(', ')}`);
    if (step['expect'] !== undefined) {
      if (!isRecord(step['expect'])) throw caseError(`${where}, expect`, 'a set of expectations');
      requireKnown(step['expect'], EXPECT_KEYS, `${where}, expect`);
    }
    return step as HostStep;
  });
}

export function requireKnown(value: Readonly<Record<string, unknown>>, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw caseError(`${where}: ${unknown}`, `one of ${known.join(', ')}`);
}
