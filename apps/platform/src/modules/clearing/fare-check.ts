/** The fare of an uploaded ride, computed again by the engine the gate used, from what the card's own records say. */
import { fromHex } from '@polycard/bytes';
import { combinedRideOf, computeFare, type Fare, transferOf } from '@polycard/fares';
import type { Region } from '../../region.ts';
import { closedFenOf, isSectionBoarding, sectionBoarding, withClosedRide } from './section-check.ts';
import type { IndustryData } from './uploaded-tap.ts';

export interface RideFacts {
  readonly kind: 'exit' | 'boarding' | 'alighting';
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly operatorDiscounts: boolean;
  readonly chargedFen: number;
  readonly industry: IndustryData;
}

const UNKNOWN_PLACE = '0000';

/** `shift` is added to what the card had paid before: for a rehearsal in which its earlier rides cost something else. */
export function recomputeFare(
  region: Region,
  ride: RideFacts,
  shift: { readonly dayFen: number; readonly monthFen: number } = { dayFen: 0, monthFen: 0 },
): Fare {
  const mode = ride.kind === 'exit' ? 'metro' : 'bus';
  const tariff = region.tariff(mode);
  const { industry } = ride;
  const written = industry.records
    .map((image) => recordValues(region, mode, image.sfi, image.hex))
    .find((values) => values !== undefined);
  const classCode = String(written?.['cardClass'] ?? industry.classCode);
  const cardClass = region.classByCode(classCode)?.id ?? classCode;
  const serviceClass =
    tariff.tariff.serviceClasses.find((candidate) => candidate.code === industry.serviceClassCode)?.id ??
    industry.serviceClassCode;
  // a ride by section belongs to the time it began: its transfer, its day and month
  const beganAt = ride.kind === 'alighting' ? (industry.entryTime ?? ride.at) : ride.at;
  const closable = { industry, at: ride.at, cardClass };
  if (isSectionBoarding(ride.kind, industry))
    return withClosedRide(region, sectionBoarding(tariff, industry), closable)!;
  const transfer = combinedRide(region, tariff, industry, beganAt);
  const network = mode === 'metro' ? stations(region, industry) : {};
  const fare = computeFare(tariff, {
    cardClass,
    serviceClass,
    operatorDiscounts: ride.operatorDiscounts,
    at: ride.at,
    operator: industry.operatorCode,
    ...(industry.endedCampaigns === undefined ? {} : { endedCampaigns: industry.endedCampaigns }),
    ...(industry.route === undefined ? {} : { route: industry.route }),
    ...paidBefore(written, ride.chargedFen - closedFenOf(industry), shift),
    ...network,
    ...(industry.baseSource === 'declared' ? { declaredBaseFen: industry.baseFen } : {}),
    ...(transfer === undefined ? {} : { transfer }),
    ...section(ride),
  });
  return withClosedRide(region, fare, closable)!;
}

/** Both stops of a ride by section. */
function section({ kind, industry }: RideFacts): Pick<Parameters<typeof computeFare>[1], 'section'> {
  const { direction, entryPlaceCode, placeCode } = industry;
  if (kind !== 'alighting' || direction === undefined || entryPlaceCode === undefined) return {};
  return { section: { direction, boardingStop: entryPlaceCode, alightingStop: placeCode } };
}

/** What a tap costs that is no ride itself and settles one without tap-off: a metro entry, a counter. */
export function closingFare(region: Region, industry: IndustryData, at: string): Fare | undefined {
  if (industry.closedRide === undefined) return undefined;
  const written = industry.records
    .map((image) => recordValues(region, 'bus', image.sfi, image.hex))
    .find((values) => values !== undefined);
  const classCode = String(written?.['cardClass'] ?? industry.classCode);
  const cardClass = region.classByCode(classCode)?.id ?? classCode;
  return withClosedRide(region, undefined, { industry, at, cardClass });
}

/** A shop's price is what the card signed: nothing to compute, and said as a fare is. */
export function purchaseFare({
  charged_fen: chargeFen,
  industry_data: { tariffVersion: version },
}: {
  readonly charged_fen: number;
  readonly industry_data: Pick<IndustryData, 'tariffVersion'>;
}): Fare {
  const step = { rule: 'purchase', en: 'Price of the shop', zh: '商户价格', beforeFen: chargeFen, afterFen: chargeFen };
  return { tariff: 'purchase', version, baseFen: chargeFen, baseSource: 'declared', chargeFen, steps: [step] };
}

/** Entry and exit stations by identifier, as far as the network knows them. */
function stations(region: Region, industry: IndustryData): { entryStation?: string; exitStation?: string } {
  const idOf = (code: string | undefined): string | undefined => {
    if (code === undefined || code === UNKNOWN_PLACE) return undefined;
    for (const network of region.blueprint.networks) {
      const station = network.stations.find((candidate) => candidate.code === code);
      if (station !== undefined) return station.id;
    }
    return undefined;
  };
  const entryStation = idOf(industry.entryPlaceCode);
  const exitStation = idOf(industry.placeCode);
  return {
    ...(entryStation === undefined ? {} : { entryStation }),
    ...(exitStation === undefined ? {} : { exitStation }),
  };
}

function combinedRide(
  region: Region,
  tariff: Parameters<typeof transferOf>[0],
  { combinedRideBefore, operatorCode }: IndustryData,
  at: string,
) {
  const record = region.records.get('combined-ride');
  if (combinedRideBefore === undefined || record === undefined) return undefined;
  return transferOf(tariff, combinedRideOf(record.codec.decode(fromHex(combinedRideBefore))), at, operatorCode);
}

/** What the card had paid before the ride: the totals it wrote, less this charge. */
function paidBefore(
  written: Readonly<Record<string, string | number>> | undefined,
  chargedFen: number,
  shift: { readonly dayFen: number; readonly monthFen: number },
): { monthTotalFen?: number; dayTotalFen?: number } {
  const before = (total: string, shiftFen: number): number | undefined =>
    written?.[total] === undefined ? undefined : Math.max(0, Number(written[total]) - chargedFen + shiftFen);
  const [monthTotalFen, dayTotalFen] = [before('monthTotal', shift.monthFen), before('dayTotal', shift.dayFen)];
  return {
    ...(monthTotalFen === undefined ? {} : { monthTotalFen }),
    ...(dayTotalFen === undefined ? {} : { dayTotalFen }),
  };
}

function recordValues(
  region: Region,
  name: string,
  sfi: string,
  hex: string,
): Record<string, string | number> | undefined {
  const record = region.records.get(name);
  if (record === undefined || record.sfi !== Number.parseInt(sfi, 16)) return undefined;
  return record.codec.decode(fromHex(hex));
}
