/**
 * What terminals download: `TAR` tariffs, networks, record layouts and key paths of the region; `CAP` the terminal's own
 * capabilities; `CAK` certification authority keys. JSON, deflated, sent in pages. One version for each set.
 */
import { deflateSync } from 'node:zlib';
import { cappApplications } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { CHUNK_BYTES_MAX, type ParameterAnswer, type ParameterRequest } from '@polycard/iso8583';
import { certificationAuthorityKeys } from '../ca-keys.ts';
import type { PlatformContext } from '../context.ts';
import type { GatewayTerminal } from './terminal-directory.ts';

interface ParameterSet {
  readonly version: string;
  readonly bytes: Uint8Array;
}

export class ParameterSets {
  readonly #context: PlatformContext;
  readonly #kept = new Map<string, ParameterSet>();

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** One page of a set, or `nothing-newer` when the terminal holds this version; undefined for an unknown set. */
  page(terminal: GatewayTerminal, request: ParameterRequest): ParameterAnswer | undefined {
    const set = this.#set(terminal, request.set.trim());
    if (set === undefined) return undefined;
    if (request.page === 0 && request.version === set.version) {
      return { status: 'nothing-newer', version: set.version, page: 0, chunk: new Uint8Array(0) };
    }
    const start = request.page * CHUNK_BYTES_MAX;
    const chunk = set.bytes.subarray(start, start + CHUNK_BYTES_MAX);
    const isLast = start + CHUNK_BYTES_MAX >= set.bytes.length;
    return { status: isLast ? 'last' : 'more', version: set.version, page: request.page, chunk };
  }

  #set(terminal: GatewayTerminal, name: string): ParameterSet | undefined {
    const key = name === 'CAP' ? `CAP|${terminal.profile}|${terminal.discounts}` : name;
    let set = this.#kept.get(key);
    if (set === undefined) {
      const content = this.#content(terminal, name);
      if (content === undefined) return undefined;
      const bytes = deflateSync(JSON.stringify(content.value), { level: 9 });
      set = { bytes, version: content.version ?? toHex(sha256(bytes)).slice(0, 8) };
      this.#kept.set(key, set);
    }
    return set;
  }

  #content(terminal: GatewayTerminal, name: string): { value: unknown; version?: string } | undefined {
    const { region, vault } = this.#context;
    const { blueprint } = region;
    switch (name) {
      case 'TAR': {
        const applications = cappApplications(blueprint);
        const records = applications.flatMap(({ files }) => files.flatMap((file) => file.records));
        return {
          version: region.tariffVersion,
          value: {
            manifest: blueprint.manifest,
            classes: blueprint.cards.classes,
            applications,
            keys: blueprint.keys.filter(({ label }) => records.some(({ managementKey }) => managementKey === label)),
            cappMacAlgorithm: blueprint.cards.profile.cappMacAlgorithm,
            tariffs: blueprint.tariffs,
            networks: blueprint.networks,
          },
        };
      }
      case 'CAP':
        return {
          value: {
            profile: blueprint.terminals.profiles.find((profile) => profile.id === terminal.profile),
            discounts: terminal.discounts,
          },
        };
      case 'CAK':
        return { value: certificationAuthorityKeys(vault, region) };
      default:
        return undefined;
    }
  }
}
