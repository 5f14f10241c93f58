/** A card that the host's issuer knows, for online cases: what field 55 says of a purchase it has just approved. */
import {
  encodeTlvs,
  findTlv,
  fromHex,
  PolycardError,
  parseDol,
  parseResponse,
  parseTlv,
  tlvMap,
  toHex,
} from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { panOfTrack2 } from '@polycard/emv';
import { makeSale } from '@polycard/terminal';
import type { TestCard } from '../card/test-card.ts';

export interface KitCard {
  readonly card: TestCard;
  readonly random: RandomSource;
}

/** Fields 2 and 55 of an online message. */
export interface ChipData {
  readonly pan: string;
  readonly field55: Uint8Array;
}

const TERMINAL = {
  ...{ ttq: fromHex('28000080'), capabilities: fromHex('0008C8'), terminalType: fromHex('22') },
  ...{ country: '156', currency: '156' },
};
const SELECT = 0xa4;
const GET_PROCESSING_OPTIONS = 0xa8;
/** After CLA INS P1 P2 Lc, and tag 83 with a length of one byte. */
const VALUES_AT = 7;
const PROVING = ['9F26', '9F10', '9F36', '82', '5F34', '9F37', '95', '9A', '9C', '9F02', '9F03', '5F2A', '9F1A'];

/** Throws `POLYCARD_CONFORM_CARD` when the card approves nothing. */
export function chipData({ card, random }: KitCard, amountFen: number, at: string): ChipData {
  card.reset();
  const { exchanges, reason } = makeSale(
    card,
    TERMINAL,
    { amountFen, at },
    { caKeys: new Map(), random, monotonicUs: () => 0 },
  );
  const gpoAt = exchanges.findIndex(({ command }) => command[1] === GET_PROCESSING_OPTIONS);
  const gpo = exchanges[gpoAt];
  const selected = exchanges.slice(0, Math.max(gpoAt, 0)).findLast(({ command }) => command[1] === SELECT);
  if (gpo === undefined || selected === undefined)
    throw new PolycardError('POLYCARD_CONFORM_CARD', `the kit's card approved nothing: ${reason}`, { where: 'GPO' });
  const objects = new Map(tlvMap(parseTlv(parseResponse(gpo.response).data)));
  const pdol = findTlv(parseTlv(parseResponse(selected.response).data), '9F38') ?? new Uint8Array(0);
  let start = VALUES_AT;
  for (const { tag, lengthBytes: length } of parseDol(pdol, 'PDOL')) {
    objects.set(tag, gpo.command.subarray(start, start + length));
    start += length;
  }
  const track2 = objects.get('57');
  const pan = track2 === undefined ? undefined : panOfTrack2(track2);
  if (pan === undefined)
    throw new PolycardError(
      'POLYCARD_CONFORM_CARD',
      `track 2 of the kit's card is ${track2 === undefined ? 'missing' : `${toHex(track2).length} digits of something else`}`,
    );
  const field55 = encodeTlvs(PROVING.flatMap((tag) => (objects.has(tag) ? [[tag, objects.get(tag)!] as const] : [])));
  return { pan, field55 };
}
