export { blueprintFilesIn, readBlueprint, readBlueprintFiles } from './blueprint-files.ts';
export { type CaKeyEntry, simulatedCaKeys } from './ca-keys.ts';
export { readStoredTrail, type StoredTrail } from './export-audit.ts';
export { type RunningHere, runningOn } from './local-access.ts';
export { type PlatformOptions, type RunningPlatform, startPlatform } from './platform.ts';
export { PROBLEMS } from './problems.ts';
export { Region } from './region.ts';
