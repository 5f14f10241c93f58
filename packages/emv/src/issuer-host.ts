/**
 * The issuer's host in an online transaction: proves the card's cryptogram (ARQC, TC, AAC) from the objects a terminal
 * sends, answers with its own (ARPC), and binds issuer scripts to the transaction.
 * PBOC 3.0 Parts 5, 7 as publicly described; checked by vectors and by the dialogues of an independent card.
 */
import { concat, equalBytes, numberFromBcd, PolycardError } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import {
  buildCryptogramInput,
  CVN_01,
  CVN_17,
  computeApplicationCryptogram,
  computeArpc,
} from './application-cryptogram.ts';
import {
  type CryptogramKind,
  computeIddMac,
  cryptogramKindOfCvr,
  type IddMacPadding,
  type IssuerApplicationData,
  parseIssuerApplicationData,
} from './issuer-application-data.ts';
import { type CardAccount, deriveCardKey, deriveSessionKey } from './issuer-keys.ts';
import type { ScriptBinding } from './issuer-script.ts';

/** The three keys of a card (UDK), or the issuer's master keys, 16 bytes each. */
export interface IssuerKeySet {
  readonly algorithm: Algorithm;
  readonly ac: Uint8Array;
  readonly mac: Uint8Array;
  readonly enc: Uint8Array;
}

export function deriveCardKeySet(master: IssuerKeySet, account: CardAccount): IssuerKeySet {
  const { algorithm } = master;
  const derive = (key: Uint8Array): Uint8Array => deriveCardKey(algorithm, key, account);
  return { algorithm, ac: derive(master.ac), mac: derive(master.mac), enc: derive(master.enc) };
}

/** Objects of a transaction by tag: what went into the cryptogram, 82, 9F10, 9F26 and 9F36. */
export type TransactionObjects = (tag: string) => Uint8Array | undefined;

/** Everything a cryptogram says once it has been recomputed. */
export interface CryptogramCheck {
  readonly ok: boolean;
  /** Recomputed, 8 bytes. */
  readonly cryptogram: Uint8Array;
  /** What the card decided, by its CVR: of the second GENERATE AC once there was one. */
  readonly kind: CryptogramKind | undefined;
  readonly atc: number;
  readonly issuerData: IssuerApplicationData;
  /** Discretionary data: whether their MAC holds, and the recomputed one; absent when the card sends none. */
  readonly discretionary?: { readonly ok: boolean; readonly mac: Uint8Array };
  /** Balance the card reports (IDD ids 01, 03), fen; only when its MAC holds. */
  readonly balanceFen?: number;
}

function required(objects: TransactionObjects, tag: string, lengthBytes?: number): Uint8Array {
  const value = objects(tag);
  if (value === undefined || (lengthBytes !== undefined && value.length !== lengthBytes)) {
    throw new PolycardError('POLYCARD_EMV_HOST', `the transaction lacks ${tag}, or it has another length`, {
      where: tag,
      ...(lengthBytes === undefined ? {} : { expected: `${lengthBytes} bytes` }),
    });
  }
  return value;
}

function kindOf(cvr: Uint8Array): CryptogramKind | undefined {
  const second = (cvr[0] ?? 0) >> 6;
  if (second === 0) return 'AAC';
  return second === 1 ? 'TC' : cryptogramKindOfCvr(cvr);
}

/** IDs whose value begins with the balance of electronic cash. */
const BALANCE_IDS: ReadonlySet<number> = new Set([1, 3]);

/** Recomputes 9F26 and the MAC in 9F10. Throws `POLYCARD_EMV_*` when an object is missing or malformed. */
export function checkCryptogram(
  card: IssuerKeySet,
  objects: TransactionObjects,
  padding: IddMacPadding = 'filled-block',
): CryptogramCheck {
  const issuerData = parseIssuerApplicationData(required(objects, '9F10'));
  const { algorithm, cvn, cvr, discretionary } = issuerData;
  const counter = required(objects, '9F36', 2);
  const atc = (counter[0]! << 8) | counter[1]!;
  const take = (tag: string, lengthBytes: number): Uint8Array => {
    const value = objects(tag);
    return value === undefined ? new Uint8Array(lengthBytes) : required(objects, tag, lengthBytes);
  };
  const input = buildCryptogramInput(cvn === CVN_01 ? CVN_01 : CVN_17, {
    amountAuthorised: take('9F02', 6),
    amountOther: take('9F03', 6),
    terminalCountry: take('9F1A', 2),
    tvr: take('95', 5),
    currency: take('5F2A', 2),
    date: take('9A', 3),
    transactionType: take('9C', 1),
    unpredictableNumber: take('9F37', 4),
    aip: required(objects, '82', 2),
    atc,
    cvr,
  });
  const cryptogram = computeApplicationCryptogram(algorithm, deriveSessionKey(algorithm, card.ac, atc), input);
  const head = {
    ok: equalBytes(cryptogram, required(objects, '9F26', 8)),
    cryptogram,
    kind: kindOf(cvr),
    atc,
    issuerData,
  };
  if (discretionary === undefined) return head;
  const skMac = deriveSessionKey(algorithm, card.mac, atc);
  const mac = computeIddMac(algorithm, skMac, { atc, value: discretionary.value }, padding);
  const ok = equalBytes(mac, discretionary.mac);
  const checked = { ...head, discretionary: { ok, mac } };
  if (!ok || !BALANCE_IDS.has(discretionary.id)) return checked;
  return { ...checked, balanceFen: numberFromBcd(discretionary.value.subarray(0, 5)) };
}

export interface OnlineAnswer {
  /** Tag 91: ARPC‖response code, as EXTERNAL AUTHENTICATE takes it. */
  readonly issuerAuthenticationData: Uint8Array;
  /** What scripts of this transaction are made with. */
  readonly script: ScriptBinding;
  /** SK-ENC, for PIN CHANGE. */
  readonly skEnc: Uint8Array;
}

/** Answers an ARQC. `responseCode` has two characters: 00 accepts, 05 declines. */
export function answerOnline(
  card: IssuerKeySet,
  request: { readonly atc: number; readonly arqc: Uint8Array },
  responseCode: string,
): OnlineAnswer {
  if (!/^[0-9A-Z]{2}$/.test(responseCode)) {
    throw new PolycardError('POLYCARD_EMV_HOST', `"${responseCode}" is no response code of two characters`, {
      where: '8A',
    });
  }
  const { algorithm } = card;
  const { atc, arqc } = request;
  const arc = Uint8Array.from(Buffer.from(responseCode, 'latin1'));
  const arpc = computeArpc(algorithm, deriveSessionKey(algorithm, card.ac, atc), arqc, arc);
  return {
    issuerAuthenticationData: concat(arpc, arc),
    script: { algorithm, skMac: deriveSessionKey(algorithm, card.mac, atc), atc, ac: arqc },
    skEnc: deriveSessionKey(algorithm, card.enc, atc),
  };
}
