/** A whole replay against a running platform: enrol, issue, tap, upload, settle, wait for clearing, reconcile, report. */

import { seededRandom } from '@polycard/crypto';
import type { ScpNumber } from '@polycard/globalplatform';
import { ModeOrders } from '@polycard/terminal';
import { PlatformApi } from './link/api-client.ts';
import type { GatewayAddress } from './link/gateway-line.ts';
import { type Performance, performPlan } from './perform.ts';
import type { Plan } from './plan/plan.ts';
import { type Enrolment, enrolSite, issueCards, type ProgressReport } from './site.ts';
import { TraceFile } from './trace-file.ts';

interface Account {
  readonly name: string;
  readonly password: string;
}

export interface ReplayOptions {
  /** Cards go through a secure channel of this protocol; the short way unless given. */
  readonly personaliseOver?: ScpNumber | undefined;
  readonly platformUrl: string;
  readonly gateway: GatewayAddress;
  /** Of the terminals: enrols them, brings records, closes days where it may. */
  readonly account: Account;
  /** Of the card bureau: another one, since nobody gets opening keys and PSAM keys. */
  readonly bureau: Account;
  readonly seed: string;
  readonly faults: Partial<Record<'cryptogram' | 'duplicate' | 'gap' | 'mac', number>>;
  readonly cardRsaBits: number;
  readonly traceFile?: string | undefined;
  readonly report: ProgressReport;
  readonly patienceMs?: number;
  readonly pace?: () => Promise<void>;
  /** Closes the days and nets them; off for a region shown live. */
  readonly closeDays: boolean;
}

export interface ReplayResult {
  readonly records: number;
  readonly cards: number;
  readonly terminals: number;
  readonly taps: {
    readonly performed: number;
    readonly refused: number;
    readonly refusedFor: Readonly<Record<string, number>>;
  };
  readonly inferred: Plan['inferred'];
  readonly supplied: Plan['supplied'];
  readonly enrolled: Plan['enrolled'];
  readonly odd: Plan['odd'];
  readonly fares: {
    readonly charged: number;
    readonly matched: number;
    readonly unmatched: number;
    readonly chargedFen: number;
  };
  readonly baseFares: Plan['baseFares'];
  readonly cryptograms: { readonly verified: number; readonly failed: number };
  readonly exceptions: Readonly<Record<string, number>>;
  readonly ledger: { readonly postings: number; readonly sumFen: number };
  readonly settlement: readonly { readonly party: string; readonly netFen: number }[];
  readonly tapTime: { readonly exchanges: number; readonly p50Ms: number; readonly p99Ms: number };
  readonly elapsedMs: number;
}

interface ClearingSummary {
  readonly taps: { readonly received: number };
  readonly cryptograms: { readonly verified: number; readonly failed: number };
  readonly fares: { readonly charged: number; readonly agreed: number };
  readonly exceptions: Readonly<Record<string, number>>;
  readonly ledger: { readonly postings: number; readonly sumFen: number };
}

const RECORDS_PER_REQUEST = 5000;
const CLEARING_POLL_MS = 250;

export async function replay(plan: Plan, options: ReplayOptions): Promise<ReplayResult> {
  const started = process.hrtime.bigint();
  const random = seededRandom(`fleet:${options.seed}`);
  const trace =
    options.traceFile === undefined
      ? undefined
      : new TraceFile(
          options.traceFile,
          plan.expected.map((expected) => expected.line),
        );
  const api = new PlatformApi(options.platformUrl);
  await api.signIn(options.account.name, options.account.password);
  const bureau = new PlatformApi(options.platformUrl);
  await bureau.signIn(options.bureau.name, options.bureau.password);
  const zone = await api.openZone('simulation-terminals', 'terminals', random);
  const cardZone = await bureau.openZone('simulation-cards', 'cards', random);
  const settings = {
    gateway: () => options.gateway,
    patienceMs: options.patienceMs ?? 60_000,
    dependencies: {
      random,
      monotonicUs: () => Number(process.hrtime.bigint() / 1000n),
      nowMs: () => Date.now(),
    },
    ...(trace === undefined ? {} : { onUploaded: trace.uploaded.bind(trace) }),
    modules: () => [new ModeOrders()],
  };
  const enrolment = await enrolSite(api, zone, plan, settings, options.report);
  const cards = await issueCards(
    bureau,
    cardZone,
    plan,
    random,
    options.cardRsaBits,
    options.report,
    options.personaliseOver,
  );
  const performance = await performPlan(plan, enrolment.terminals, cards, {
    random,
    faults: options.faults,
    report: options.report,
    ...(trace === undefined ? {} : { observer: trace }),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  });
  await trace?.close();
  await waitForClearing(api, options.report);
  const matched = await reconcile(api, plan, performance);
  const summary = await api.get<ClearingSummary>('/api/clearing');
  const settlement = await settle(api, options.closeDays && api.may('settlement.close'));
  return report(
    plan,
    performance,
    enrolment,
    summary,
    settlement,
    matched,
    Number(process.hrtime.bigint() - started) / 1e6,
  );
}

