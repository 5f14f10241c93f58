// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { ActivationPaths } from './activation.ts';
import type { ApprovalsPaths } from './approvals.ts';
import type { AuditPaths } from './audit.ts';
import type { CampaignsPaths } from './campaigns.ts';
import type { CardsPaths } from './cards.ts';
import type { CeremoniesPaths } from './ceremonies.ts';
import type { ClearingPaths } from './clearing.ts';
import type { DenyListsPaths } from './deny-lists.ts';
import type { EnrolmentPaths } from './enrolment.ts';
import type { ExceptionsPaths } from './exceptions.ts';
import type { ExchangesPaths } from './exchanges.ts';
import type { HealthPaths } from './health.ts';
import type { KeysPaths } from './keys.ts';
import type { OperatingModesPaths } from './operating-modes.ts';
import type { OverviewPaths } from './overview.ts';
import type { ParametersPaths } from './parameters.ts';
import type { PartiesPaths } from './parties.ts';
import type { PersonalisationPaths } from './personalisation.ts';
import type { ReconciliationPaths } from './reconciliation.ts';
import type { SamsPaths } from './sams.ts';
import type { SessionPaths } from './session.ts';
import type { SettlementPaths } from './settlement.ts';
import type { SpecificationPaths } from './specification.ts';
import type { TapsPaths } from './taps.ts';
import type { TerminalsPaths } from './terminals.ts';

export type * from './activation.ts';
export type * from './approvals.ts';
export type * from './audit.ts';
export type * from './campaigns.ts';
export type * from './cards.ts';
export type * from './ceremonies.ts';
export type * from './clearing.ts';
export type * from './deny-lists.ts';
export type * from './enrolment.ts';
export type * from './exceptions.ts';
export type * from './exchanges.ts';
export type * from './health.ts';
export type * from './keys.ts';
export type * from './operating-modes.ts';
export type * from './overview.ts';
export type * from './parameters.ts';
export type * from './parties.ts';
export type * from './personalisation.ts';
export type * from './reconciliation.ts';
export type * from './sams.ts';
export type * from './session.ts';
export type * from './settlement.ts';
export type * from './specification.ts';
export type * from './taps.ts';
export type * from './terminals.ts';
export type * from './shapes.ts';

export interface paths
  extends ActivationPaths,
    ApprovalsPaths,
    AuditPaths,
    CampaignsPaths,
    CardsPaths,
    CeremoniesPaths,
    ClearingPaths,
    DenyListsPaths,
    EnrolmentPaths,
    ExceptionsPaths,
    ExchangesPaths,
    HealthPaths,
    KeysPaths,
    OperatingModesPaths,
    OverviewPaths,
    ParametersPaths,
    PartiesPaths,
    PersonalisationPaths,
    ReconciliationPaths,
    SamsPaths,
    SessionPaths,
    SettlementPaths,
    SpecificationPaths,
    TapsPaths,
    TerminalsPaths {}
