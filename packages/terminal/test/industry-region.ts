/** Roles of three industries, each with the keys its PSAM may hold, and codecs of their files. */

import { compileRecord } from '@polycard/blueprint';
import type { CardChannel } from '@polycard/bytes';
import { fromHex } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { SERIAL, SPECIFICATIONS, type SpecificationName } from '../../card/test/industry-card.ts';
import { IndustryClient, IndustryPsam, type UtilityCodecs } from '../src/index.ts';

export const CARD_SERIAL = SERIAL;

type Coding = 'hex' | 'digits' | 'uint' | 'ascii' | 'datetime' | 'rfu';
type Row = readonly [name: string, length: number, coding: Coding];

function codec(name: string, rows: readonly Row[]) {
  let offset = 0;
  const fields = rows.map(([field, length, coding]) => {
    const placed = { name: field, title: { en: field, zh: field }, offset, length, coding };
    offset += length;
    return placed;
  });
  return compileRecord({ name, title: { en: name, zh: name }, lengthBytes: offset, managementKey: 'none', fields });
}

export const UTILITY: UtilityCodecs = {
  account: codec('account', [
    ['meterNumber', 7, 'digits'],
    ['customerNumber', 6, 'digits'],
    ['rest', 51, 'rfu'],
  ]),
  order: codec('order', [
    ...([
      ['orderId', 8, 'digits'],
      ['purchaseSequence', 2, 'uint'],
      ['amount', 4, 'uint'],
      ['quantity', 4, 'uint'],
    ] as const),
    ...([
      ['cumulativePurchased', 6, 'uint'],
      ['time', 7, 'datetime'],
      ['mode', 1, 'hex'],
      ['replaceCount', 1, 'uint'],
    ] as const),
    ...([
      ['cardKind', 1, 'hex'],
      ['reserved', 2, 'rfu'],
      ['orderMac', 4, 'hex'],
    ] as const),
  ]),
  writeBack: codec('write-back', [
    ...([
      ['written', 1, 'hex'],
      ['meterNumber', 7, 'digits'],
      ['customerNumber', 6, 'digits'],
      ['acceptedSequence', 2, 'uint'],
    ] as const),
    ...([
      ['result', 1, 'hex'],
      ['remaining', 4, 'uint'],
      ['overdraft', 4, 'uint'],
      ['cumulativePurchased', 6, 'uint'],
    ] as const),
    ...([
      ['consumption', 14, 'rfu'],
      ['writtenAt', 7, 'datetime'],
      ['months', 37, 'rfu'],
      ['replaceCount', 1, 'uint'],
      ['tail', 6, 'rfu'],
    ] as const),
  ]),
  purchase: codec('purchase', [
    ...([
      ['orderId', 8, 'digits'],
      ['purchaseSequence', 2, 'uint'],
      ['amount', 4, 'uint'],
      ['quantity', 4, 'uint'],
    ] as const),
    ...([
      ['time', 7, 'datetime'],
      ['terminal', 6, 'digits'],
      ['type', 1, 'hex'],
    ] as const),
  ]),
};

export const HOLDER_CODEC = codec('holder', [
  ['holderName', 30, 'hex'],
  ['sex', 1, 'hex'],
  ['rest', 5, 'hex'],
  ['identityNumber', 18, 'ascii'],
]);
export const EMERGENCY_CODEC = codec('emergency', [
  ['bloodGroup', 1, 'hex'],
  ['rest', 53, 'hex'],
]);
export const LICENCE_CODEC = codec('driver-licence', [
  ['licenceNumber', 18, 'hex'],
  ['rest', 302, 'hex'],
]);
export const POINTS_CODEC = codec('points', [
  ['cycleStart', 4, 'digits'],
  ['cycleEnd', 4, 'digits'],
  ['points', 1, 'uint'],
  ['rest', 23, 'rfu'],
]);
export const DECISION_CODEC = codec('decision', [
  ['documentNumber', 16, 'ascii'],
  ['front', 37, 'hex'],
  ['middle', 30, 'hex'],
  ['status', 1, 'hex'],
  ['rest', 12, 'hex'],
]);
export const RECEIPT_CODEC = codec('receipt', [
  ['documentNumber', 16, 'ascii'],
  ['finePaid', 4, 'uint'],
  ['lateFeePaid', 4, 'uint'],
  ['rest', 40, 'rfu'],
]);

const ROOT = fromHex('0123456789ABCDEFFEDCBA9876543210');

/** A PSAM with these keys of an application, one level above the card. */
export function psamOf(name: SpecificationName, references: readonly number[]): IndustryPsam {
  const { algorithm, session, aid } = SPECIFICATIONS[name];
  const keys = references.map((reference) => ({
    ...{ reference, version: 1, algorithm, key: ROOT },
    cardFactors: (serial: Uint8Array) => [
      fromHex(`${aid.slice(-6)}${Buffer.of(reference).toString('hex')}00000000`),
      serial,
    ],
  }));
  return new IndustryPsam(keys, session);
}

/** Roles, by the keys they hold: reading keys, update keys, line 07, card check 09. */
export const ROLES = {
  counter: ['water', [0x03, 0x04, 0x07]],
  meter: ['water', [0x05, 0x07, 0x09]],
  registration: ['health', [0x03, 0x07, 0x09]],
  physician: ['health', [0x0c, 0x07, 0x09]],
  hospital: ['health', [0x03, 0x04, 0x07, 0x09]],
  cashier: ['health', [0x02]],
  police: ['traffic', [0x03, 0x07, 0x09]],
  authority: ['traffic', [0x03, 0x04, 0x07, 0x09]],
  payment: ['traffic', [0x0c, 0x07, 0x09]],
} as const satisfies Record<string, readonly [SpecificationName, readonly number[]]>;

export function clientOf(role: keyof typeof ROLES, channel: CardChannel): IndustryClient {
  const [name, references] = ROLES[role];
  const client = new IndustryClient(channel, {
    application: SPECIFICATIONS[name],
    psam: psamOf(name, references),
    random: seededRandom(`terminal ${role}`),
  });
  client.select();
  return client;
}
