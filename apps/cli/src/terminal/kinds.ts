/** What each kind of terminal does with a card that is held to it. */
import { type CardChannel, maskPan } from '@polycard/bytes';
import { type DockedTerminal, inspectCard, type TapOutcome, type TapRequest } from '@polycard/terminal';

export const KINDS = ['gate', 'bus', 'shop', 'counter', 'handheld'] as const;
export type Kind = (typeof KINDS)[number];

export interface KindOptions {
  readonly profile: Kind;
  readonly direction: 'auto' | 'entry' | 'exit';
  /** Fen. */
  readonly fare?: number;
  readonly repair?: NonNullable<TapRequest['repair']>;
  readonly proof?: boolean;
  /** Bus: route, stop and direction as the driver's console says. */
  readonly route?: string;
  readonly stop?: string;
  readonly bound?: NonNullable<TapRequest['bound']>;
}

const DOORS = { auto: 'both', entry: 'on', exit: 'off' } as const;

/** Plain data, one for each card; no full account number. */
export type CardReport = Readonly<Record<string, unknown>> & { readonly result: string };

/** What a card comes away with when nothing was refused. */
export const DONE: ReadonlySet<string> = new Set([
  'accepted',
  'approved',
  'valid',
  'settled-inside',
  'loaded',
  'activated',
  'found',
  'updated',
]);

export function handle(terminal: DockedTerminal, channel: CardChannel, at: string, options: KindOptions): CardReport {
  switch (options.profile) {
    case 'handheld':
      return inspection(terminal, channel, at);
    case 'shop':
      return tap(terminal, channel, { kind: 'purchase', at, amountFen: options.fare ?? 0 });
    case 'bus':
      return tap(terminal, channel, {
        ...{ kind: 'boarding', at },
        ...(options.fare === undefined ? {} : { declaredBaseFen: options.fare }),
        ...(options.route === undefined ? {} : { route: options.route }),
        ...(options.stop === undefined ? {} : { stop: options.stop, door: DOORS[options.direction] }),
        ...(options.bound === undefined ? {} : { bound: options.bound }),
      });
    case 'counter':
      return tap(terminal, channel, {
        ...{ kind: 'counter', at },
        ...(options.repair === undefined ? {} : { repair: options.repair }),
        ...(options.proof === true ? { asksProof: true } : {}),
      });
    case 'gate':
      return gate(terminal, channel, at, options.direction);
  }
}

/** A two-way gate goes by the card: who is inside goes out. */
function gate(terminal: DockedTerminal, channel: CardChannel, at: string, direction: KindOptions['direction']) {
  if (direction !== 'auto') return tap(terminal, channel, { kind: direction, at });
  const entered = tap(terminal, channel, { kind: 'exit', at });
  return entered['reason'] === 'no-entry' ? tap(terminal, channel, { kind: 'entry', at }) : entered;
}

function tap(terminal: DockedTerminal, channel: CardChannel, request: TapRequest): CardReport {
  const outcome: TapOutcome = terminal.tap(channel, request);
  const exchanges = outcome.exchanges.length;
  if (outcome.result !== 'accepted') {
    const { exchanges: _exchanges, ...rest } = outcome;
    return { kind: request.kind, ...rest, exchanges };
  }
  const { entry, fare, recovered } = outcome;
  terminal.keepDialogue(entry, outcome.exchanges);
  return {
    ...{ kind: entry.industry.kind, result: 'accepted', recovered, panMasked: maskPan(entry.pan), atc: entry.atc },
    ...{ amountFen: entry.amountFen, sequenceNo: entry.sequenceNo, traceNo: entry.traceNo, exchanges },
    ...(fare === undefined ? {} : { fare: fare.steps.map(({ rule, afterFen }) => ({ rule, afterFen })) }),
  };
}

function inspection(terminal: DockedTerminal, channel: CardChannel, at: string): CardReport {
  const ready = terminal.terminal;
  if (ready === undefined) return { kind: 'inspection', result: 'refused', reason: 'parameters-missing' };
  const { exchanges, verdict, ...found } = inspectCard(channel, ready.configuration, ready.parametersAt(at), { at });
  return { kind: 'inspection', result: verdict, ...found, exchanges: exchanges.length };
}
