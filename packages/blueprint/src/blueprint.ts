import type { Application, CappApplication, FileApplication, FinancialApplication } from './schema/application.ts';
import type { BusNetwork } from './schema/bus-network.ts';
import type { Cards } from './schema/cards.ts';
import type { DenyLists } from './schema/deny-list.ts';
import type { Duties } from './schema/duties.ts';
import type { Custodian, KeyTree } from './schema/keys.ts';
import type { Settlement, Terminals } from './schema/operation.ts';
import type { Manifest, Party } from './schema/region.ts';
import type { Network, Tariff } from './schema/tariff.ts';

/** A region as data: everything the platform, cards and terminals need to know about one province. */
export interface Blueprint {
  readonly manifest: Manifest;
  readonly parties: readonly Party[];
  readonly custodians: readonly Custodian[];
  readonly keys: readonly KeyTree[];
  readonly cards: Cards;
  /** Of every kind; `cappApplications`, `fileApplications` and `financialApplication` pick. */
  readonly applications: readonly Application[];
  readonly tariffs: readonly Tariff[];
  readonly networks: readonly Network[];
  readonly busNetworks: readonly BusNetwork[];
  readonly terminals: Terminals;
  readonly settlement: Settlement;
  /** Who may do what; a blueprint for trials may leave it out. */
  readonly duties?: Duties;
  /** Why cards are listed; a blueprint without it lists none. */
  readonly denyLists?: DenyLists;
}

type Applications = Pick<Blueprint, 'applications'>;

/** Applications whose records lie in extended files of the financial application; `among` a product's, if given. */
export function cappApplications({ applications }: Applications, among?: readonly string[]): CappApplication[] {
  return applications.filter(
    (application): application is CappApplication =>
      application.kind === 'capp' && (among === undefined || among.includes(application.application)),
  );
}

/** Applications of their own AID with ISO 7816-4 files; `among` a product's, if given. */
export function fileApplications({ applications }: Applications, among?: readonly string[]): FileApplication[] {
  return applications.filter(
    (application): application is FileApplication =>
      application.kind === 'files' && (among === undefined || among.includes(application.application)),
  );
}

export function financialApplication({ applications }: Applications): FinancialApplication | undefined {
  return applications.find((application): application is FinancialApplication => application.kind === 'financial');
}

/** Labels of the key trees an application hangs on, activation first. */
export function applicationKeys(application: Application): string[] {
  switch (application.kind) {
    case 'capp':
      return [
        ...new Set([
          ...application.files.map((file) => file.activationKey),
          ...application.files.flatMap((file) => file.records.map((record) => record.managementKey)),
        ]),
      ];
    case 'files':
      return [
        ...new Set([
          application.activationKey,
          application.managementKey,
          ...application.keys.map(({ label }) => label),
        ]),
      ];
    case 'financial':
      return application.keys.map(({ label }) => label);
  }
}
