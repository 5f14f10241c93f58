export { type AccessRule, type AccessTerm, keysOf, parseAccessCondition } from './access-condition.ts';
export {
  applicationKeys,
  type Blueprint,
  cappApplications,
  fileApplications,
  financialApplication,
} from './blueprint.ts';
export { type BlueprintProblem, checkBlueprint, problemOf } from './check.ts';
export { type BlueprintChange, diffBlueprints, VERDICTS, type Verdict } from './diff.ts';
export { type CardFactors, type DispersionPath, factorsFor } from './dispersion-path.ts';
export { type BlueprintDocument, blueprintDocuments } from './documents/documents.ts';
export { checkDuties, type DutyFinding, type DutyReport } from './duties/check.ts';
export { DutyMatrix } from './duties/matrix.ts';
export { REACHED_HALF } from './duties/reach.ts';
export { type ExampleRecord, exampleOf } from './example.ts';
export { describeFileApplications, type FileApplicationDescription } from './file-application.ts';
export { BlueprintError, type BlueprintFinding } from './findings.ts';
export { decodeGb18030, encodeGb18030 } from './gb18030.ts';
export { blueprintSchemas, FILE_SCHEMAS } from './json-schemas.ts';
export { loadBlueprint } from './load.ts';
export { memoryNeeded, productMemory } from './memory.ts';
export {
  type BlueprintFile,
  type BlueprintLayer,
  type BlueprintPlace,
  extendedBlueprint,
  overlayFiles,
} from './overlay.ts';
export { type CardData, compileCardData, type ElementValues } from './personalisation-data.ts';
export {
  compileRecord,
  type RecordCodec,
  type RecordLayout,
  type RecordValue,
  type RecordValues,
} from './record-codec.ts';
export { type RecordSchema, recordSchemas } from './record-schemas.ts';
export { applyPatch } from './rules/patch.ts';
export type { PatchOperation, Rule } from './rules/rule.ts';
export { RULES, type RuleCode } from './rules/rules.ts';
export * from './schema/access.ts';
export * from './schema/application.ts';
export * from './schema/bus-network.ts';
export * from './schema/cards.ts';
export * from './schema/deny-list.ts';
export type { Docking } from './schema/docking.ts';
export * from './schema/duties.ts';
export * from './schema/field.ts';
export * from './schema/keys.ts';
export * from './schema/lifecycle.ts';
export * from './schema/operating-modes.ts';
export * from './schema/operation.ts';
export * from './schema/primitives.ts';
export * from './schema/promotion.ts';
export * from './schema/region.ts';
export * from './schema/tariff.ts';
