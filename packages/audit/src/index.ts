/** Hash-chained audit entries and their export. `@polycard/audit/verifier` is the independent program that checks one. */
export { canonicalText, type Fact } from './canonical.ts';
export {
  type Anchor,
  type AuditAct,
  CHAIN_START,
  type ChainedText,
  type ChainHash,
  type ChainHead,
  chainAnchor,
  chainEntry,
  dayOf,
  EMPTY_CHAIN,
  hashText,
} from './chain.ts';
export { AUDIT_FORMAT, AuditExport, AuditTrail, type ExportedAnchor, type ExportedEntry } from './export.ts';
