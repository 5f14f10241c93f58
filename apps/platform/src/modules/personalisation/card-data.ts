/**
 * What the platform puts into a card's data, by the names of the financial application's specification
 * (`applications/pboc.yaml`); tags, lists, lengths and groupings are the specification's own.
 */
import type { CardProduct, Cards, ElementValues } from '@polycard/blueprint';
import { concat, encodeTlv, encodeTlvs, fromHex, toHex } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import { encodeIssuerApplicationData } from '@polycard/emv';

export type Dgi = readonly [dgi: string, hex: string];

/** Discretionary data of 9F10 show the balance (identifier 01). */
const DISCRETIONARY_BALANCE = 0x01;
/** Of the payment system environments' directory entries and FCI (EMV 4.4 Book 1 §12.2). */
const DIRECTORY = { sfi: '01', languages: '7A68656E', codeTable: '01', priority: '01' } as const;

export interface CardNumbers {
  readonly pan: string;
  readonly psn: string;
  /** YYMM. */
  readonly expiry: string;
  readonly effective: string;
}

/** Names of what differs from card to card. */
export function numberValues(numbers: CardNumbers): ElementValues {
  const { pan, psn, expiry, effective } = numbers;
  return {
    track2: track2(numbers),
    pan: pan.length % 2 === 0 ? pan : `${pan}F`,
    psn,
    expiryDate: `${expiry}28`,
    effectiveDate: effective,
  };
}

/** Track 2 equivalent data: PAN D YYMM, service code 220, discretionary zeros. */
function track2({ pan, expiry }: CardNumbers): Uint8Array {
  const text = `${pan}D${expiry}220${'0'.repeat(7)}`;
  return fromHex(text.length % 2 === 0 ? text : `${text}F`);
}

/** Names of what is the same on every card of a product. */
export function productValues(
  profile: Cards['profile'],
  product: CardProduct,
  issuer: { readonly derivationKeyIndex: number; readonly algorithm: Algorithm },
  region: { readonly currency: string; readonly country: string },
): ElementValues {
  const cash = product.electronicCash;
  return {
    label: profile.label,
    preferredName: profile.label,
    segmentIndicator: profile.segmentIndicator,
    applicationVersion: profile.applicationVersion,
    additionalProcesses: profile.additionalProcesses,
    currency: region.currency,
    applicationCurrency: region.currency,
    issuerCountry: region.country,
    cardVerificationLimit: cash.balanceLimitFen,
    resetThreshold: cash.resetThresholdFen,
    balanceLimit: cash.balanceLimitFen,
    singleLimit: cash.singleTransactionLimitFen,
    balance: cash.balanceFen,
    segmentAllowance: cash.segmentAllowanceFen,
    issuerData: encodeIssuerApplicationData({
      keyIndex: issuer.derivationKeyIndex,
      cvn: Number.parseInt(profile.cryptogramVersion, 16),
      cvr: new Uint8Array(3),
      algorithm: issuer.algorithm,
      discretionary: { id: DISCRETIONARY_BALANCE, value: new Uint8Array(5), mac: new Uint8Array(4) },
    }),
  };
}

/** Directory of the contactless interface (PPSE). */
export function ppseDgis(aid: string, label: string): Dgi[] {
  return [['9102', toHex(encodeTlv('A5', encodeTlv('BF0C', encodeTlv('61', directoryEntry(aid, label)))))]];
}

/** Directory of the contact interface (PSE): its FCI and its one record. */
export function pseDgis(aid: string, label: string): Dgi[] {
  const { sfi, languages, codeTable } = DIRECTORY;
  const fci = encodeTlvs([
    ['88', fromHex(sfi)],
    ['5F2D', fromHex(languages)],
    ['9F11', fromHex(codeTable)],
  ]);
  return [
    ['0101', toHex(encodeTlv('70', encodeTlv('61', directoryEntry(aid, label))))],
    ['9102', toHex(encodeTlv('A5', fci))],
  ];
}

function directoryEntry(aid: string, label: string): Uint8Array {
  return encodeTlvs([
    ['4F', fromHex(aid)],
    ['50', new TextEncoder().encode(label)],
    ['87', fromHex(DIRECTORY.priority)],
  ]);
}

/** DGI A001: the extended files of a card (reference pboc.md §3.1); DGI 8020 has their opening keys in the same order. */
export function extendedFilesDgi(
  files: readonly {
    readonly sfi: number;
    readonly type: 'variable' | 'cyclic';
    readonly maximum: number;
    readonly size: Uint8Array;
  }[],
): Dgi {
  const rows = files.map(({ sfi, type, maximum, size }) =>
    concat(Uint8Array.of(sfi, type === 'variable' ? 1 : 2, 0, 0, maximum), size),
  );
  return ['A001', toHex(concat(...rows))];
}
