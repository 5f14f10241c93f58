/**
 * What can be wrong with a terminal while it works, each with its name, what it does then and how it ends. The table is
 * the definition: the terminal acts by it, docs/terminal.md and screens show it.
 */
import type { RefusalReason } from '../kernel/outcome.ts';

export type ConditionName =
  | 'parameters-missing'
  | 'parameters-too-old'
  | 'list-too-old'
  | 'clock-wrong'
  | 'journal-full'
  | 'not-signed-in'
  | 'mac-refused'
  | 'answer-not-trusted'
  | 'refresh-failed'
  | 'host-silent';

interface Words {
  readonly en: string;
  readonly zh: string;
}

export interface ConditionDefinition {
  readonly name: ConditionName;
  readonly when: Words;
  readonly behaviour: Words;
  readonly ends: Words;
  /** Taps are refused with this reason while it lasts; undefined: taps go on, offline. */
  readonly refusesTaps: RefusalReason | undefined;
}

/** In order of weight: the first one that refuses taps is the reason given. */
export const CONDITIONS: readonly ConditionDefinition[] = [
  {
    name: 'parameters-missing',
    when: { en: 'A set of parameters was never downloaded, or cannot be read', zh: '参数未下载或无法读取' },
    behaviour: { en: 'Taps are refused; sign-in and download go on', zh: '拒绝刷卡；继续签到与下载' },
    ends: { en: 'All sets are here', zh: '参数齐全' },
    refusesTaps: 'parameters-missing',
  },
  {
    name: 'parameters-too-old',
    when: {
      en: 'The host has not confirmed the parameters for longer than parametersMaxAgeHours of the profile',
      zh: '参数超过终端类型规定的最长时限未经主机确认',
    },
    behaviour: {
      en: 'Taps are refused: nobody pays by a tariff that may be over',
      zh: '拒绝刷卡：不按可能已失效的票价收费',
    },
    ends: { en: 'A download, also one that brings nothing newer', zh: '下载参数（无更新也可）' },
    refusesTaps: 'parameters-too-old',
  },
  {
    name: 'list-too-old',
    when: { en: 'The deny list is older than its rule allows', zh: '黑名单超过规定时限' },
    behaviour: {
      en: 'As the rule of the list says: small amounts, base fares or nothing; the tap states the version of its list',
      zh: '按名单规则处理：限小额、限基本票价或拒绝；交易记录名单版本',
    },
    ends: { en: 'A newer list', zh: '更新名单' },
    refusesTaps: undefined,
  },
  {
    name: 'clock-wrong',
    when: {
      en: 'The clock differs from fields 12 and 13 of an answer by more than clockToleranceSeconds',
      zh: '时钟与主机应答域12、13相差超过允许值',
    },
    behaviour: {
      en: 'The clock is set where the device allows it; else taps are refused, since fares, transfers and days depend on it',
      zh: '设备允许时自动校时；否则拒绝刷卡',
    },
    ends: { en: 'The next answer agrees with the clock', zh: '下一应答时间一致' },
    refusesTaps: 'clock-wrong',
  },
  {
    name: 'journal-full',
    when: { en: 'journalMax taps wait for upload', zh: '待上传交易达到上限' },
    behaviour: {
      en: 'New taps are refused before GPO; torn taps are still resolved',
      zh: '在 GPO 前拒绝新交易；仍处理闪卡',
    },
    ends: { en: 'An upload', zh: '上传交易' },
    refusesTaps: 'journal-full',
  },
  {
    name: 'not-signed-in',
    when: {
      en: 'There are no working keys, or the host answers 97 to what they sealed',
      zh: '无工作密钥，或主机应答97',
    },
    behaviour: {
      en: 'Taps go on offline; an upload signs in again first and seals its message with the new keys',
      zh: '继续脱机刷卡；上传前重新签到',
    },
    ends: { en: 'A sign-in', zh: '签到成功' },
    refusesTaps: undefined,
  },
  {
    name: 'mac-refused',
    when: { en: 'The host answers A0 to a message sent twice', zh: '主机两次应答A0（MAC错）' },
    behaviour: {
      en: 'One new sign-in, then the message again; if that is refused too the upload stops, the taps stay in the journal',
      zh: '重新签到后再发一次；仍拒绝则停止上传，交易保留',
    },
    ends: { en: 'An upload is accepted', zh: '上传成功' },
    refusesTaps: undefined,
  },
  {
    name: 'answer-not-trusted',
    when: {
      en: "The host's answer carries a wrong MAC, none, or answers another message",
      zh: '应答MAC错误、缺失或应答不符',
    },
    behaviour: {
      en: 'It is not believed: the tap stays, one new sign-in, the message again; then the upload stops',
      zh: '不采信；交易保留，重新签到后再发一次，仍不可信则停止上传',
    },
    ends: { en: 'An upload is accepted', zh: '上传成功' },
    refusesTaps: undefined,
  },
  {
    name: 'refresh-failed',
    when: {
      en: 'Asked for newer parameters, lists or orders (each refreshMinutes of the profile), the host refuses or sends what cannot be used',
      zh: '按 refreshMinutes 定期请求新参数、名单或命令时，主机拒绝或内容不可用',
    },
    behaviour: {
      en: 'What is held stays in force and grows older, by its own rules; asked again when the interval is over',
      zh: '沿用现有内容，按各自时限规则处理；到期再次请求',
    },
    ends: { en: 'A refresh that works', zh: '更新成功' },
    refusesTaps: undefined,
  },
  {
    name: 'host-silent',
    when: { en: 'No line, or no answer, within the patience of the line', zh: '在规定时间内无法连接或无应答' },
    behaviour: {
      en: 'Taps go on offline until the journal is full; the work is tried again later',
      zh: '继续脱机刷卡直至流水满；稍后重试',
    },
    ends: { en: 'Any answer', zh: '收到任何应答' },
    refusesTaps: undefined,
  },
];

const BY_NAME = new Map(CONDITIONS.map((definition) => [definition.name, definition]));

export interface Condition {
  readonly name: ConditionName;
  /** What exactly: an answer code, an age, a difference. */
  readonly detail: string;
  /** Local time YYYYMMDDhhmmss when it began; empty without a clock. */
  readonly since: string;
}

/** What is wrong now. */
export class Conditions {
  readonly #now = new Map<ConditionName, Condition>();
  readonly #changed: () => void;

  constructor(changed: () => void = () => undefined) {
    this.#changed = changed;
  }

  get list(): readonly Condition[] {
    return [...this.#now.values()];
  }

  has(name: ConditionName): boolean {
    return this.#now.has(name);
  }

  /** What refuses taps now, by weight. */
  get refusing(): { readonly reason: RefusalReason; readonly condition: Condition } | undefined {
    for (const { name, refusesTaps } of CONDITIONS) {
      const condition = this.#now.get(name);
      if (refusesTaps !== undefined && condition !== undefined) return { reason: refusesTaps, condition };
    }
    return undefined;
  }

  begin(name: ConditionName, detail: string, since: string): void {
    if (!BY_NAME.has(name) || this.#now.get(name)?.detail === detail) return;
    this.#now.set(name, { name, detail, since: this.#now.get(name)?.since ?? since });
    this.#changed();
  }

  end(...names: readonly ConditionName[]): void {
    const ended = names.filter((name) => this.#now.delete(name));
    if (ended.length > 0) this.#changed();
  }

  restore(conditions: readonly Condition[]): void {
    for (const condition of conditions) this.#now.set(condition.name, condition);
  }
}
