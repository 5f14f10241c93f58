/** The fare of an uploaded ride, computed again by the engine the gate used, from what the card's own records say. */
import { fromHex } from '@polycard/bytes';
import { computeFare, type Fare, transferOf } from '@polycard/fares';
import type { Region } from '../../region.ts';
import type { IndustryData } from './uploaded-tap.ts';

export interface RideFacts {
  readonly kind: 'exit' | 'boarding';
  /** Local time YYYYMMDDhhmmss. */
  readonly at: string;
  readonly operatorDiscounts: boolean;
  readonly industry: IndustryData;
}

const UNKNOWN_PLACE = '0000';

export function recomputeFare(region: Region, ride: RideFacts): Fare {
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
  const transfer = combinedRide(region, tariff, industry.combinedRideBefore, ride.at);
  const network = mode === 'metro' ? stations(region, industry) : {};
  return computeFare(tariff, {
    cardClass,
    serviceClass,
    operatorDiscounts: ride.operatorDiscounts,
    ...network,
    ...(industry.baseSource === 'declared' ? { declaredBaseFen: industry.baseFen } : {}),
    ...(transfer === undefined ? {} : { transfer }),
  });
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

function combinedRide(region: Region, tariff: Parameters<typeof transferOf>[0], hex: string | undefined, at: string) {
  const record = region.records.get('combined-ride');
  if (hex === undefined || record === undefined) return undefined;
  const values = record.codec.decode(fromHex(hex));
  return transferOf(tariff, { lastMode: String(values['lastMode']), lastTime: String(values['lastTime']) }, at);
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
