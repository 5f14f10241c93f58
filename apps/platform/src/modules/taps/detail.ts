/** One tap in full: what happened, how it was proved and priced, what it moved, in words and in bytes. */

import { maskPan, toHex } from '@polycard/bytes';
import { tagName } from '@polycard/emv';
import { CUP_TERMINAL, describeMessage, unpackMessage } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { issuerKeyLabel } from '../../region.ts';
import type { TapRow, Words } from '../api-types.ts';
import { CRYPTOGRAM_TAGS, cryptogramInput } from '../clearing/cryptogram.ts';
import type { ClearingData, IndustryData } from '../clearing/uploaded-tap.ts';
import { loadNames, type Names } from '../names.ts';
import type { TapDetail } from './api.ts';
import { decodeRecordImages } from './decode-records.ts';
import { loadDialogue } from './dialogue.ts';
import { selectTapRows, tapRow } from './rows.ts';

export async function tapDetail(context: PlatformContext, id: string): Promise<TapDetail> {
  const { database } = context.store;
  const [row, stored] = await Promise.all([
    selectTapRows(database).where('tap.id', '=', id).executeTakeFirst(),
    database.selectFrom('tap').selectAll().where('id', '=', id).executeTakeFirst(),
  ]);
  if (row === undefined || stored === undefined) throw problem('POLYCARD_TAP_UNKNOWN', `there is no tap ${id}`, 'id');
  const [exceptions, postings, dialogue, card, names] = await Promise.all([
    database.selectFrom('exception').selectAll().where('tap_id', '=', id).orderBy('opened_at').execute(),
    database.selectFrom('posting').selectAll().where('tap_id', '=', id).orderBy('entry_id').orderBy('line').execute(),
    loadDialogue(context, id),
    database.selectFrom('card').select(['issuer_id']).where('token', '=', stored.card_token).executeTakeFirst(),
    loadNames(context),
  ]);
  const entry = await entryOf(context, stored, names);
  const industry = stored.industry_data as IndustryData;
  const clearing = stored.fare as TapDetail['fare']['clearing'] | null;
  const tap = tapRow(row, names);
  return {
    tap,
    headline: headline(tap, names),
    next: NEXT_STEP[tap.state],
    timeline: timeline(stored, exceptions),
    ...(entry === undefined ? {} : { entry }),
    dialogue,
    fare: {
      gateFen: stored.charged_fen,
      ...(clearing === null || clearing === undefined ? {} : { clearing }),
      agrees: clearing === null || clearing === undefined ? null : clearing.chargeFen === stored.charged_fen,
    },
    cryptogram: cryptogramOf(context, stored, card?.issuer_id),
    exceptions: exceptions.map((exception) => ({
      id: exception.id,
      reason: exception.reason as TapRow['exceptions'][number],
      explanation: { en: exception.explanation_en, zh: exception.explanation_zh },
      state: exception.state,
      openedAt: exception.opened_at.toISOString(),
    })),
    postings: postings.map((posting) => ({
      entryId: posting.entry_id,
      account: posting.account,
      party: names.party(posting.party_id),
      amountFen: posting.amount_fen,
      what: purpose(context, posting.what),
    })),
    records: decodeRecordImages(context.region, industry.records),
    message: messageOf(context, id, stored.frame_sealed),
  };
}

type StoredTap = {
  card_token: string;
  clearing_data: unknown;
  cryptogram: TapRow['cryptogram'];
  application_cryptogram: string;
  atc: number;
};

function cryptogramOf(
  { region }: PlatformContext,
  stored: StoredTap,
  issuerId: string | undefined,
): TapDetail['cryptogram'] {
  const data = stored.clearing_data as ClearingData;
  const tree = region.issuerTree('application-cryptogram');
  let versions = { cvn: '', cvr: '' };
  try {
    const { cvn, cvr } = cryptogramInput(data);
    versions = { cvn: toHex(Uint8Array.of(cvn)), cvr: toHex(cvr) };
  } catch {
    // the exception list says what is missing; here the fields stay empty
  }
  return {
    state: stored.cryptogram,
    applicationCryptogram: stored.application_cryptogram,
    atc: stored.atc.toString(16).toUpperCase().padStart(4, '0'),
    unpredictableNumber: data['9F37'] ?? '',
    cryptogramVersion: versions.cvn,
    cardVerificationResults: versions.cvr,
    inputs: CRYPTOGRAM_TAGS.map((tag) => ({ tag, name: tagName(tag), hex: data[tag] ?? '' })),
    keyLabel: issuerId === undefined ? tree.label : issuerKeyLabel(issuerId, tree.label),
    keyPath: [
      `${issuerId ?? ''} ${tree.label} (${tree.algorithm})`,
      ...tree.dispersion.map((level) => `${level.level}: ${level.factor}`),
      `session: ATC ${stored.atc}`,
    ],
  };
}

async function entryOf(
  context: PlatformContext,
  stored: { kind: string; card_token: string; entry_at: string | null; entry_place_code: string | null },
  names: Names,
) {
  if (!['exit', 'alighting'].includes(stored.kind) || stored.entry_at === null) return undefined;
  const entry = await context.store.database
    .selectFrom('tap')
    .select(['id'])
    .where('card_token', '=', stored.card_token)
    .where('kind', '=', stored.kind === 'exit' ? 'entry' : 'boarding')
    .where('at', '=', stored.entry_at)
    .executeTakeFirst();
  const place = names.place(stored.entry_place_code)?.name;
  return {
    at: stored.entry_at,
    ...(place === undefined ? {} : { place }),
    ...(entry === undefined ? {} : { tapId: entry.id }),
  };
}

