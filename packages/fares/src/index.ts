export * from './campaigns.ts';
export { type CompiledTariff, compileTariff, computeFare, type Fare, type FareStep, type Ride } from './fare.ts';
export { type ChargedRide, type ExplainedRide, type Inference, inferClasses } from './infer.ts';
export * from './missing-tap-off.ts';
export { type CompiledNetwork, compileNetwork, type Path, type PathLeg } from './network.ts';
export * from './operation.ts';
export { type Circumstances, cumulationPercent, leftBelowCaps, promotionsFor } from './promotions.ts';
export * from './route-fares.ts';
export { type ResolvedStation, stationResolver } from './station-names.ts';
export {
  type CombinedRide,
  combinedRideOf,
  MODE_CODE,
  minutesBetween,
  secondsBetween,
  type Transfer,
  transferOf,
} from './transfer.ts';