async function waitForClearing(api: PlatformApi, report: ProgressReport): Promise<void> {
  let total = 0;
  for (;;) {
    const { taps } = await api.get<ClearingSummary>('/api/clearing');
    total = Math.max(total, taps.received);
    report('clearing', total - taps.received, total);
    if (taps.received === 0) return;
    await new Promise((resolve) => setTimeout(resolve, CLEARING_POLL_MS));
  }
}

/** Gives the platform the records' own amounts; it opens an exception for each that differs. */
async function reconcile(api: PlatformApi, plan: Plan, { performed }: Performance): Promise<number | undefined> {
  if (plan.expected.length === 0) return undefined;
  const records = [...performed].flatMap(([record, tap]) => {
    const expected = plan.expected[record]!;
    return expected.isRide ? [{ tapId: tap.tapId, claimedFen: expected.chargedFen }] : [];
  });
  let agreed = 0;
  for (let from = 0; from < records.length; from += RECORDS_PER_REQUEST) {
    const answer = await api.post<{ agreed: number }>('/api/reconciliation', {
      records: records.slice(from, from + RECORDS_PER_REQUEST),
    });
    agreed += answer.agreed;
  }
  return agreed;
}

async function settle(api: PlatformApi, closeDays: boolean): Promise<Map<string, number>> {
  const net = new Map<string, number>();
  const days = await api.get<{ businessDate: string; postings: number }[]>('/api/settlement');
  for (const day of days) {
    if (day.postings === 0) continue;
    const detail = closeDays
      ? await api.post<SettlementDetail>(`/api/settlement/${day.businessDate}/close`, {})
      : await api.get<SettlementDetail>(`/api/settlement/${day.businessDate}`);
    for (const { party, netFen } of detail.positions) net.set(party.id, (net.get(party.id) ?? 0) + netFen);
  }
  return net;
}

interface SettlementDetail {
  readonly positions: readonly { readonly party: { readonly id: string }; readonly netFen: number }[];
}

function report(
  plan: Plan,
  performance: Performance,
  enrolment: Enrolment,
  summary: ClearingSummary,
  settlement: ReadonlyMap<string, number>,
  matched: number | undefined,
  elapsedMs: number,
): ReplayResult {
  const { performed } = performance;
  const isRide = (record: number): boolean => plan.expected[record]?.isRide ?? true;
  const charged = matched === undefined ? summary.fares.charged : [...performed.keys()].filter(isRide).length;
  const agreed = matched ?? summary.fares.agreed;
  const refusedFor: Record<string, number> = { ...performance.refused };
  if (plan.unreadable.length > 0) refusedFor['unreadable'] = plan.unreadable.length;
  const times = performance.tapUs.toSorted((a, b) => a - b);
  const percentile = (share: number): number =>
    Math.round((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) / 10) / 100;
  return {
    records: plan.records,
    cards: plan.cards.length,
    terminals: plan.terminals.length,
    taps: {
      performed: performed.size,
      refused: Object.values(refusedFor).reduce((sum, count) => sum + count, 0),
      refusedFor,
    },
    inferred: plan.inferred,
    supplied: plan.supplied,
    enrolled: { ...plan.enrolled, operators: enrolment.operatorsEnrolled, places: enrolment.placesEnrolled },
    odd: plan.odd,
    fares: { charged, matched: agreed, unmatched: charged - agreed, chargedFen: performance.chargedFen },
    baseFares: plan.baseFares,
    cryptograms: summary.cryptograms,
    exceptions: summary.exceptions,
    ledger: summary.ledger,
    settlement: [...settlement]
      .map(([party, netFen]) => ({ party, netFen }))
      .sort((a, b) => (a.party < b.party ? -1 : 1)),
    tapTime: { exchanges: performance.exchanges, p50Ms: percentile(0.5), p99Ms: percentile(0.99) },
    elapsedMs: Math.round(elapsedMs),
  };
}
