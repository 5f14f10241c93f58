/** The blueprint made ready for work: compiled records, tariffs, look-ups by code. */
import {
  type Blueprint,
  type CardFactors,
  cappApplications,
  compileRecord,
  factorsFor,
  type KeyTree,
  type RecordCodec,
} from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { type CompiledNetwork, type CompiledTariff, compileNetwork, compileTariff } from '@polycard/fares';

export interface RegionRecord {
  readonly application: string;
  readonly sfi: number;
  readonly type: 'variable' | 'cyclic';
  readonly codec: RecordCodec;
  readonly activationKey: string;
  readonly managementKey: string;
}

export class Region {
  readonly blueprint: Blueprint;
  readonly networks: ReadonlyMap<string, CompiledNetwork>;
  readonly tariffs: ReadonlyMap<'metro' | 'bus', CompiledTariff>;
  /** By record name: metro, bus, combined-ride, trip. */
  readonly records: ReadonlyMap<string, RegionRecord>;
  /** Tariffs and parameters together, as terminals name them: 8 characters. */
  readonly version: string;

  /**
   * `version` is the parameter version whose content the blueprint holds; a blueprint by itself is named after its newest
   * tariff. `networks` are those of the same blueprint, compiled before.
   */
  constructor(blueprint: Blueprint, known: { readonly version?: string; readonly networks?: Region['networks'] } = {}) {
    this.blueprint = blueprint;
    this.networks =
      known.networks ?? new Map(blueprint.networks.map((network) => [network.network, compileNetwork(network)]));
    this.tariffs = new Map(
      blueprint.tariffs.map((tariff) => [
        tariff.mode,
        compileTariff(
          tariff,
          tariff.baseFare.kind === 'distance' ? this.networks.get(tariff.baseFare.network) : undefined,
          blueprint.busNetworks,
        ),
      ]),
    );
    this.version =
      known.version ??
      blueprint.tariffs
        .map((tariff) => tariff.version)
        .sort()
        .at(-1) ??
      '';
    const records = new Map<string, RegionRecord>();
    for (const application of cappApplications(blueprint)) {
      for (const file of application.files) {
        for (const record of file.records) {
          records.set(record.name, {
            application: application.application,
            sfi: Number.parseInt(file.sfi, 16),
            type: file.type,
            codec: compileRecord(record),
            activationKey: file.activationKey,
            managementKey: record.managementKey,
          });
        }
      }
    }
    this.records = records;
  }

  tariff(mode: 'metro' | 'bus'): CompiledTariff {
    const tariff = this.tariffs.get(mode);
    if (tariff === undefined) throw missing(`a tariff for ${mode}`);
    return tariff;
  }

  keyTree(label: string): KeyTree {
    const tree = this.blueprint.keys.find((candidate) => candidate.label === label);
    if (tree === undefined) throw missing(`the key tree ${label}`);
    return tree;
  }

  /** The one key tree for a usage in issuer scope, e.g. application cryptograms. */
  issuerTree(usage: KeyTree['usage']): KeyTree {
    const tree = this.blueprint.keys.find((candidate) => candidate.scope === 'issuer' && candidate.usage === usage);
    if (tree === undefined) throw missing(`an issuer key tree for ${usage}`);
    return tree;
  }

  classById(id: string) {
    const found = this.blueprint.cards.classes.find((candidate) => candidate.id === id);
    if (found === undefined) throw missing(`the card class ${id}`);
    return found;
  }

  classByCode(code: string) {
    return this.blueprint.cards.classes.find((candidate) => candidate.code === code);
  }

  /** Dispersion factors of a card under a tree, top down. */
  factors(label: string, card: CardFactors): Uint8Array[] {
    const { fixedPrefix, cardFactors } = factorsFor(this.keyTree(label), this.blueprint.manifest, card);
    return [...fixedPrefix, ...cardFactors];
  }

  /** Business date `YYYY-MM-DD` of a local time `YYYY-MM-DDThh:mm:ss`: the day begins at the blueprint's hour. */
  businessDate(localTime: string): string {
    if (localTime.slice(11, 16) >= this.blueprint.manifest.region.businessDayStartsAt) return localTime.slice(0, 10);
    const previous = new Date(`${localTime.slice(0, 10)}T00:00:00Z`);
    previous.setUTCDate(previous.getUTCDate() - 1);
    return previous.toISOString().slice(0, 10);
  }

  /** Local time in the region's zone as `YYYY-MM-DDThh:mm:ss`. */
  localTime(instant: Date): string {
    const shifted = new Date(instant.getTime() + this.blueprint.manifest.region.utcOffsetMinutes * 60_000);
    return shifted.toISOString().slice(0, 19);
  }
}

/** Vault label of an issuer's key: the party, then the tree. */
export const issuerKeyLabel = (issuerId: string, tree: string): string => `${issuerId}:${tree}`;
export const CA_KEY_LABEL = 'region:certificate-authority';
export const issuerCertificateKeyLabel = (issuerId: string): string => `${issuerId}:issuer-certificate`;

function missing(what: string): PolycardError {
  return new PolycardError('POLYCARD_BLUEPRINT_MISSING', `the blueprint lacks ${what}`, { expected: what });
}
