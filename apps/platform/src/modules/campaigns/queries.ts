/** Campaigns for people: what each has given away of its budget, when it will be used up, which terminals know of its end. */
import type { Promotion, Tariff } from '@polycard/blueprint';
import { sql } from 'kysely';
import type { PlatformContext } from '../../context.ts';
import type { ModeSetContent } from '../operating-modes/store.ts';
import type { Campaign } from './api.ts';

const FORECAST_DAYS = 7;
const DAY_MS = 86_400_000;

type Day = Campaign['days'][number];

interface End {
  readonly tariff: string;
  readonly promotion: string;
  readonly budget_fen: number;
  readonly ended_at: Date;
}

/** Every promotion with a budget, and those that have given something; the parameters in force say what they are. */
export async function listCampaigns(context: PlatformContext): Promise<Campaign[]> {
  const { store, parameters, region } = context;
  const [rows, ends, told] = await Promise.all([
    store.database.selectFrom('campaign_day').selectAll().orderBy('business_date').execute(),
    store.database.selectFrom('campaign_end').selectAll().orderBy('ended_at').execute(),
    whoKnows(context),
  ]);
  const days = Map.groupBy(rows, ({ tariff, promotion }) => `${tariff} ${promotion}`);
  const { tariffs } = (parameters.regionOf(parameters.appointmentsFor('').current.version) ?? region).blueprint;
  const today = region.localTime(context.now()).slice(0, 10);
  const shown = tariffs.flatMap((tariff) =>
    (tariff.promotions ?? [])
      .filter(({ id, budgetFen }) => budgetFen !== undefined || days.has(`${tariff.tariff} ${id}`))
      .map((promotion) => campaignOf(tariff, promotion, daysOf(days, tariff.tariff, promotion.id), ends, told, today)),
  );
  const known = new Set(shown.map(({ tariff, promotion }) => `${tariff} ${promotion}`));
  const gone = [...days].flatMap(([key, [first]]) => (known.has(key) || first === undefined ? [] : [first]));
  return [
    ...shown,
    ...gone.map(({ tariff, promotion }) => goneCampaign(tariffs, tariff, promotion, daysOf(days, tariff, promotion))),
  ];
}

function daysOf(
  days: ReadonlyMap<string, readonly { business_date: string; rides: number; given_fen: number }[]>,
  tariff: string,
  promotion: string,
): Day[] {
  return (days.get(`${tariff} ${promotion}`) ?? []).map((day) => ({
    ...{ businessDate: day.business_date, rides: day.rides, givenFen: day.given_fen },
  }));
}

function campaignOf(
  { tariff, name: tariffName, mode }: Tariff,
  { id, name, when, budgetFen, endMarginFen = 0 }: Promotion,
  days: readonly Day[],
  ends: readonly End[],
  told: WhoKnows,
  today: string,
): Campaign {
  const [from, until] = [dated(when.from), dated(when.until)];
  const totals = totalsOf(days);
  const end = ends.find((row) => row.tariff === tariff && row.promotion === id && row.budget_fen === budgetFen);
  const isOver = until !== undefined && until < today;
  const isComing = from !== undefined && from > today;
  return {
    ...{ tariff, tariffName, mode, promotion: id, name },
    state: end !== undefined ? 'used-up' : isOver ? 'over' : isComing ? 'coming' : 'running',
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(budgetFen === undefined ? {} : { budgetFen }),
    ...{ endMarginFen, ...totals, overFen: Math.max(0, totals.givenFen - (budgetFen ?? totals.givenFen)) },
    ...(end === undefined ? {} : { endedAt: end.ended_at.toISOString(), told: told(mode, tariff, id) }),
    ...(end !== undefined || isOver ? {} : forecastOf(days, { budgetFen, endMarginFen, until, ...totals })),
    days: [...days],
  };
}

function goneCampaign(tariffs: readonly Tariff[], tariff: string, promotion: string, days: readonly Day[]): Campaign {
  const of = tariffs.find((candidate) => candidate.tariff === tariff);
  return {
    ...{ tariff, tariffName: of?.name ?? { en: tariff, zh: tariff }, mode: of?.mode ?? '', promotion },
    ...{ name: { en: promotion, zh: promotion }, state: 'gone' },
    ...{ endMarginFen: 0, ...totalsOf(days), overFen: 0, days: [...days] },
  };
}

function totalsOf(days: readonly Day[]): { givenFen: number; rides: number } {
  return {
    givenFen: days.reduce((sum, { givenFen }) => sum + givenFen, 0),
    rides: days.reduce((sum, { rides }) => sum + rides, 0),
  };
}

/** At the pace of the last days that it was given on. */
function forecastOf(
  days: readonly Day[],
  {
    budgetFen,
    endMarginFen,
    until,
    givenFen,
  }: {
    readonly budgetFen: number | undefined;
    readonly endMarginFen: number;
    readonly until: string | undefined;
    readonly givenFen: number;
  },
): Pick<Campaign, 'forecast'> {
  const last = days.slice(-FORECAST_DAYS);
  const latest = last.at(-1)?.businessDate;
  const perDayFen = Math.round(last.reduce((sum, day) => sum + day.givenFen, 0) / Math.max(1, last.length));
  if (latest === undefined || perDayFen === 0) return {};
  const left = budgetFen === undefined ? undefined : Math.max(0, budgetFen - endMarginFen - givenFen);
  const usedUpOn = left === undefined ? undefined : later(latest, Math.ceil(left / perDayFen));
  const isWithin = usedUpOn !== undefined && (until === undefined || usedUpOn <= until);
  const daysLeft = until === undefined ? undefined : (Date.parse(until) - Date.parse(latest)) / DAY_MS;
  return {
    forecast: {
      perDayFen,
      ...(isWithin ? { usedUpOn } : {}),
      ...(daysLeft === undefined ? {} : { atEndFen: givenFen + perDayFen * Math.max(0, daysLeft) }),
    },
  };
}

const later = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);

/** YYYYMMDD as YYYY-MM-DD. */
const dated = (date: string | undefined): string | undefined =>
  date === undefined ? undefined : `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;

type WhoKnows = (mode: string, tariff: string, promotion: string) => { terminals: number; of: number };

/** By the versions of set MOD that the terminals of a mode fetched. */
async function whoKnows({ store }: PlatformContext): Promise<WhoKnows> {
  const { rows } = await sql<{ mode: string; content: ModeSetContent | null; terminals: number }>`
    SELECT held.mode, mode_set.content, held.terminals FROM (
      SELECT mode, modes_version, count(*)::bigint AS terminals FROM terminal GROUP BY mode, modes_version
    ) AS held LEFT JOIN mode_set ON mode_set.version = held.modes_version`.execute(store.database);
  return (mode, tariff, promotion) => {
    const there = rows.filter((row) => row.mode === mode);
    const knows = ({ content }: (typeof rows)[number]): boolean =>
      content?.ended?.some((end) => end.tariff === tariff && end.promotion === promotion) ?? false;
    const sum = (of: typeof rows): number => of.reduce((all, { terminals }) => all + terminals, 0);
    return { terminals: sum(there.filter(knows)), of: sum(there) };
  };
}
