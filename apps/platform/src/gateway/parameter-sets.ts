/**
 * What terminals download: `TAR` tariffs, networks, record layouts and key paths of the region; `CAP` the terminal's own
 * capabilities; `CAK` certification authority keys; each of the version this terminal should have now. `TAN` is its next
 * version: all three together with the instant from which they hold, so that a terminal switches offline. JSON, deflated,
 * sent in pages. There is no next version where the answer to `TAN` names none and is empty.
 */
import { deflateSync } from 'node:zlib';
import { cappApplications } from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { CHUNK_BYTES_MAX, type ParameterAnswer, type ParameterRequest } from '@polycard/iso8583';
import { certificationAuthorityKeys } from '../ca-keys.ts';
import type { PlatformContext } from '../context.ts';
import type { Appointment } from '../modules/parameters/schedule.ts';
import type { Region } from '../region.ts';
import type { GatewayTerminal } from './terminal-directory.ts';

interface ParameterSet {
  readonly version: string;
  readonly bytes: Uint8Array;
}

export interface PageAnswered {
  readonly answer: ParameterAnswer;
  /** Row of the schedule that the terminal holds once it has this page: after the last page of `TAR` or `TAN`. */
  readonly told?: Appointment;
}

const NO_SET: ParameterSet = { version: '', bytes: new Uint8Array(0) };
/** Sets of old versions and postponed instants are made again if they are ever asked for. */
const KEPT_MAX = 500;

export class ParameterSets {
  readonly #context: PlatformContext;
  readonly #kept = new Map<string, ParameterSet>();

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** One page of a set, or `nothing-newer` when the terminal holds this version; undefined for an unknown set. */
  page(terminal: GatewayTerminal, request: ParameterRequest): PageAnswered | undefined {
    const name = request.set.trim();
    const { current, next } = this.#context.parameters.appointmentsFor(terminal.terminalNo);
    const set = name === 'TAN' ? this.#next(terminal, next) : this.#current(terminal, name, current.version);
    if (set === undefined) return undefined;
    const appointment = name === 'TAR' ? current : name === 'TAN' ? next : undefined;
    const told = appointment === undefined ? {} : { told: appointment };
    // the same next version at another instant is news
    const isHeld =
      request.version === set.version && (name !== 'TAN' || next === undefined || terminal.told.has(next.sequence));
    if (request.page === 0 && isHeld && set !== NO_SET) {
      return { answer: { status: 'nothing-newer', version: set.version, page: 0, chunk: new Uint8Array(0) }, ...told };
    }
    const start = request.page * CHUNK_BYTES_MAX;
    const chunk = set.bytes.subarray(start, start + CHUNK_BYTES_MAX);
    const isLast = start + CHUNK_BYTES_MAX >= set.bytes.length;
    const answer = { status: isLast ? 'last' : 'more', version: set.version, page: request.page, chunk } as const;
    return { answer, ...(isLast ? told : {}) };
  }

  #current(terminal: GatewayTerminal, name: string, version: string): ParameterSet | undefined {
    return this.#set(`${name}|${version}${name === 'CAP' ? forTerminal(terminal) : ''}`, () => {
      const value = this.#content(terminal, name, this.#region(version));
      return value === undefined ? undefined : { value, ...(name === 'TAR' ? { version } : {}) };
    });
  }

  #next(terminal: GatewayTerminal, next: Appointment | undefined): ParameterSet | undefined {
    if (next === undefined) return NO_SET;
    return this.#set(`TAN|${next.version}|${next.fromAt}${forTerminal(terminal)}`, () => {
      const sets = (['TAR', 'CAP', 'CAK'] as const).map((name) => {
        const { version } = this.#current(terminal, name, next.version)!;
        return [name, { version, value: this.#content(terminal, name, this.#region(next.version)) }];
      });
      const from = next.fromAt.replace(/\D/g, '');
      return { version: next.version, value: { version: next.version, from, sets: Object.fromEntries(sets) } };
    });
  }

  #set(key: string, make: () => { readonly value: unknown; readonly version?: string } | undefined) {
    let set = this.#kept.get(key);
    if (set === undefined) {
      const content = make();
      if (content === undefined) return undefined;
      const bytes = deflateSync(JSON.stringify(content.value), { level: 9 });
      set = { bytes, version: content.version ?? toHex(sha256(bytes)).slice(0, 8) };
      if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
      this.#kept.set(key, set);
    }
    return set;
  }

  #region(version: string): Region {
    return this.#context.parameters.regionOf(version) ?? this.#context.region;
  }

  #content(terminal: GatewayTerminal, name: string, region: Region): unknown {
    const { blueprint } = region;
    switch (name) {
      case 'TAR': {
        const applications = cappApplications(blueprint);
        const records = applications.flatMap(({ files }) => files.flatMap((file) => file.records));
        return {
          manifest: blueprint.manifest,
          classes: blueprint.cards.classes,
          applications,
          keys: blueprint.keys.filter(({ label }) => records.some(({ managementKey }) => managementKey === label)),
          cappMacAlgorithm: blueprint.cards.profile.cappMacAlgorithm,
          tariffs: blueprint.tariffs,
          networks: blueprint.networks,
          busNetworks: blueprint.busNetworks,
        };
      }
      case 'CAP':
        return {
          profile: blueprint.terminals.profiles.find((profile) => profile.id === terminal.profile),
          discounts: terminal.discounts,
        };
      case 'CAK':
        return certificationAuthorityKeys(this.#context.vault, region);
      default:
        return undefined;
    }
  }
}

const forTerminal = ({ profile, discounts }: GatewayTerminal): string => `|${profile}|${discounts}`;
