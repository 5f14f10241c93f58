/**
 * Exhaustive power cuts of purse and industry file applications: each flow is run whole, then once for every physical
 * write with the power cut there; what is stored afterwards must be the state before or the state after.
 */
import { toHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { type CardSnapshot, PowerCut, VirtualCard } from '../src/index.ts';
import { IndustryHost, industryCard, SPECIFICATIONS, type SpecificationName } from './industry-card.ts';
import { openedPurse, PurseHost, tripRecord } from './purse-card.ts';

export interface AppletCutReport {
  readonly name: string;
  /** Physical writes, each of which was cut. */
  readonly cutPoints: number;
  readonly states: number;
  readonly violations: readonly string[];
}

/** One flow: a card to begin with, what is done up to the cut part, the part itself, and what is looked at afterwards. */
interface AppletCutFlow<Host extends { readonly card: VirtualCard }> {
  readonly name: string;
  readonly start: () => CardSnapshot;
  readonly open: (card: VirtualCard) => Host;
  readonly prepare: (host: Host) => void;
  readonly run: (host: Host) => void;
  readonly state: (snapshot: CardSnapshot) => string;
}

/** `tear` changes what a cut left behind: a planted fault. */
export type Tear = (snapshot: CardSnapshot) => CardSnapshot;

const restore = (snapshot: CardSnapshot): VirtualCard =>
  VirtualCard.restore(snapshot, { random: seededRandom('applet tear') });

function runFlow<Host extends { readonly card: VirtualCard }>(flow: AppletCutFlow<Host>, tear?: Tear): AppletCutReport {
  const start = flow.start();
  const begin = (): Host => {
    const host = flow.open(restore(start));
    flow.prepare(host);
    return host;
  };
  const whole = begin();
  whole.card.powerCut = () => false;
  flow.run(whole);
  const cutPoints = whole.card.physicalWrites;
  const allowed = [flow.state(start), flow.state(whole.card.snapshot())];
  const violations: string[] = [];
  if (allowed[0] === allowed[1]) violations.push(`${flow.name} changes nothing`);
  const seen = new Set<string>();
  for (let cut = 0; cut < cutPoints; cut++) {
    const host = begin();
    host.card.powerCut = (step) => step === cut;
    try {
      flow.run(host);
      violations.push(`${flow.name}, write ${cut}: the power was not cut`);
    } catch (error) {
      if (!(error instanceof PowerCut)) violations.push(`${flow.name}, write ${cut}: ${(error as Error).message}`);
    }
    host.card.powerCut = undefined;
    const dead = host.card.snapshot();
    host.card.reset();
    const left = host.card.snapshot();
    const state = flow.state(tear?.(left) ?? left);
    if (!allowed.includes(state)) violations.push(`${flow.name}, write ${cut}: a state between`);
    if (tear === undefined && flow.state(restore(dead).snapshot()) !== state)
      violations.push(`${flow.name}, write ${cut}: saved and restored it is another`);
    seen.add(state);
  }
  return { name: flow.name, cutPoints, states: seen.size, violations };
}

const openPurse = (card: VirtualCard): PurseHost => {
  const host = new PurseHost(card);
  host.select();
  return host;
};

const byte = (value: number): string => value.toString(16).padStart(2, '0');

/** All a terminal can read of the purse. */
function purseState(snapshot: CardSnapshot): string {
  const host = openPurse(restore(snapshot));
  const numbers = [0, 1, 2, 3].map((p1) => host.balance(p1));
  const records = [0xd4, 0xf4, 0xc4].flatMap((p2) =>
    Array.from({ length: 11 }, (_, index) => host.send(`00B2${byte(index + 1)}${byte(p2)}00`)),
  );
  const binaries = ['95', '96', '97', '85'].map((p1) => host.send(`00B0${p1}0000`));
  const proofs = [2, 3, 6, 7, 9].flatMap((type) => [4, 5, 6, 7].map((sequence) => host.prove(type, sequence)));
  const counter = toHex(host.initialize(0x01, 0).data.subarray(0, 6));
  const answers = [...records, ...binaries, ...proofs].map(({ sw, data }) => sw + toHex(data));
  return [...numbers, counter, ...answers].join('|');
}

function purseFlow(name: string, run: (host: PurseHost) => void): AppletCutFlow<PurseHost> {
  const start = (): CardSnapshot => {
    const host = openedPurse();
    host.cappPurchase(100, 0x21);
    return host.card.snapshot();
  };
  const prepare = (host: PurseHost): void => void host.verify();
  return { name, start, open: openPurse, prepare, run, state: purseState };
}

const PURSE_FLOWS: readonly AppletCutFlow<PurseHost>[] = [
  purseFlow('purse: purchase', (host) => void host.debit(host.initialize(0x01, 300), 300, { type: 6 })),
  purseFlow('purse: CAPP purchase with two updates', (host) => void host.cappPurchase(200, 0x42)),
  purseFlow('purse: load', (host) => void host.load(500)),
  purseFlow('purse: unload', (host) => void host.unload(500)),
  purseFlow('purse: overdraft limit', (host) => void host.setOverdraft(900)),
  purseFlow('purse: protected update', (host) => void host.protect('04DC01D4', tripRecord(0x2701, 0x77))),
  purseFlow('purse: APPEND RECORD', (host) => void host.protect('04E200D0', tripRecord(0x2705, 0x77))),
];

const KEYS_OFFSET = 10;
const KEY_SLOT_BYTES = 18;

/** What is in the memory of one application: files, keys, life cycle. Retry counters are counted whatever happens. */
function industryState(name: SpecificationName, snapshot: CardSnapshot): string {
  const recovered = restore(snapshot).snapshot();
  const memory = Buffer.from(recovered.applications[SPECIFICATIONS[name].aid]!.memory!.bytes, 'base64');
  for (const index of SPECIFICATIONS[name].keys.keys()) memory[KEYS_OFFSET + index * KEY_SLOT_BYTES + 1] = 0;
  memory[1] = 0;
  return memory.toString('hex');
}

function industryFlow(
  title: string,
  name: SpecificationName,
  steps: { dormant?: boolean; prepare?: (host: IndustryHost) => void; run: (host: IndustryHost) => void },
): AppletCutFlow<IndustryHost> {
  const open = (card: VirtualCard): IndustryHost => {
    const host = new IndustryHost(card, name);
    host.select();
    return host;
  };
  return {
    name: `industry files: ${title}`,
    start: () => industryCard({ dormant: steps.dormant === true }).snapshot(),
    open,
    prepare: steps.prepare ?? (() => undefined),
    run: steps.run,
    state: (snapshot) => industryState(name, snapshot),
  };
}

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const NONE = new Uint8Array(0);
const ALL_KEYS = [2, 3, 4, 5, 7, 8, 9, 0x0a, 0x0b, 0x0c];

const INDUSTRY_FLOWS: readonly AppletCutFlow<IndustryHost>[] = [
  industryFlow('enciphered update', 'health', {
    prepare: (host) => void host.authenticate(0x04),
    run: (host) => void host.protect('04D68B00', bytes(54, 7), { enc: true }),
  }),
  industryFlow('APPEND RECORD', 'traffic', {
    prepare: (host) => void host.authenticate(0x04),
    run: (host) => void host.protect('04E20028', bytes(96, 7), { enc: true }),
  }),
  industryFlow('three updates with BEGIN and COMMIT', 'water', {
    prepare(host) {
      host.authenticate(0x04);
      host.send('80100001');
      host.protect('04D68400', bytes(40, 1), { enc: true });
      host.protect('04D68700', bytes(1, 2), { enc: true });
      host.protect('04E20040', bytes(32, 3), { enc: true });
    },
    run: (host) => void host.protect('84100002', NONE),
  }),
  industryFlow('activation', 'water', {
    dormant: true,
    run: (host) => void host.protect('84440000', host.activation(ALL_KEYS), { key: 1, enc: true }),
  }),
  industryFlow('closing that erases the keys', 'health', {
    run: (host) => void host.protect('84E60000', NONE, { key: 2 }),
  }),
  industryFlow('PIN change', 'health', {
    run: (host) => void host.send('0024000110 26123456FFFFFFFF 26654321FFFFFFFF'),
  }),
];

/** Names of the flows, each with a function that cuts it everywhere. */
export const APPLET_CUTS: readonly { readonly name: string; readonly run: (tear?: Tear) => AppletCutReport }[] = [
  ...PURSE_FLOWS.map((flow) => ({ name: flow.name, run: (tear?: Tear) => runFlow(flow, tear) })),
  ...INDUSTRY_FLOWS.map((flow) => ({ name: flow.name, run: (tear?: Tear) => runFlow(flow, tear) })),
];

/** A card whose balance was written and whose counter was not: what memory without a journal could leave. */
export function halfWritten(snapshot: CardSnapshot): CardSnapshot {
  const host = openPurse(restore(snapshot));
  host.debit(host.initialize(0x01, 1), 1, { type: 6 });
  return host.card.snapshot();
}
