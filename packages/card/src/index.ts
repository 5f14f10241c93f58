export { type PbocSwitches, SWITCHES_AS_PUBLICLY_DESCRIBED } from './applets/pboc/switches.ts';
export { PURSE_SWITCHES_AS_PUBLICLY_DESCRIBED, type PurseSwitches } from './applets/purse/switches.ts';
export type { AppletSnapshot, CardInterface } from './os/applet.ts';
export { AID_T_UNION_PURSE, type ApplicationOnCard } from './os/applications.ts';
export * from './os/card.ts';
export type { MemorySnapshot } from './os/memory.ts';
export { PowerCut, type PowerCutHook } from './os/power.ts';
export * from './personalisation.ts';
