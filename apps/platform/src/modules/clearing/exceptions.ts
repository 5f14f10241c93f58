/** Exceptions with their explanation in words. An exception never vanishes: it is open or resolved, and stays. */
import type { ClosedRide, TornVerdict } from '@polycard/terminal';
import type { ExceptionReason, Words } from '../api-types.ts';

export interface NewException {
  readonly id: string;
  readonly reason: ExceptionReason;
  readonly tapId: string | null;
  readonly cardToken: string | null;
  readonly terminalNo: string;
  readonly businessDate: string;
  readonly explanation: Words;
}

const TORN_EVIDENCE: Readonly<Record<string, Words>> = {
  twin: { en: 'the card came back to its terminal and proved it', zh: '卡片返回原终端并证明' },
  proof: { en: 'as the card proved on a later visit', zh: '卡片再次使用时证明' },
  balance: { en: 'as the balance at its next tap shows', zh: '下一笔交易余额证明' },
  record: { en: 'as its next tap says', zh: '下一笔交易记录证明' },
};

const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`;

/** As many numbers as a line holds. */
function list(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 20).join(', ');
  if (numbers.length === 0) return '–';
  return numbers.length > 20 ? `${shown} … (${numbers.length})` : shown;
}

export const EXPLANATIONS = {
  format: (problem: string): Words => ({
    en: `The upload cannot be read: ${problem}`,
    zh: `上送数据无法解析：${problem}`,
  }),
  unknownTerminal: (terminalNo: string): Words => ({
    en: `Terminal ${terminalNo} is not enrolled`,
    zh: `终端 ${terminalNo} 未登记`,
  }),
  unknownCard: (): Words => ({ en: 'No card with this number was issued here', zh: '本平台未发行此卡号' }),
  duplicate: (firstTapId: string): Words => ({
    en: `The same card transaction was uploaded before, as tap ${firstTapId}`,
    zh: `同一笔卡交易已上送，见交易 ${firstTapId}`,
  }),
  gap: (from: number, to: number): Words => ({
    en:
      from === to
        ? `The terminal's transaction ${from} is missing`
        : `The terminal's transactions ${from} to ${to} are missing`,
    zh: from === to ? `缺少终端交易序号 ${from}` : `缺少终端交易序号 ${from} 至 ${to}`,
  }),
  torn: (): Words => ({
    en: 'The card left before it answered and did not come back: nobody knows whether it paid; its balance will tell',
    zh: '卡片未应答即离开且未返回：是否已扣款未知，待查卡片余额',
  }),
  tornResolved: (outcome: TornVerdict['outcome'], by: string, chargedFen: number): Words => {
    const how = TORN_EVIDENCE[by] ?? { en: by, zh: by };
    switch (outcome) {
      case 'committed':
        return { en: `Resolved: it was paid, ${how.en}`, zh: `已查明：已扣款（${how.zh}）` };
      case 'not-committed':
        return { en: `Resolved: nothing was paid, ${how.en}`, zh: `已查明：未扣款（${how.zh}）` };
      case 'superseded':
        return {
          en: 'Resolved: it cost nothing and the card began anew afterwards',
          zh: '已查明：该笔不收费，卡片其后重新进站',
        };
      case 'refund-due':
        return {
          en: `It was paid for a ride that never began, ${how.en}: ${yuan(chargedFen)} is to be returned to the card`,
          zh: `已扣款但未乘车（${how.zh}）：应退还 ${yuan(chargedFen)}`,
        };
    }
  },
  cryptogram: (refusal?: string): Words =>
    refusal === undefined
      ? {
          en: 'The cryptogram does not verify under the card key: the data were changed or the card is not genuine',
          zh: '交易证书验证失败：数据被改动或卡片非真',
        }
      : { en: `The cryptogram cannot be verified: ${refusal}`, zh: `交易证书无法验证，密钥不可用：${refusal}` },
  fareDiffers: (gateFen: number, clearingFen: number): Words => ({
    en: `The terminal charged ${yuan(gateFen)}, the tariff gives ${yuan(clearingFen)}`,
    zh: `终端收取 ${yuan(gateFen)}，按票价规则应为 ${yuan(clearingFen)}`,
  }),
  versionUnknown: (version: string): Words => ({
    en: `The tap was charged under version ${version}, which was never given to terminals`,
    zh: `交易按版本 ${version} 计价，该版本从未下发`,
  }),
  versionUnexpected: (version: string, expected: string | undefined): Words => ({
    en: `The tap was charged under version ${version}; the terminal should have used ${expected ?? 'another'} then`,
    zh: `交易按版本 ${version} 计价，终端当时应使用 ${expected ?? '其他版本'}`,
  }),
  fareUnknown: (problem: string): Words => ({
    en: `The fare cannot be computed: ${problem}`,
    zh: `无法计算票价：${problem}`,
  }),
  missingTapOff: ({
    route,
    boardingStop,
    at,
    fareFen,
  }: Pick<ClosedRide, 'route' | 'boardingStop' | 'at' | 'fareFen'>): Words => ({
    en: `Boarded route ${route} at stop ${boardingStop} at ${at} and did not tap off: ${yuan(fareFen)} is owed`,
    zh: `${at} 在 ${boardingStop} 站上 ${route} 路，下车未刷卡：欠费 ${yuan(fareFen)}`,
  }),
  tapOffArrived: (): Words => ({
    en: 'Resolved: a later upload ended the ride',
    zh: '已查明：后到的上送已结束该行程',
  }),
  loadUntold: (load: {
    readonly terminalNo: string;
    readonly batchNo: number;
    readonly traceNo: number;
    readonly amountFen: number;
    readonly businessDate: string;
  }): Words => ({
    en: `A load of ${yuan(load.amountFen)} was granted on ${load.businessDate} at terminal ${load.terminalNo} (batch ${load.batchNo}, trace ${load.traceNo}) and nobody told whether the card took it: it stays booked. Dock the terminal for its script result or reversal, or load the card again at any counter: its load log tells`,
    zh: `${load.businessDate} 终端 ${load.terminalNo}（批次 ${load.batchNo}，流水号 ${load.traceNo}）圈存 ${yuan(load.amountFen)} 已批准，卡片是否入账未知，账务暂按已圈存处理。请让该终端联机上送脚本结果或冲正，或待该卡在任一柜台再次圈存时由卡内圈存日志查明`,
  }),
  loadTold: (isLoaded: boolean): Words =>
    isLoaded
      ? { en: 'Resolved: the card took it, the load stands', zh: '已查明：卡片已入账，圈存有效' }
      : { en: 'Resolved: the card did not take it, the load is taken back', zh: '已查明：卡片未入账，圈存已撤回' },
  amountDiffers: (messageFen: number, cardFen: number): Words => ({
    en: `The message says ${yuan(messageFen)}, the card signed ${yuan(cardFen)}`,
    zh: `报文金额 ${yuan(messageFen)}，卡片签署金额 ${yuan(cardFen)}`,
  }),
  recordDiffers: (chargedFen: number, claimedFen: number): Words => ({
    en: `The operator's record says ${yuan(claimedFen)}, the card was charged ${yuan(chargedFen)}`,
    zh: `运营商记录为 ${yuan(claimedFen)}，卡片实扣 ${yuan(chargedFen)}`,
  }),
  mac: (traceNo: string): Words => ({
    en: `A message with trace ${traceNo} had a wrong MAC and was refused`,
    zh: `流水号 ${traceNo} 的报文 MAC 错误，已拒绝`,
  }),
  batchTotals: (terminalCount: number, hostCount: number): Words => ({
    en: `At settlement the terminal had ${terminalCount} taps, the platform ${hostCount}`,
    zh: `结算时终端 ${terminalCount} 笔，平台 ${hostCount} 笔`,
  }),
  batchAgrees: (count: number): Words => ({
    en: `After the batch upload both have the same ${count}`,
    zh: `批上送后双方一致，共 ${count} 笔`,
  }),
  batchDetails: (atTerminal: readonly number[], atHost: readonly number[], differ: readonly number[]): Words => ({
    en: `Batch upload: only the terminal has traces ${list(atTerminal)}; only the platform ${list(atHost)}; other amounts ${list(differ)}`,
    zh: `批上送：仅终端有流水 ${list(atTerminal)}；仅平台有 ${list(atHost)}；金额不符 ${list(differ)}`,
  }),
} as const;
