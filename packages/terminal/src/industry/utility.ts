/**
 * Prepaid water, electricity and gas: an order bought at a counter, taken by the meter, read back. Reference industries.md
 * §1.4 (counter), §1.5 (meter), §1.7 (what may be done when an order was not taken); file names are the blueprint's.
 */

import type { RecordCodec } from '@polycard/blueprint';
import { concat } from '@polycard/bytes';
import { constantTimeEqual } from '@polycard/crypto';
import { fromCard } from '../kernel/outcome.ts';
import type { IndustryClient } from './industry-client.ts';

export interface UtilityCodecs {
  readonly account: RecordCodec;
  readonly order: RecordCodec;
  readonly writeBack: RecordCodec;
  readonly purchase: RecordCodec;
}

/** MACs inside the data: of an order, of a write-back. */
const ORDER_MAC_BYTES = 4;

/** What the counter reads before it sells. */
export interface UtilityCard {
  readonly meterNo: string;
  readonly customerNo: string;
  readonly orderId: string;
  readonly purchaseSequence: number;
  readonly cumulativeFen: number;
  readonly replaceCount: number;
  /** Of the write-back: the meter took this order last; `written` false until it has been inserted since the sale. */
  readonly acceptedSequence: number;
  readonly written: boolean;
  readonly remainingFen: number;
  /** The write-back as read: its MAC is the meter's and the host checks it (`isWriteBackGenuine`). */
  readonly writeBack: Uint8Array;
}

/** Signed, as the write-back holds what remains. */
const signed = (value: number): number => value | 0;

export function readUtilityCard(client: IndustryClient, codecs: UtilityCodecs): UtilityCard {
  const account = valuesOf(client, 'account', codecs.account);
  const order = valuesOf(client, 'order', codecs.order);
  const writeBack = client.readBinary('write-back');
  const back = fromCard(() => codecs.writeBack.decode(writeBack));
  return {
    meterNo: String(account['meterNumber']),
    customerNo: String(account['customerNumber']),
    orderId: String(order['orderId']),
    purchaseSequence: Number(order['purchaseSequence']),
    cumulativeFen: Number(order['cumulativePurchased']),
    replaceCount: Number(order['replaceCount']),
    acceptedSequence: Number(back['acceptedSequence']),
    written: back['written'] === '01',
    remainingFen: signed(Number(back['remaining'])),
    writeBack,
  };
}

/** The MAC at the end of a write-back, over everything before it, under the purchase-data key of the meter. */
export function isWriteBackGenuine(writeBack: Uint8Array, purchaseDataMac: (input: Uint8Array) => Uint8Array): boolean {
  const end = writeBack.length - ORDER_MAC_BYTES;
  return constantTimeEqual(purchaseDataMac(writeBack.slice(0, end)), writeBack.slice(end));
}

export type SaleVerdict =
  | { readonly verdict: 'sell'; readonly purchaseSequence: number }
  /** The last order has not been taken by the meter: resume it or reverse it, never sell a second one. */
  | { readonly verdict: 'last-order-not-inserted' }
  | { readonly verdict: 'other-meter' }
  | { readonly verdict: 'hoarding'; readonly mostFen: number };

/** The host's checks of §1.4 step 3 that the card decides. */
export function judgeSale(
  card: UtilityCard,
  sale: { readonly meterNo: string; readonly amountFen: number; readonly hoardingLimitFen: number },
): SaleVerdict {
  if (card.meterNo !== sale.meterNo) return { verdict: 'other-meter' };
  if (card.acceptedSequence !== card.purchaseSequence) return { verdict: 'last-order-not-inserted' };
  const mostFen = Math.max(0, sale.hoardingLimitFen - card.remainingFen);
  if (sale.amountFen > mostFen) return { verdict: 'hoarding', mostFen };
  return { verdict: 'sell', purchaseSequence: card.purchaseSequence + 1 };
}

/** An order as the host made it; `orderMac` is under the purchase-data key of the meter, over meter ‖ customer ‖ body. */
export interface UtilityOrder {
  readonly orderId: string;
  readonly purchaseSequence: number;
  readonly amountFen: number;
  readonly cumulativeFen: number;
  /** YYYYMMDDhhmmss. */
  readonly at: string;
  readonly replaceCount: number;
  readonly cardKind: string;
  /** 01 money, 03 refund or zero order. */
  readonly mode: string;
}

/** Bytes of EF04 before its MAC. */
export function orderBody(codec: RecordCodec, order: UtilityOrder): Uint8Array {
  const bytes = codec.encode({
    orderId: order.orderId,
    purchaseSequence: order.purchaseSequence,
    amount: order.amountFen,
    quantity: 0,
    cumulativePurchased: order.cumulativeFen,
    time: order.at,
    mode: order.mode,
    replaceCount: order.replaceCount,
    cardKind: order.cardKind,
  });
  return bytes.slice(0, bytes.length - ORDER_MAC_BYTES);
}

/** What the MAC of an order speaks of: an order fits one meter, one customer and one sequence. */
export function orderMacInput(
  codecs: UtilityCodecs,
  card: Pick<UtilityCard, 'meterNo' | 'customerNo'>,
  order: UtilityOrder,
): Uint8Array {
  const account = codecs.account.encode({ meterNumber: card.meterNo, customerNumber: card.customerNo });
  const field = (name: string): Uint8Array => {
    const { offset, length } = codecs.account.field(name)!;
    return account.slice(offset, offset + length);
  };
  return concat(field('meterNumber'), field('customerNumber'), orderBody(codecs.order, order));
}

