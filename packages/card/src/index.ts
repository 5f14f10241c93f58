export { type PbocSwitches, SWITCHES_AS_PUBLICLY_DESCRIBED } from './applets/pboc/switches.ts';
export type { AppletSnapshot, CardInterface } from './os/applet.ts';
export * from './os/card.ts';
export type { MemorySnapshot } from './os/memory.ts';
export { PowerCut, type PowerCutHook } from './os/power.ts';
export * from './personalisation.ts';
