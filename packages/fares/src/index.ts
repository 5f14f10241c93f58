export { type CompiledTariff, compileTariff, computeFare, type Fare, type FareStep, type Ride } from './fare.ts';
export { type ChargedRide, type ExplainedRide, inferClasses, type Inference } from './infer.ts';
export { type CompiledNetwork, compileNetwork, type Path, type PathLeg } from './network.ts';
export { type ResolvedStation, stationResolver } from './station-names.ts';
export { type CombinedRide, minutesBetween, MODE_CODE, type Transfer, transferOf } from './transfer.ts';
