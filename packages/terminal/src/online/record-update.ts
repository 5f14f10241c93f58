/**
 * A record of an industry rewritten at a counter without a PSAM (行业信息更新): a transaction of amount 0, in which the
 * platform's vault makes the finished UPDATE CAPP DATA CACHE. The card takes it with the last record of its AFL or not at
 * all (PBOC 3.0 Part 14, as publicly described); torn, what it holds tells when it is held to the counter again.
 */
import {
  type CardChannel,
  equalBytes,
  parseTlv,
  SW_6988_MAC_INCORRECT,
  SW_9000_SUCCESS,
  swHex,
  tlvMap,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { CAPP_INDICATOR } from '@polycard/emv';
import { BUSINESS_TAG } from '@polycard/iso8583';
import type { TerminalConfiguration, TerminalRecord } from '../configuration.ts';
import { readCappRecord } from '../kernel/capp.ts';
import { decide } from '../kernel/decision.ts';
import { CardSession } from '../kernel/exchange.ts';
import { initiate, type Transaction } from '../kernel/initiate.ts';
import { fromCard, refuse } from '../kernel/outcome.ts';
import { emptyApplicationData, parseAfl, readLastRecord, readRecord } from '../kernel/read-application-data.ts';
import { selectApplication } from '../kernel/select.ts';
import { IndustryLine, type Objects } from './industry-line.ts';
import type { OnlineLine } from './online-line.ts';

export interface RecordUpdateRequest {
  readonly application: string;
  readonly record: TerminalRecord;
  /** Values of the fields that change. */
  readonly change: Readonly<Record<string, string | number>>;
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
}

export interface UpdatedRecord {
  readonly pan: string;
  readonly atc: number;
  /** The record stood so already: nothing was written now. */
  readonly recovered: boolean;
}

export interface RecordUpdateDependencies {
  readonly line: OnlineLine;
  readonly random: RandomSource;
  readonly configuration: TerminalConfiguration;
  /** 0200 of what was done: told now or before the next business. */
  readonly owe: (message: ReturnType<IndustryLine['message']>) => void;
}

/** Throws refusals, `HostRefusal`, and `POLYCARD_CHANNEL_CARD_LOST`. */
export async function updateRecordOnline(
  channel: CardChannel,
  { application, record, change, at }: RecordUpdateRequest,
  dependencies: RecordUpdateDependencies,
): Promise<UpdatedRecord> {
  const { configuration, random } = dependencies;
  const session = new CardSession(channel, () => 0);
  const selected = selectApplication(session);
  const before = readCappRecord(session, record).slice();
  const after = record.codec.encode(change, before);
  const transaction = initiate(session, selected, configuration, {
    ...{ amountFen: 0, cappIndicator: CAPP_INDICATOR.segmentDeduction, at, unpredictableNumber: random(4) },
  });
  const { pan, psn, atc } = transaction;
  const line = new IndustryLine(dependencies.line, { pan, psn, isContactless: true }, 'industry-record-update');
  const objects: Objects = [
    [BUSINESS_TAG.record, Uint8Array.of(record.sfi, ...record.codec.recordId!)],
    [BUSINESS_TAG.atc, Uint8Array.of(atc >> 8, atc & 0xff)],
    [BUSINESS_TAG.contentBefore, before],
    [BUSINESS_TAG.content, after],
  ];
  if (equalBytes(before, after)) {
    dependencies.owe(line.message(application, 'found', objects));
    return { pan, atc, recovered: true };
  }
  decide(transaction, { amountFen: 0, at });
  // made before the card commits: the number and the words of what is told do not depend on what happens then
  const done = line.message(application, 'done', objects);
  await update(session, line, application, objects);
  commit(session, transaction);
  dependencies.owe(done);
  return { pan, atc, recovered: false };
}

/** Under the newest management key first; the card refuses the MAC of another and waits for the right one. */
async function update(session: CardSession, line: IndustryLine, application: string, objects: Objects): Promise<void> {
  for (let part = 1, parts = 1; part <= parts; part++) {
    const asked = line.message(application, 'command', [[BUSINESS_TAG.part, Uint8Array.of(part)], ...objects]);
    const answer = tlvMap(parseTlv(await line.ask(asked), 'F57'));
    const command = answer.get(BUSINESS_TAG.command) ?? refuse('declined', 'the host gives no command');
    parts = answer.get(BUSINESS_TAG.parts)?.[0] ?? 1;
    const { sw } = session.sendBytes('update-capp', command);
    if (sw === SW_9000_SUCCESS) return;
    if (sw !== SW_6988_MAC_INCORRECT || part === parts)
      refuse('update-refused', `UPDATE CAPP DATA CACHE answered ${swHex(sw)}`);
  }
}

function commit(session: CardSession, { cardData }: Transaction): void {
  const addresses = fromCard(() => parseAfl(cardData.get('94') ?? refuse('declined', 'the GPO answer lacks the AFL')));
  const data = emptyApplicationData();
  for (const address of addresses.slice(0, -1)) readRecord(session, address, data);
  const last = readLastRecord(session, addresses.at(-1)!);
  if (last.state !== 'committed') refuse('commit-refused', `the last READ RECORD answered ${swHex(last.sw)}`);
}
