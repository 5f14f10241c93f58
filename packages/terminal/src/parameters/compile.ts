/** Downloaded parameter sets, compiled for terminals. Terminals with the same sets share the compiled objects. */

import type { TerminalProfile } from '@polycard/blueprint';
import { compileRecord, factorsFor } from '@polycard/blueprint/card-data';
import { fromHex, PolycardError } from '@polycard/bytes';
import { openRsaPublicKey, type RsaPublicKey } from '@polycard/emv';
import { type CompiledTariff, compileNetwork, compileTariff } from '@polycard/fares';
import type { PsamKey, TerminalParameters, TerminalRecord } from '../configuration.ts';
import {
  type CaKeySet,
  type CapabilitySet,
  type DownloadedSet,
  type NextSet,
  openSet,
  type RegionSet,
} from './sets.ts';

/** A key of a PSAM as it is loaded: its place in the key tree comes from set `TAR`. */
export interface LoadedKey {
  readonly label: string;
  readonly version: number;
  readonly key: Uint8Array;
}

/** What a terminal does from an instant on, local time YYYYMMDDhhmmss. */
export interface NextParameters {
  readonly from: string;
  readonly parameters: TerminalParameters;
  readonly profile: TerminalProfile;
}

export class ParameterCompiler {
  readonly #json = new Map<string, unknown>();
  readonly #compiled = new Map<string, TerminalParameters>();

  capabilities(set: DownloadedSet): CapabilitySet {
    return this.#open<CapabilitySet>('CAP', set);
  }

  region(set: DownloadedSet): RegionSet {
    return this.#open<RegionSet>('TAR', set);
  }

  compile(region: DownloadedSet, capabilities: DownloadedSet, caKeys: DownloadedSet): TerminalParameters {
    return this.#compile({
      region: { version: region.version, value: () => this.region(region) },
      caKeys: { version: caKeys.version, value: () => this.#open<CaKeySet>('CAK', caKeys) },
      discounts: this.capabilities(capabilities).discounts,
    });
  }

  /** The next version and the instant from which it holds. Throws `POLYCARD_TERMINAL_PARAMETERS`. */
  compileNext(set: DownloadedSet): NextParameters {
    const { version, from, sets } = openSet<NextSet>('TAN', set);
    if (version !== set.version || !/^\d{14}$/.test(from))
      throw new PolycardError(
        'POLYCARD_TERMINAL_PARAMETERS',
        `set TAN ${set.version} states version or instant wrongly`,
        {
          where: 'TAN.from',
          expected: 'the version it was announced as, and YYYYMMDDhhmmss',
        },
      );
    const parameters = this.#compile({
      region: { version, value: () => sets.TAR.value },
      caKeys: { version: sets.CAK.version, value: () => sets.CAK.value },
      discounts: sets.CAP.value.discounts,
    });
    return { from, parameters, profile: sets.CAP.value.profile };
  }

  #compile(sets: {
    readonly region: { readonly version: string; readonly value: () => RegionSet };
    readonly caKeys: { readonly version: string; readonly value: () => CaKeySet };
    readonly discounts: CapabilitySet['discounts'];
  }): TerminalParameters {
    const { region, caKeys, discounts } = sets;
    const key = `${region.version}|${discounts}|${caKeys.version}`;
    let parameters = this.#compiled.get(key);
    if (parameters === undefined) {
      parameters = compileParameters(region.value(), region.version, discounts, caKeys.value());
      this.#compiled.set(key, parameters);
    }
    return parameters;
  }

  /** A PSAM's keys with the part of their path that comes from the card. */
  psamKeys(region: DownloadedSet, keys: readonly LoadedKey[]): PsamKey[] {
    const { cappMacAlgorithm, manifest, keys: trees } = this.region(region);
    return keys.map(({ label, version, key }) => {
      const tree = trees.find((candidate) => candidate.label === label);
      if (tree === undefined)
        throw new PolycardError('POLYCARD_TERMINAL_PSAM_KEY', `the parameters do not describe the key ${label}`, {
          where: label,
        });
      return {
        label,
        version,
        algorithm: tree.algorithm,
        ...(cappMacAlgorithm === undefined ? {} : { macAlgorithm: cappMacAlgorithm }),
        key,
        cardFactors: (card) => factorsFor(tree, manifest, card).cardFactors,
      };
    });
  }

  #open<T>(name: string, set: DownloadedSet): T {
    const key = `${name}|${set.version}`;
    let value = this.#json.get(key);
    if (value === undefined) {
      value = openSet(name, set);
      this.#json.set(key, value);
    }
    return value as T;
  }
}

function compileParameters(
  region: RegionSet,
  version: string,
  discounts: 'tariff' | 'none',
  caKeys: CaKeySet,
): TerminalParameters {
  const networks = new Map(region.networks.map((network) => [network.network, compileNetwork(network)]));
  const tariffs: Partial<Record<'metro' | 'bus', CompiledTariff>> = {};
  for (const tariff of region.tariffs) {
    tariffs[tariff.mode] = compileTariff(
      tariff,
      tariff.baseFare.kind === 'distance' ? networks.get(tariff.baseFare.network) : undefined,
      region.busNetworks,
    );
  }
  const record = (name: string): TerminalRecord => {
    for (const application of region.applications) {
      for (const file of application.files) {
        const found = file.records.find((candidate) => candidate.name === name);
        if (found !== undefined)
          return {
            sfi: Number.parseInt(file.sfi, 16),
            codec: compileRecord(found),
            managementKey: found.managementKey,
          };
      }
    }
    throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `no application has a record ${name}`, {
      where: 'TAR.applications',
      expected: name,
    });
  };
  return {
    version,
    tariffs,
    operatorDiscounts: discounts !== 'none',
    classIdOfCode: new Map(region.classes.map((cardClass) => [cardClass.code, cardClass.id])),
    stationIdOfCode: new Map(
      region.networks.flatMap((network) => network.stations.map((station) => [station.code, station.id] as const)),
    ),
    records: {
      metro: record('metro'),
      bus: record('bus'),
      combinedRide: record('combined-ride'),
      trip: record('trip'),
    },
    caKeys: new Map(
      caKeys.map((key): [string, RsaPublicKey] => [
        key.rid + key.index,
        openRsaPublicKey(fromHex(key.modulus), fromHex(key.exponent)),
      ]),
    ),
  };
}
