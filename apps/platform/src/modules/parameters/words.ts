/** The difference of two versions, and the effect of one, in the words of the people who decide. */
import { type BlueprintChange, diffBlueprints } from '@polycard/blueprint';
import type { Region } from '../../region.ts';
import type { Words } from '../api-types.ts';
import type { Change, Rehearsal, StatedPlan } from './api.ts';

const TITLES: Readonly<Record<string, Words>> = {
  tariffs: { en: 'Tariff', zh: '票价' },
  cards: { en: 'Cards', zh: '卡' },
  classes: { en: 'card class', zh: '卡类' },
  terminals: { en: 'Terminals', zh: '终端' },
  profiles: { en: 'profile', zh: '配置' },
  caKeys: { en: 'certification authority key', zh: 'CA公钥' },
  operatingModes: { en: 'operating mode', zh: '运营模式' },
  baseFare: { en: 'base fare', zh: '基准票价' },
  startFen: { en: 'starting fare', zh: '起步价' },
  startMetres: { en: 'starting distance', zh: '起步里程' },
  sameStationFen: { en: 'same-station fare', zh: '同站进出票价' },
  defaultFen: { en: 'usual fare', zh: '缺省票价' },
  maximumFen: { en: 'highest fare', zh: '最高票价' },
  bands: { en: 'distance bands', zh: '里程区间' },
  stepFen: { en: 'step', zh: '每步金额' },
  stepMetres: { en: 'step length', zh: '每步里程' },
  uptoMetres: { en: 'end of the band', zh: '区间终点' },
  discounts: { en: 'discount', zh: '优惠' },
  promotions: { en: 'promotion', zh: '促销' },
  percentOff: { en: 'percent off', zh: '折扣百分比' },
  deductFen: { en: 'deduction', zh: '减免金额' },
  priceFen: { en: 'price', zh: '一口价' },
  rule: { en: 'rule', zh: '规则' },
  when: { en: 'conditions', zh: '条件' },
  cardClasses: { en: 'card classes', zh: '适用卡类' },
  transfer: { en: 'transfer', zh: '换乘' },
  windowMinutes: { en: 'window in minutes', zh: '换乘时限（分钟）' },
  cumulation: { en: 'monthly cumulation', zh: '月累计优惠' },
  caps: { en: 'caps', zh: '封顶' },
  dayFen: { en: 'per day', zh: '每日' },
  monthFen: { en: 'per month', zh: '每月' },
  serviceClasses: { en: 'service class', zh: '服务等级' },
  multiple: { en: 'multiple', zh: '倍数' },
  name: { en: 'name', zh: '名称' },
  code: { en: 'code', zh: '代码' },
  version: { en: 'edition', zh: '版次' },
  priority: { en: 'priority', zh: '优先级' },
  stacking: { en: 'stacking', zh: '叠加方式' },
  hours: { en: 'hours', zh: '时段' },
  weekdays: { en: 'weekdays', zh: '星期' },
  from: { en: 'from', zh: '起' },
  until: { en: 'until', zh: '止' },
  routeFares: { en: 'fare by route', zh: '线路票价' },
  routes: { en: 'routes', zh: '线路' },
  fareFen: { en: 'flat fare', zh: '一票制票价' },
  sectionFaresFen: { en: 'fares by number of sections', zh: '分段票价' },
  tapOff: { en: 'tap-off', zh: '下车刷卡' },
  reversedOrder: { en: 'stop before the boarding stop', zh: '逆序下车' },
  maxRideMinutes: { en: 'longest ride in minutes', zh: '乘车时限（分钟）' },
  graceSeconds: { en: 'second tap ignored for seconds', zh: '重复刷卡忽略（秒）' },
  minimumBalanceFen: { en: 'least balance to board', zh: '上车最低余额' },
  missingTapOff: { en: 'no tap-off', zh: '下车未刷卡' },
  settle: { en: 'settled by', zh: '处理方式' },
  withinMinutes: { en: 'charged within minutes', zh: '可补扣时限（分钟）' },
  fare: { en: 'fare', zh: '票价' },
  budgetFen: { en: 'budget', zh: '预算' },
  endMarginFen: { en: 'margin of the budget', zh: '预算预留' },
};
const SHOWN_IN_EFFECT = 6;

export const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;
const signed = (fen: number): string => `${fen < 0 ? '−' : '+'}${yuan(Math.abs(fen))}`;

