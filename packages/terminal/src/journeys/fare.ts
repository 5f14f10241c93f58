/** The fare of a journey, offline: the card's class and its right to a transfer stand in the card's own records. */
import { PolycardError } from '@polycard/bytes';
import {
  type Circumstances,
  combinedRideOf,
  computeFare,
  endedIn,
  type Fare,
  type Ride,
  transferOf,
} from '@polycard/fares';
import { refuse } from '../kernel/outcome.ts';
import { type JourneyContext, paidSoFar, type RecordImageBefore, routeOf } from './journey.ts';

/**
 * Refuses the card with `fare-unknown` when the tariff cannot price the ride. `beganAt`: when a ride began that is charged
 * later; its transfer, day and month go by that.
 */
export function journeyFare(
  context: JourneyContext,
  mode: 'metro' | 'bus',
  records: { readonly own: RecordImageBefore; readonly combinedRide: RecordImageBefore },
  ride: Pick<Ride, 'serviceClass' | 'entryStation' | 'exitStation' | 'section'>,
  beganAt: string = context.request.at,
): Fare {
  const { configuration, parameters, request } = context;
  const route = routeOf(context);
  const tariff = parameters.tariffs[mode];
  if (tariff === undefined) return refuse('fare-unknown', `the terminal has no ${mode} tariff`);
  const transfer = transferOf(tariff, combinedRideOf(records.combinedRide.values), beganAt, configuration.operatorCode);
  const circumstances: Omit<Circumstances, 'cardClass'> = {
    at: request.at,
    operator: configuration.operatorCode,
    ...(route === undefined ? {} : { route }),
    ...endedHere(context, mode),
    ...paidSoFar(records.own.values, mode === 'metro' ? 'exitTime' : 'boardingTime', beganAt),
  };
  try {
    return computeFare(tariff, {
      ...ride,
      ...circumstances,
      cardClass: parameters.classIdOfCode.get(String(records.own.values['cardClass'])) ?? '',
      operatorDiscounts: parameters.operatorDiscounts,
      ...(request.declaredBaseFen === undefined ? {} : { declaredBaseFen: request.declaredBaseFen }),
      ...(transfer === undefined ? {} : { transfer }),
    });
  } catch (error) {
    if (error instanceof PolycardError) return refuse('fare-unknown', error.message);
    throw error;
  }
}

/** Campaigns of its tariff that the terminal knows the end of: no part of the fare, and the tap says so. */
export function endedHere(
  { parameters, endedCampaigns }: JourneyContext,
  mode: 'metro' | 'bus',
): { endedCampaigns?: readonly string[] } {
  const tariff = parameters.tariffs[mode]?.tariff;
  const ended = tariff === undefined ? [] : endedIn(tariff, endedCampaigns);
  return ended.length === 0 ? {} : { endedCampaigns: ended };
}

/** Whether the fare holds the tariff's transfer deduction. */
export function hasTransfer({ parameters }: JourneyContext, mode: 'metro' | 'bus', fare: Fare): boolean {
  const rule = parameters.tariffs[mode]?.tariff.transfer?.id;
  return rule !== undefined && fare.steps.some((step) => step.rule === rule);
}