/**
 * Order, cleared write-back flag and log entry become true together; gives the card's TAC. A card that left before the
 * answer is read again: with this order's id it has taken it, else the order is written again, without a second payment.
 */
export function writeOrder(
  client: IndustryClient,
  codecs: UtilityCodecs,
  order: UtilityOrder,
  options: { readonly orderMac: Uint8Array; readonly terminalNo: string; readonly type: string },
): Uint8Array {
  client.begin();
  client.updateBinary('order', 0, concat(orderBody(codecs.order, order), options.orderMac));
  const { offset } = codecs.writeBack.field('written')!;
  client.updateBinary('write-back', offset, Uint8Array.of(0x00));
  const { orderId, purchaseSequence, amountFen: amount, at: time } = order;
  const logged = {
    orderId,
    purchaseSequence,
    amount,
    quantity: 0,
    time,
    terminal: options.terminalNo,
    type: options.type,
  };
  client.appendRecord('purchases', codecs.purchase.encode(logged));
  return client.commit();
}

/** What a meter knows. Money is fen; `acceptedSequence` is the last order it took. */
export interface MeterState {
  readonly meterNo: string;
  readonly acceptedSequence: number;
  readonly remainingFen: number;
  readonly cumulativeFen: number;
  readonly replaceCount: number;
  readonly hoardingLimitFen: number;
}

export type InsertionResult =
  | 'accepted'
  | 'nothing-new'
  | 'gap'
  | 'old'
  | 'hoarding'
  | 'wrong-meter'
  | 'mac'
  | 'replaced';

/** Result codes of the write-back. */
export const INSERTION_CODE: Readonly<Record<InsertionResult, string>> = {
  ...{ accepted: '00', 'nothing-new': '01', gap: '02', old: '03', hoarding: '04' },
  ...{ 'wrong-meter': '05', mac: '06', replaced: '07' },
};

/** The meter's decision of §1.5, in its order of checks. */
export function judgeInsertion(
  meter: MeterState,
  card: Pick<UtilityCard, 'meterNo' | 'purchaseSequence' | 'replaceCount'> & { readonly amountFen: number },
  isMacRight: boolean,
): InsertionResult {
  if (card.meterNo !== meter.meterNo) return 'wrong-meter';
  if (!isMacRight) return 'mac';
  if (card.replaceCount < meter.replaceCount) return 'replaced';
  if (card.purchaseSequence === meter.acceptedSequence) return 'nothing-new';
  if (card.purchaseSequence < meter.acceptedSequence) return 'old';
  if (card.purchaseSequence > meter.acceptedSequence + 1) return 'gap';
  return meter.remainingFen + card.amountFen > meter.hoardingLimitFen ? 'hoarding' : 'accepted';
}

/** The meter takes what the card brings and writes back, the flag last of all. Gives the meter as it is then. */
export function insertIntoMeter(
  client: IndustryClient,
  codecs: UtilityCodecs,
  meter: MeterState,
  options: { readonly at: string; readonly purchaseDataMac: (input: Uint8Array) => Uint8Array },
): { readonly result: InsertionResult; readonly meter: MeterState } {
  const account = valuesOf(client, 'account', codecs.account);
  const bytes = client.readBinary('order');
  const order = fromCard(() => codecs.order.decode(bytes));
  const card = {
    meterNo: String(account['meterNumber']),
    customerNo: String(account['customerNumber']),
    purchaseSequence: Number(order['purchaseSequence']),
    replaceCount: Number(order['replaceCount']),
    amountFen: Number(order['amount']),
  };
  const macAt = bytes.length - ORDER_MAC_BYTES;
  const identity = codecs.account.encode({ meterNumber: card.meterNo, customerNumber: card.customerNo });
  const customer = codecs.account.field('customerNumber')!;
  const input = concat(identity.slice(0, customer.offset + customer.length), bytes.slice(0, macAt));
  const isMacRight = constantTimeEqual(options.purchaseDataMac(input), bytes.slice(macAt));
  const result = judgeInsertion(meter, card, isMacRight);
  const after = result !== 'accepted' ? meter : taken(meter, card);
  const back = codecs.writeBack.encode({
    written: '01',
    meterNumber: meter.meterNo,
    customerNumber: card.customerNo,
    acceptedSequence: after.acceptedSequence,
    result: INSERTION_CODE[result],
    remaining: after.remainingFen,
    cumulativePurchased: after.cumulativeFen,
    replaceCount: after.replaceCount,
    writtenAt: options.at,
  });
  back.set(options.purchaseDataMac(back.slice(0, back.length - ORDER_MAC_BYTES)), back.length - ORDER_MAC_BYTES);
  const { offset, length } = codecs.writeBack.field('written')!;
  client.updateBinary('write-back', offset + length, back.slice(offset + length));
  client.updateBinary('write-back', offset, back.slice(offset, offset + length));
  return { result, meter: after };
}

function taken(
  meter: MeterState,
  card: { readonly purchaseSequence: number; readonly amountFen: number; readonly replaceCount: number },
): MeterState {
  return {
    ...meter,
    acceptedSequence: card.purchaseSequence,
    remainingFen: meter.remainingFen + card.amountFen,
    cumulativeFen: meter.cumulativeFen + card.amountFen,
    replaceCount: card.replaceCount,
  };
}

function valuesOf(client: IndustryClient, name: string, codec: RecordCodec): Record<string, number | string> {
  const bytes = client.readBinary(name);
  return fromCard(() => codec.decode(bytes));
}
