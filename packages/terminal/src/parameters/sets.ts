/**
 * The parameter sets a terminal downloads (messages 364 and 365, our documented extension): compressed JSON, each under
 * its own version. `TAR` is a region's cards, keys and tariffs, `CAP` what this terminal can, `CAK` the keys of the
 * certification authorities. `TAN` holds the next version of all three, so that a terminal switches offline.
 */
import { inflateSync } from 'node:zlib';
import type {
  BusNetwork,
  CappApplication,
  CardClass,
  KeyTree,
  Manifest,
  Network,
  Tariff,
  TerminalProfile,
} from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';

/** Names of the sets, in the order in which a terminal asks for them. */
export const PARAMETER_SETS = ['TAR', 'CAP', 'CAK'] as const;
export type ParameterSetName = (typeof PARAMETER_SETS)[number];

/** Set `TAR`. */
export interface RegionSet {
  readonly manifest: Manifest;
  readonly classes: readonly CardClass[];
  readonly applications: readonly CappApplication[];
  readonly keys: readonly KeyTree[];
  readonly cappMacAlgorithm?: KeyTree['algorithm'];
  readonly tariffs: readonly Tariff[];
  readonly networks: readonly Network[];
  /** Absent in sets of before fares by section. */
  readonly busNetworks?: readonly BusNetwork[];
}

/** Set `CAP`. */
export interface CapabilitySet {
  readonly profile: TerminalProfile;
  readonly discounts: 'tariff' | 'none';
}

/** Set `CAK`: hexadecimal. */
export type CaKeySet = readonly {
  readonly rid: string;
  readonly index: string;
  readonly modulus: string;
  readonly exponent: string;
}[];

/** Set `TAN`: the next version of the three, and the local time YYYYMMDDhhmmss from which it holds. */
export interface NextSet {
  readonly version: string;
  readonly from: string;
  readonly sets: {
    readonly TAR: { readonly version: string; readonly value: RegionSet };
    readonly CAP: { readonly version: string; readonly value: CapabilitySet };
    readonly CAK: { readonly version: string; readonly value: CaKeySet };
  };
}

/** A set as it came: compressed JSON. */
export interface DownloadedSet {
  /** Up to 8 characters. */
  readonly version: string;
  readonly bytes: Uint8Array;
}

/** Where downloaded sets stand; terminals of one site may share one. */
export interface SetShelf {
  get(set: string): DownloadedSet | undefined;
  set(set: string, downloaded: DownloadedSet): unknown;
}

/** A set that unpacks to more than this is refused: a terminal's memory is small. */
const SET_BYTES_MAX = 16 * 1024 * 1024;

/** Throws `POLYCARD_TERMINAL_PARAMETERS`. */
export function openSet<T>(name: string, { version, bytes }: DownloadedSet): T {
  try {
    return JSON.parse(inflateSync(bytes, { maxOutputLength: SET_BYTES_MAX }).toString('utf8')) as T;
  } catch (cause) {
    throw new PolycardError('POLYCARD_TERMINAL_PARAMETERS', `parameter set ${name} ${version} cannot be read`, {
      where: name,
      expected: 'compressed JSON; download it again',
      cause,
    });
  }
}