function messageOf(context: PlatformContext, id: string, sealed: Uint8Array): TapDetail['message'] {
  const message = unpackMessage(CUP_TERMINAL, context.vault.open(sealed, `tap:${id}`));
  const pan = message.required(2);
  const masked = maskPan(pan);
  // digits stand packed: an odd number has a filler behind it
  const hex = toHex(message.bytes).replaceAll(pan, masked);
  return {
    hex,
    fields: describeMessage(message).map((field) => ({ ...field, hex: field.hex.replaceAll(pan, masked) })),
  };
}

const NEXT_STEP: Readonly<Record<TapRow['state'], Words>> = {
  received: { en: 'Durable; clearing will prove and price it.', zh: '已入库，等待清分验证与计价。' },
  cleared: {
    en: 'Proved, priced and posted; it settles when its day is closed.',
    zh: '已验证、计价、记账；日终关闭后结算。',
  },
  suspended: { en: 'Not posted: somebody has to decide on its exception.', zh: '未记账：须人工处理其异常。' },
  settled: {
    en: 'In the net positions of its closed day; nothing more to do.',
    zh: '已计入关闭日的净额，无需再处理。',
  },
};

const STATE_WORDS: Readonly<Record<TapRow['state'], Words>> = {
  received: { en: 'received', zh: '已接收' },
  cleared: { en: 'proved and posted', zh: '已验证并记账' },
  suspended: { en: 'suspended', zh: '已挂起' },
  settled: { en: 'settled', zh: '已结算' },
};

function headline(tap: TapRow, names: Names): Words {
  const where = tap.place?.name ?? { en: tap.operator.name.en, zh: tap.operator.name.zh };
  const yuan = `¥${(tap.chargedFen / 100).toFixed(2)}`;
  const cardClass = names.cardClass(tap.cardClass);
  const off = tap.baseFen !== undefined && tap.baseFen > tap.chargedFen ? (tap.baseFen - tap.chargedFen) / 100 : 0;
  const kind: Record<TapRow['kind'], Words> = {
    entry: { en: `Entry at ${where.en}`, zh: `${where.zh}进站` },
    exit: { en: `Exit at ${where.en}, ${yuan}`, zh: `${where.zh}出站，${yuan}` },
    boarding: { en: `Boarding of route ${where.en}, ${yuan}`, zh: `${where.zh} 上车，${yuan}` },
    counter: { en: 'Visit at the service counter', zh: '服务网点更新' },
    purchase: { en: `Purchase at ${where.en}, ${yuan}`, zh: `${where.zh}消费，${yuan}` },
    alighting: { en: `Alighting at ${where.en}, ${yuan}`, zh: `${where.zh}下车，${yuan}` },
  };
  const saved =
    off > 0 ? { en: ` after ¥${off.toFixed(2)} off`, zh: `（优惠 ¥${off.toFixed(2)}）` } : { en: '', zh: '' };
  const withClass =
    tap.kind === 'counter' || tap.kind === 'purchase'
      ? { en: '', zh: '' }
      : { en: `, ${cardClass.en.toLowerCase()} card`, zh: `，${cardClass.zh}` };
  const state = STATE_WORDS[tap.state];
  return {
    en: `${kind[tap.kind].en}${saved.en}${withClass.en}, ${state.en}`,
    zh: `${kind[tap.kind].zh}${saved.zh}${withClass.zh}，${state.zh}`,
  };
}

function timeline(
  stored: {
    at: string;
    received_at: Date;
    cleared_at: Date | null;
    cryptogram: string;
    state: string;
    terminal_no: string;
  },
  exceptions: readonly { reason: string; opened_at: Date }[],
): TapDetail['timeline'] {
  return [
    {
      at: stored.at,
      what: {
        en: `Card tapped at terminal ${stored.terminal_no} (local time)`,
        zh: `卡片在终端 ${stored.terminal_no} 刷卡（本地时间）`,
      },
    },
    { at: stored.received_at.toISOString(), what: { en: 'Upload durable on the platform', zh: '平台已持久保存上送' } },
    ...(stored.cleared_at === null
      ? []
      : [
          {
            at: stored.cleared_at.toISOString(),
            what:
              stored.cryptogram === 'verified'
                ? { en: 'Cryptogram verified, fare recomputed', zh: '交易证书验证通过，票价已复核' }
                : { en: 'Cryptogram not verified', zh: '交易证书未通过验证' },
          },
        ]),
    ...exceptions.map((exception) => ({
      at: exception.opened_at.toISOString(),
      what: { en: `Exception opened: ${exception.reason}`, zh: `登记异常：${exception.reason}` },
    })),
  ];
}

function purpose({ region }: PlatformContext, what: string): Words {
  if (what === 'fare') return { en: 'Fare', zh: '票款' };
  return region.blueprint.settlement.fees.find((fee) => fee.id === what)?.name ?? { en: what, zh: what };
}
