export { type PbocSwitches, SWITCHES_AS_PUBLICLY_DESCRIBED } from './applets/pboc/switches.ts';
export { PURSE_SWITCHES_AS_PUBLICLY_DESCRIBED, type PurseSwitches } from './applets/purse/switches.ts';
export { compareSnapshots, type SnapshotDifference } from './compare-snapshots.ts';
export type { AppletSnapshot, CardInterface } from './os/applet.ts';
export { AID_T_UNION_PURSE, type ApplicationOnCard } from './os/applications.ts';
export * from './os/card.ts';
export { AID_ISSUER_DOMAIN } from './os/domain/issuer-domain.ts';
export {
  AID_PBOC_DEBIT,
  AID_PPSE,
  AID_PSE,
  INDUSTRY_FILES_SOURCE,
  LOAD_FILES,
  type LoadFile,
} from './os/load-files.ts';
export type { MemorySnapshot } from './os/memory.ts';
export { PowerCut, type PowerCutHook } from './os/power.ts';
export * from './personalisation.ts';
export { PSAM_KEY_TYPE, type PsamCardKey, type PsamContents } from './psam/contents.ts';
export { PSAM_SWITCHES_AS_PUBLICLY_DESCRIBED, type PsamSwitches } from './psam/switches.ts';
export { VirtualPsam, type VirtualPsamOptions } from './psam/virtual-psam.ts';
