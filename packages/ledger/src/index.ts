export { type Entry, makeEntry, type Posting, reverseEntry } from './entry.ts';
export { type CashLoad, LOAD, postCashLoad } from './load.ts';
export { type NetPosition, netPositions } from './netting.ts';
export { FARE, postRide, type RideCharge } from './ride.ts';
export { splitByWeights } from './split.ts';
