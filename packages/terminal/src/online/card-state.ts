/**
 * What a card says of its electronic cash before a load: balance, allowance used, and the load log, which names the
 * transaction counter of every load. From the log follows what became of a load whose end nobody saw.
 */
import { SW_9000_SUCCESS } from '@polycard/bytes';
import { type LoadLog, parseLoadLog } from '@polycard/emv';
import type { CardLine } from '../contact/card-line.ts';
import { amountOf } from '../contact/risk.ts';
import { selectContactApplication } from '../contact/select.ts';
import { fromCard, refuse } from '../kernel/outcome.ts';
import type { OpenLoad } from './online-store.ts';

export interface CardState {
  /** By the PDOL: only a contactless one asks for 9F66. */
  readonly isContactless: boolean;
  /** 9F79 and DF63, fen. */
  readonly balanceFen: number;
  readonly allowanceUsedFen: number;
  readonly log: LoadLog | undefined;
  /** The log as the card gave it, with its MAC. */
  readonly logBytes: Uint8Array | undefined;
}

/** SFI 0C, P1 = 00: the whole log under a MAC (PBOC 3.0 Part 13, as publicly described). */
const LOAD_LOG_P2 = (0x0c << 3) | 0x04;

/** Throws a refusal for a card without electronic cash. */
export async function readCardState(line: CardLine, aids: readonly Uint8Array[]): Promise<CardState> {
  const { pdol } = await selectContactApplication(line, aids);
  const balanceFen = amountOf(await line.getData(0x9f, 0x79)) ?? refuse('card-data', 'the card has no balance (9F79)');
  const allowanceUsedFen = amountOf(await line.getData(0xdf, 0x63)) ?? 0;
  const { sw, data } = await line.send({ cla: 0x00, ins: 0xb2, p1: 0x00, p2: LOAD_LOG_P2 });
  const logBytes = sw === SW_9000_SUCCESS ? data.slice() : undefined;
  return {
    isContactless: pdol.some(({ tag }) => tag === '9F66'),
    ...{ balanceFen, allowanceUsedFen, logBytes },
    log: logBytes === undefined ? undefined : fromCard(() => parseLoadLog(logBytes)),
  };
}

/** What became of a load whose script was sent; `unclear` where the card keeps no log and its balance is neither. */
export function endOfLoad(load: OpenLoad, { log, balanceFen }: CardState): 'loaded' | 'not-loaded' | 'unclear' {
  if (log !== undefined) return log.entries.some(({ atc }) => atc === load.atc) ? 'loaded' : 'not-loaded';
  if (balanceFen === load.balanceBeforeFen + load.amountFen) return 'loaded';
  return balanceFen === load.balanceBeforeFen ? 'not-loaded' : 'unclear';
}
