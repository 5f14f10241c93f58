export { Bureau, type IssuedCard } from './cards/bureau.ts';
export { PlatformApi, type Zone } from './link/api-client.ts';
export type { GatewayAddress } from './link/gateway-line.ts';
export { planFromRecords } from './plan/from-records.ts';
export { generatePlan } from './plan/generate.ts';
export type { Plan } from './plan/plan.ts';
export { readShenzhenRecords } from './records/shenzhen.ts';
export { replay, type ReplayOptions, type ReplayResult } from './replay.ts';
export type { ProgressReport } from './site.ts';
