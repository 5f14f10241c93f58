/** Key ceremonies, for commands that need no running platform. */
export { Ceremony, type CeremonyRole, type CeremonyTree } from './modules/ceremonies/ceremony.ts';
export { type CeremonyKind, printedScript } from './modules/ceremonies/printed-script.ts';
