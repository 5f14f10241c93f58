/**
 * What the terminal itself finds before it asks the card: processing restrictions, its own limits, and the action
 * codes that turn findings into a request. EMV 4.4 Book 3 §10.4, §10.6, §10.7 as publicly described.
 */
import { equalBytes, numberFromBcd, toHex } from '@polycard/bytes';
import type { ActionCodes } from './configuration.ts';
import { type TerminalResults, TSI, TVR } from './terminal-results.ts';

type Objects = ReadonlyMap<string, Uint8Array>;

/** Application usage control (9F07), byte 1: domestic goods, services; byte 2 the same abroad is not told apart here. */
const USAGE_DOMESTIC_GOODS = 0x20;
const USAGE_DOMESTIC_SERVICES = 0x08;
const USAGE_ABROAD_GOODS = 0x10;
const USAGE_ABROAD_SERVICES = 0x04;

export interface RestrictionFacts {
  readonly objects: Objects;
  /** YYMMDD. */
  readonly date: string;
  /** 9F09. */
  readonly applicationVersion: Uint8Array;
  /** 9F1A, 2 bytes. */
  readonly country: Uint8Array;
}

/** Years of two digits: 50 and above are of the last century. */
const century = (yymmdd: string): string => `${Number(yymmdd.slice(0, 2)) < 50 ? '20' : '19'}${yymmdd}`;

export function checkRestrictions(facts: RestrictionFacts, results: TerminalResults): void {
  const { objects, date } = facts;
  const version = objects.get('9F08');
  if (version !== undefined && !equalBytes(version, facts.applicationVersion)) results.found(TVR.versionsDiffer);
  const [until, from] = [objects.get('5F24'), objects.get('5F25')];
  if (until !== undefined && century(date) > century(toHex(until))) results.found(TVR.expired);
  if (from !== undefined && century(date) < century(toHex(from))) results.found(TVR.notYetEffective);
  const [usage, issuerCountry] = [objects.get('9F07'), objects.get('5F28')];
  if (usage === undefined || issuerCountry === undefined) return;
  const domestic = equalBytes(issuerCountry, facts.country);
  const needed = domestic ? USAGE_DOMESTIC_GOODS | USAGE_DOMESTIC_SERVICES : USAGE_ABROAD_GOODS | USAGE_ABROAD_SERVICES;
  if ((usage[0]! & needed) === 0) results.found(TVR.serviceNotAllowed);
}

export interface LimitFacts {
  readonly amountFen: number;
  readonly floorLimitFen: number;
  readonly forceOnline: boolean;
  readonly isDenied: boolean;
  /** 9F14 and 9F23 of the card, and its counters; undefined where it gives none. */
  readonly lowerLimit: number | undefined;
  readonly upperLimit: number | undefined;
  readonly atc: number | undefined;
  readonly lastOnlineAtc: number | undefined;
}

export function checkLimits(facts: LimitFacts, results: TerminalResults): void {
  results.performed(TSI.terminalRiskManagement);
  if (facts.isDenied) results.found(TVR.onExceptionFile);
  if (facts.amountFen > facts.floorLimitFen) results.found(TVR.floorLimitExceeded);
  if (facts.forceOnline) results.found(TVR.merchantForcedOnline);
  const { lowerLimit, upperLimit, atc, lastOnlineAtc } = facts;
  if (lowerLimit === undefined || upperLimit === undefined) return;
  if (atc === undefined || lastOnlineAtc === undefined || atc <= lastOnlineAtc) {
    results.found(TVR.lowerLimitExceeded);
    results.found(TVR.upperLimitExceeded);
  } else {
    if (atc - lastOnlineAtc > lowerLimit) results.found(TVR.lowerLimitExceeded);
    if (atc - lastOnlineAtc > upperLimit) results.found(TVR.upperLimitExceeded);
  }
  if (lastOnlineAtc === 0) results.found(TVR.newCard);
}

const ALL = new Uint8Array(5).fill(0xff);
const NONE = new Uint8Array(5);

const meets = (tvr: Uint8Array, ...codes: readonly Uint8Array[]): boolean =>
  codes.some((code) => code.some((byte, index) => (byte & tvr[index]!) !== 0));

export type Request = 'AAC' | 'TC' | 'ARQC';

/** Issuer action codes of the card (9F0E, 9F0F, 9F0D) with the terminal's own. */
export function requestFor(
  tvr: Uint8Array,
  objects: Objects,
  codes: ActionCodes,
  reach: 'can-go-online' | 'offline-only' | 'was-not-reached',
): Request {
  const of = (tag: string, absent: Uint8Array): Uint8Array => objects.get(tag) ?? absent;
  if (reach !== 'was-not-reached' && meets(tvr, of('9F0E', NONE), codes.denial)) return 'AAC';
  if (reach === 'can-go-online') return meets(tvr, of('9F0F', ALL), codes.online) ? 'ARQC' : 'TC';
  return meets(tvr, of('9F0D', ALL), codes.default) ? 'AAC' : 'TC';
}

/** An optional one-byte limit of the card. */
export function byteOf(objects: Objects, tag: string): number | undefined {
  const value = objects.get(tag);
  return value?.length === 1 ? value[0] : undefined;
}

export function amountOf(value: Uint8Array | undefined): number | undefined {
  return value?.length === 6 ? numberFromBcd(value) : undefined;
}
