/**
 * Exhaustive power cuts: a flow is run once whole, then once for every physical write with the power cut there. What
 * a reader can see afterwards must be the state before or the state after, never one between.
 */
import { fromHex, toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { type CardInterface, type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import {
  activateMetro,
  CardTerminal,
  cyclicRecord,
  metroExit,
  metroRecord,
  SFI_CYCLIC,
  SFI_METRO,
} from './card-terminal.ts';
import { ContactTerminal } from './contact-terminal.ts';
import { personalisedCard } from './transcript-card.ts';

export interface CutFlow {
  readonly name: string;
  readonly variant?: string;
  readonly interface?: CardInterface;
  prepare(terminal: CardTerminal): void;
  /** Everything that is cut; begins with the application selected. */
  run(terminal: CardTerminal): void;
}

const contact = (terminal: CardTerminal): ContactTerminal => new ContactTerminal(terminal.card);

/** An online transaction up to the point where scripts are accepted. */
function online(terminal: CardTerminal): ContactTerminal {
  const counter = contact(terminal);
  counter.initiate(0);
  counter.generate('ARQC', 0);
  counter.authenticate('00');
  return counter;
}

export const CUT_FLOWS: readonly CutFlow[] = [
  {
    name: 'contactless purchase',
    prepare: (terminal) => activateMetro(terminal),
    run(terminal) {
      terminal.select();
      terminal.purchase({ amount: 500, ttq: '26000080' });
      terminal.last();
    },
  },
  {
    name: 'CAPP with two updates',
    prepare(terminal) {
      activateMetro(terminal);
      metroExit(terminal, 0, 0x11);
    },
    run: (terminal) => void metroExit(terminal, 400, 0x22),
  },
  {
    name: 'CAPP writing the cyclic file twice, with the allowance',
    prepare(terminal) {
      activateMetro(terminal);
      metroExit(terminal, 90_000, 0x11);
    },
    run(terminal) {
      terminal.select();
      const answer = terminal.purchase({ amount: 20_000, capp: 1 });
      const atc = terminal.atcOf(answer);
      terminal.update(SFI_CYCLIC, cyclicRecord(0x33), atc);
      terminal.update(SFI_CYCLIC, cyclicRecord(0x44), atc);
      terminal.last();
    },
  },
  {
    name: 'pre-authorisation',
    prepare: activateMetro,
    run(terminal) {
      terminal.select();
      terminal.readCapp(SFI_METRO, 2);
      const answer = terminal.purchase({ amount: 5000, capp: 2 });
      terminal.update(SFI_METRO, metroRecord(2, 0x33), terminal.atcOf(answer));
      terminal.last();
    },
  },
  {
    name: 'completion',
    prepare(terminal) {
      activateMetro(terminal);
      terminal.select();
      terminal.readCapp(SFI_METRO, 2);
      const answer = terminal.purchase({ amount: 5000, capp: 2 });
      terminal.update(SFI_METRO, metroRecord(2, 0x33), terminal.atcOf(answer));
      terminal.last();
    },
    run(terminal) {
      terminal.select();
      terminal.readCapp(SFI_METRO, 2);
      const answer = terminal.purchase({ amount: 3000, capp: 3 });
      terminal.update(SFI_METRO, metroRecord(2, 0x44), terminal.atcOf(answer));
      terminal.last();
    },
  },
  {
    name: 'prepaid online request',
    variant: 'prepaid',
    prepare: activateMetro,
    run: (terminal) => void terminal.purchase({ amount: 700, ttq: '26800080' }),
  },
  {
    name: 'APPEND RECORD',
    prepare: activateMetro,
    run: (terminal) => void terminal.activate(SFI_METRO, metroRecord(0x2701, 1)),
  },
  {
    name: 'APPEND RECORD opening the cyclic file',
    prepare(terminal) {
      terminal.select();
      terminal.activate(SFI_METRO, metroRecord(2, 0));
    },
    run: (terminal) => void terminal.activate(SFI_CYCLIC, cyclicRecord(0)),
  },
  {
    name: 'end of the kept record',
    prepare(terminal) {
      activateMetro(terminal);
      metroExit(terminal, 100, 0x44);
    },
    run: (terminal) => void terminal.data('9F79'),
  },
  {
    name: 'contact electronic cash purchase',
    interface: 'contact',
    prepare: () => undefined,
    run(terminal) {
      const till = contact(terminal);
      till.initiate(800, { electronicCash: true });
      till.generate('TC', 800);
    },
  },
  {
    name: 'contact debit/credit, offline',
    interface: 'contact',
    prepare(terminal) {
      online(terminal).generate('TC', 0, '00');
    },
    run(terminal) {
      const till = contact(terminal);
      till.initiate(700);
      till.generate('TC', 700);
    },
  },
  {
    name: 'contact online transaction with second GENERATE AC',
    interface: 'contact',
    prepare: () => undefined,
    run: (terminal) => void online(terminal).generate('TC', 0, '00'),
  },
  {
    name: 'load',
    interface: 'contact',
    prepare: () => undefined,
    run: (terminal) => void online(terminal).load(150_000),
  },
  {
    name: 'load that pays the allowance back',
    interface: 'contact',
    prepare(terminal) {
      terminal.card.reset('contactless');
      activateMetro(terminal);
      metroExit(terminal, 90_000, 0x11);
      metroExit(terminal, 30_000, 0x22);
      terminal.card.reset('contact');
    },
    run: (terminal) => void online(terminal).load(100_000),
  },
  {
    name: 'PUT DATA, UPDATE RECORD and blocks after the second GENERATE AC',
    interface: 'contact',
    prepare: () => undefined,
    run(terminal) {
      const host = online(terminal);
      host.generate('TC', 0, '00');
      host.putData('9F58', fromHex('0A'));
      host.updateRecord(1, 1, fromHex('70045F200141'));
      host.updateRecord(1, 1, fromHex('70045F200142'));
      host.blockApplication();
      host.unblockApplication();
    },
  },
  {
    name: 'PIN change',
    interface: 'contact',
    prepare: () => undefined,
    run(terminal) {
      const host = online(terminal);
      host.changePin('123456');
      host.changePin('654321', '123456');
    },
  },
  {
    name: 'wrong PIN, then the right one',
    interface: 'contact',
    prepare: () => undefined,
    run(terminal) {
      const till = contact(terminal);
      till.verify('9999');
      till.verify('1234');
    },
  },
  {
    name: 'wrong script MAC and wrong issuer cryptogram',
    interface: 'contact',
    prepare: () => undefined,
    run(terminal) {
      const host = contact(terminal);
      host.initiate(0);
      host.generate('ARQC', 0);
      terminal.send('04DA9F58050A00000000');
      host.initiate(0);
      host.generate('ARQC', 0);
      terminal.send('008200000A00000000000000003030');
    },
  },
];

export function restored(snapshot: CardSnapshot): CardTerminal {
  return new CardTerminal(VirtualCard.restore(snapshot, { random: seededRandom('tear') }));
}

const hexByte = (value: number): string => value.toString(16).padStart(2, '0');
const COUNTERS = [
  '9F13',
  '9F17',
  '9F53',
  '9F54',
  '9F58',
  '9F59',
  '9F5D',
  '9F72',
  '9F77',
  '9F79',
  'DF61',
  'DF62',
  'DF63',
];

/** All a reader can see on either interface, the transaction counter and the kept record apart, and PIN and counters that show only in later transactions. */
export function visibleState(snapshot: CardSnapshot): string {
  const terminal = restored(snapshot);
  terminal.card.reset('contactless');
  const answers = [terminal.select(), ...[2, 0x2701].map((id) => terminal.readCapp(SFI_METRO, id))];
  answers.push(...[1, 2, 3, 4].map((atc) => terminal.prove(atc)));
  const seen = [...COUNTERS.map((tag) => terminal.data(tag)), ...answers.map(({ data, sw }) => toHex(data) + sw)];
  for (const p2 of ['f4', '5c', '64']) {
    for (let number = 1; number <= 11; number++) seen.push(terminal.raw(`00b2${hexByte(number)}${p2}00`));
  }
  seen.push(terminal.raw('00B2010C00'));
  for (const pin of ['1234', '123456', '654321']) {
    seen.push(contact(restored(snapshot)).verify(pin));
  }
  const later = contact(restored(snapshot));
  later.terminal.card.reset('contact');
  seen.push(later.initiate(0).sw);
  // The CVR shows indicators and script counter; ATC and cryptogram differ from one cut to another.
  seen.push(toHex(later.generate('AAC', 0).data).slice(26, 42));
  return seen.join('|');
}

function atcOf(snapshot: CardSnapshot): number {
  const terminal = restored(snapshot);
  terminal.select();
  return terminal.atc();
}

export interface CutReport {
  readonly name: string;
  /** Physical writes, each of which was cut. */
  readonly cutPoints: number;
  /** Different states seen afterwards. */
  readonly states: number;
  readonly violations: readonly string[];
}

/** States between whole commands: a flow of several commands may stop after each of them. */
function statesBetweenCommands(start: CardSnapshot, flow: CutFlow): { states: Set<string>; writes: number } {
  const states = new Set([visibleState(start)]);
  const terminal = restored(start);
  terminal.select();
  terminal.card.powerCut = () => false;
  const inner = terminal.card.transmit.bind(terminal.card);
  terminal.card.transmit = (command: Uint8Array): Uint8Array => {
    const answer = inner(command);
    states.add(visibleState(terminal.card.snapshot()));
    return answer;
  };
  flow.run(terminal);
  return { states, writes: terminal.card.physicalWrites };
}

export function runCuts(flow: CutFlow, tear?: (snapshot: CardSnapshot) => CardSnapshot): CutReport {
  const fresh = new CardTerminal(
    personalisedCard({
      ...(flow.variant === undefined ? {} : { variant: flow.variant }),
      interface: flow.interface ?? 'contactless',
    }),
  );
  flow.prepare(fresh);
  fresh.card.reset();
  fresh.select();
  const start = fresh.card.snapshot();
  const { states, writes } = statesBetweenCommands(start, flow);
  const violations: string[] = [];
  const seen = new Set<string>();
  for (let cut = 0; cut < writes; cut++) {
    const terminal = restored(start);
    terminal.select();
    terminal.card.powerCut = (step) => step === cut;
    let wasCut = false;
    try {
      flow.run(terminal);
    } catch (error) {
      wasCut = error instanceof PowerCut;
      if (!wasCut) violations.push(`${flow.name}, write ${cut}: ${(error as Error).message}`);
    }
    if (!wasCut) violations.push(`${flow.name}, write ${cut}: the power was not cut`);
    terminal.card.powerCut = undefined;
    terminal.card.reset();
    const after = terminal.card.snapshot();
    const state = visibleState(tear?.(after) ?? after);
    if (!states.has(state)) violations.push(`${flow.name}, write ${cut}: a state between`);
    if (atcOf(after) < atcOf(start)) violations.push(`${flow.name}, write ${cut}: the counter went back`);
    seen.add(state);
  }
  return { name: flow.name, cutPoints: writes, states: seen.size, violations };
}