export function changesBetween(before: Region, after: Region): Change[] {
  const { changes } = diffBlueprints(before.blueprint, after.blueprint);
  const names = namesIn(before, after);
  return changes.map((change) => ({
    ...{ kind: change.kind, path: change.path, words: wordsOf(change, names) },
    ...(change.from === undefined ? {} : { from: change.from }),
    ...(change.to === undefined ? {} : { to: change.to }),
  }));
}

/** What the identifiers on a path are called. */
function namesIn(...regions: readonly Region[]): ReadonlyMap<string, Words> {
  return new Map(
    regions.flatMap(({ blueprint: { tariffs, cards, terminals } }) => [
      ...tariffs.flatMap((tariff) => [
        [tariff.tariff, tariff.name] as const,
        ...[
          ...tariff.discounts,
          ...(tariff.promotions ?? []),
          ...tariff.serviceClasses,
          ...(tariff.routeFares ?? []),
        ].map(({ id, name }) => [id, name] as const),
      ]),
      ...[...cards.classes, ...terminals.profiles].map(({ id, name }) => [id, name] as const),
    ]),
  );
}

function wordsOf({ kind, path, from, to }: BlueprintChange, names: ReadonlyMap<string, Words>): Words {
  const keys = path.split('/');
  const title = (language: 'en' | 'zh'): string =>
    keys.map((key) => (TITLES[key] ?? names.get(key))?.[language] ?? key).join(' › ');
  const last = keys.at(-1)!;
  const value = (found: unknown): string => shown(last, found);
  switch (kind) {
    case 'added':
      return { en: `${title('en')} added: ${value(to)}`, zh: `新增 ${title('zh')}：${value(to)}` };
    case 'removed':
      return { en: `${title('en')} removed (was ${value(from)})`, zh: `删除 ${title('zh')}（原为 ${value(from)}）` };
    case 'changed':
      return {
        en: `${title('en')}: ${value(from)} → ${value(to)}`,
        zh: `${title('zh')}：${value(from)} → ${value(to)}`,
      };
  }
}

function shown(key: string, value: unknown): string {
  if (typeof value === 'number') return key.endsWith('Fen') ? yuan(value) : String(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'number'))
    return value.map((item) => shown(key, item)).join(', ');
  const text = JSON.stringify(value) ?? '–';
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

export interface EffectFacts {
  readonly version: string;
  readonly changes: readonly Change[];
  readonly plan: StatedPlan;
  /** Terminals of each stage. */
  readonly terminals: readonly number[];
  readonly rehearsal: Rehearsal | undefined;
}

/** What a second person reads before they decide: what changes, for which terminals from when, who pays more or less. */
export function effectWords({ version, changes, plan, terminals, rehearsal }: EffectFacts): Words {
  const inLanguage = (language: 'en' | 'zh'): string => {
    const isEnglish = language === 'en';
    const first = changes.slice(0, SHOWN_IN_EFFECT).map(({ words }) => words[language]);
    const more = changes.length - first.length;
    const changed = `${first.join(isEnglish ? '; ' : '；')}${more > 0 ? (isEnglish ? `; and ${more} more` : `；另有 ${more} 项`) : ''}`;
    const stages = plan.stages.map((stage, index) => {
      const at = (stage.effectiveAt ?? plan.effectiveAt).replace('T', ' ');
      return isEnglish
        ? `${stage.name}: ${terminals[index]} terminals from ${at}`
        : `${stage.name}：${terminals[index]} 台终端，自 ${at} 起`;
    });
    const result = rehearsal?.result;
    const rehearsed =
      result === undefined || result.rides === 0
        ? isEnglish
          ? 'No recorded rides to rehearse.'
          : '没有可供演练的历史交易。'
        : isEnglish
          ? `Of ${result.rides} recorded rides ${result.more} would cost more, ${result.less} less; revenue ${signed(result.afterFen - result.beforeFen)}.`
          : `演练 ${result.rides} 笔历史交易：${result.more} 笔更贵，${result.less} 笔更便宜；收入变化 ${signed(result.afterFen - result.beforeFen)}。`;
    return isEnglish
      ? `Version ${version} changes ${changes.length} values (${changed}). ${stages.join('; ')}. ${rehearsed}`
      : `版本 ${version} 变更 ${changes.length} 项（${changed}）。${stages.join('；')}。${rehearsed}`;
  };
  return { en: inLanguage('en'), zh: inLanguage('zh') };
}
