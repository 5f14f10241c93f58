export * from './configuration.ts';
export * from './contact/configuration.ts';
export { type ContactOutcome, runContactTransaction, type ScriptResult } from './contact/contact-terminal.ts';
export * from './deny-list/hit-message.ts';
export { type ListKey, listVerifier } from './deny-list/list-key.ts';
export { DENY_LIST_SET, DenyListModule, type DenyListModuleOptions, listVersionText } from './deny-list/module.ts';
export * from './deny-list/tap-list.ts';
export { CONDITIONS, type Condition, type ConditionDefinition, type ConditionName } from './docking/conditions.ts';
export type { EnrolledTerminal } from './docking/configuration.ts';
export { DockedTerminal, type DockedTerminalDependencies, type HeldSets } from './docking/docked-terminal.ts';
export { JournalLog } from './docking/journal-log.ts';
export { type KeptState, loadState, StoredShelf } from './docking/kept-state.ts';
export { type HostLine, LINE_REFUSED, type LineDependencies } from './docking/line.ts';
export type { DockingModule, DockingSession } from './docking/module.ts';
export { type TerminalStorage, VolatileStorage } from './docking/storage.ts';
export { NO_FAULTS, type UploadFaults } from './docking/upload.ts';
export * from './host-link.ts';
export * from './industry/health.ts';
export { type IndustryApplication, IndustryClient, type IndustryClientOptions } from './industry/industry-client.ts';
export * from './industry/industry-psam.ts';
export * from './industry/traffic.ts';
export * from './industry/utility.ts';
export * from './industry-data.ts';
export * from './journal.ts';
export { type ActivationOutcome, activateRecords } from './journeys/activation.ts';
export { type Inspection, type InspectionVerdict, inspectCard } from './journeys/inspection.ts';
export { NO_CODE, type TapRequest } from './journeys/journey.ts';
export type { Exchange, Phase } from './kernel/exchange.ts';
export type { RefusalReason } from './kernel/outcome.ts';
export { Refusal } from './kernel/outcome.ts';
export { parseAfl } from './kernel/read-application-data.ts';
export type { DescribedTerminal } from './kernel/terminal-data.ts';
export {
  CashLoadCounter,
  type CashLoadDependencies,
  type CashLoadOutcome,
  type CashLoadRequest,
} from './online/cash-load.ts';
export {
  type ActivationAtCounter,
  IndustryCounter,
  type IndustryCounterDependencies,
  type InquiryAtCounter,
  type RecordUpdateAtCounter,
} from './online/industry-counter.ts';
export type { CardApplication } from './online/industry-line.ts';
export type { OnlineHost } from './online/online-line.ts';
export { OnlineStore, type OpenLoad } from './online/online-store.ts';
export { ModeOrders } from './operating-modes/module.ts';
export { type LoadedKey, ParameterCompiler } from './parameters/compile.ts';
export { NextVersion, VERSION_STATUS } from './parameters/next-version.ts';
export * from './parameters/sets.ts';
export { Psam, type UpdateMacSource } from './psam.ts';
export * from './psam-card.ts';
export * from './purse/journeys.ts';
export { type LoadOptions, type LoadOutcome, loadPurse, type ResolvedLoad, resolveLoad } from './purse/load.ts';
export { LoadDesk, type LoadDeskOutcome, type LoadEnd, OpenLoadList, type OpenLoads } from './purse/load-desk.ts';
export type { PurseIdentity, PurseProof } from './purse/purse-card.ts';
export type { PurseEntry, PurseJournalState, PurseJournalStorage, PurseTap } from './purse/purse-journal.ts';
export {
  type PurseTapOutcome,
  PurseTerminal,
  type PurseTerminalConfiguration,
  type PurseTerminalDependencies,
} from './purse/purse-terminal.ts';
export * from './sale.ts';
export { type TapOutcome, Terminal, type TerminalDependencies } from './terminal.ts';
export * from './torn-resolution.ts';
export * from './upload.ts';
