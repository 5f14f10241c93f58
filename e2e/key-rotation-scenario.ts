/**
 * A management key is rotated on a small site while its cards keep tapping: before the PSAMs have the new version, while
 * they have both, and until every card has taken its records' next key at a gate, a bus or the counter.
 */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi, reloadPsams } from '@polycard/fleet';
import { MEMORY_ONLY, type TapOutcome, type TapRequest, Terminal, type UpdateMacSource } from '@polycard/terminal';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

const LABEL = 'metro-management';
const PASSWORD = 'rotation-people';
/** Who asks for the rotation, and who approve it: management custodians of the blueprint. */
const ASKS = 'zheng-yi';
const APPROVE = ['wang-bo', 'feng-xue'];
const REQUEST = 'rotation-2026';

export interface RotationReport {
  readonly taps: number;
  readonly refused: readonly string[];
  /** Cards on the old version after each step, PSAMs before and after their reload, as the platform reports them. */
  readonly onOldCards: readonly number[];
  readonly onOldPsams: readonly number[];
  /** A gate that holds only the old version cannot write on a card any more. */
  readonly oldKeyRefusedAfterwards: boolean;
  readonly cryptograms: { readonly verified: number; readonly failed: number };
}

/** Breaks it on purpose: the PSAMs never get the new version, or the platform is not told what cards have taken. */
export type RotationPlant = 'psam-not-reloaded' | 'cards-not-reported';

interface Rotation {
  readonly label: string;
  readonly cards: { readonly onOld: number };
  readonly psams: { readonly onOld: number };
}

export class RotationScenario {
  readonly #site: SmallSite;
  readonly #operator: PlatformApi;
  readonly #cards: VirtualCard[];
  readonly #pans = new Map<VirtualCard, string>();
  readonly #onOldCards: number[] = [];
  readonly #onOldPsams: number[] = [];
  readonly #refused: string[] = [];
  #taps = 0;
  #minute = 0;

  private constructor(site: SmallSite, operator: PlatformApi) {
    this.#site = site;
    this.#operator = operator;
    this.#cards = site.cards.map(({ snapshot }) => VirtualCard.restore(snapshot, { random: seededRandom('taps') }));
  }

  static async open(options: { readonly cards: number; readonly seed: string }): Promise<RotationScenario> {
    const site = await openSmallSite(options);
    const operator = await signIn(site, 'operator', 'operator');
    return new RotationScenario(site, operator);
  }

  async run(plant?: RotationPlant): Promise<RotationReport> {
    const { api, zone, terminals, recordKeys } = this.#site;
    const [first, second, third] = thirds(this.#cards);
    this.#tapAll(this.#cards, ENTRY_GATE, { kind: 'entry' });

    await this.#rotate();
    await this.#note();
    this.#onOldPsams.push((await this.#rotation()).psams.onOld);
    // gates that have not heard of it yet
    this.#tapAll(first, EXIT_GATE, { kind: 'exit' });

    if (plant !== 'psam-not-reloaded') await reloadPsams(api, zone, terminals);
    this.#onOldPsams.push((await this.#rotation()).psams.onOld);
    // both versions in the PSAM, the cards still on the old one
    this.#tapAll(second, EXIT_GATE, { kind: 'exit' });

    await recordKeys.load([...this.#pans.values()]);
    this.#tapAll(third, EXIT_GATE, { kind: 'exit' });
    await this.#report(plant);
    this.#tapAll(second, COUNTER, { kind: 'counter', combinedRide: 'none' });
    await this.#report(plant);
    this.#tapAll(first, BUS, { kind: 'boarding', declaredBaseFen: 200 });
    await this.#report(plant);
    // everybody once more, on the new version
    this.#tapAll(this.#cards, ENTRY_GATE, { kind: 'entry' });

    const oldKeyRefusedAfterwards = this.#withOldKeyOnly(this.#cards[0]!);
    for (const terminal of terminals) await terminal.upload();
    return {
      ...{ taps: this.#taps, refused: this.#refused, onOldCards: this.#onOldCards, onOldPsams: this.#onOldPsams },
      ...{ oldKeyRefusedAfterwards, cryptograms: await this.#cleared() },
    };
  }

  close(): Promise<void> {
    return this.#site.close();
  }

  /** Asked for by one custodian, approved by two others, carried out by the last approval. */
  async #rotate(): Promise<void> {
    const asks = await signIn(this.#site, ASKS, 'person');
    await asks.post('/api/approvals', {
      ...{ id: REQUEST, act: 'keys.management.rotate', subject: LABEL, why: 'its yearly rotation' },
    });
    for (const name of APPROVE) {
      const approves = await signIn(this.#site, name, 'person');
      await approves.post(`/api/approvals/${REQUEST}/decisions`, { verdict: 'approved', why: 'seen' });
    }
  }

  #tapAll(cards: readonly VirtualCard[], terminal: number, request: Omit<TapRequest, 'at'>): void {
    for (const card of cards) {
      const outcome = this.#site.terminals[terminal]!.terminal!.tap(card, { ...request, at: this.#time() });
      this.#taps++;
      if (outcome.result === 'accepted') this.#pans.set(card, outcome.entry.pan);
      else this.#refused.push(`${request.kind}: ${why(outcome)}`);
    }
  }

  /** Half a minute on for each tap. */
  #time(): string {
    const seconds = 6 * 3600 + this.#minute++ * 30;
    const part = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    return `20180901${part(seconds / 3600)}${part((seconds / 60) % 60)}${part(seconds % 60)}`;
  }

  async #report(plant: RotationPlant | undefined): Promise<void> {
    if (plant !== 'cards-not-reported') await this.#site.recordKeys.report();
    await this.#note();
  }

  async #note(): Promise<void> {
    this.#onOldCards.push((await this.#rotation()).cards.onOld);
  }

  async #rotation(): Promise<Rotation> {
    const rotations = await this.#operator.get<Rotation[]>('/api/keys/rotations');
    return rotations.find(({ label }) => label === LABEL)!;
  }

  #withOldKeyOnly(card: VirtualCard): boolean {
    const { terminal, psam } = this.#site.terminals[ENTRY_GATE]!;
    const old: UpdateMacSource = {
      versions: () => [1],
      updateMac: (label, holder, update) => psam!.updateMac(label, holder, update, 1),
    };
    const gate = new Terminal(terminal!.configuration, terminal!.parameters, {
      ...{ psam: old, random: seededRandom('old gate'), monotonicUs: () => 0, nowMs: () => 0, storage: MEMORY_ONLY },
    });
    const outcome = gate.tap(card, { kind: 'exit', at: this.#time() });
    return outcome.result === 'refused' && outcome.reason === 'update-refused';
  }

  async #cleared(): Promise<RotationReport['cryptograms']> {
    for (;;) {
      const { taps, cryptograms } = await this.#site.api.get<{
        taps: { received: number };
        cryptograms: { verified: number; failed: number };
      }>('/api/clearing');
      if (taps.received === 0) return cryptograms;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function signIn(site: SmallSite, name: string, role: 'operator' | 'person'): Promise<PlatformApi> {
  await site.platform.setPassword(name, role, PASSWORD);
  const api = new PlatformApi(site.platform.url);
  await api.signIn(name, PASSWORD);
  return api;
}

function thirds<T>(items: readonly T[]): [T[], T[], T[]] {
  const third = Math.ceil(items.length / 3);
  return [items.slice(0, third), items.slice(third, 2 * third), items.slice(2 * third)];
}

function why(outcome: TapOutcome): string {
  return outcome.result === 'refused' ? `${outcome.reason}, ${outcome.detail}` : outcome.result;
}
