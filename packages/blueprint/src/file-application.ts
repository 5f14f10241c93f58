/**
 * An industry file application as a card needs it: plain numbers and hexadecimal text, no names of the blueprint's
 * schema, so that the card package makes its file system from it without knowing blueprints.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import { type AccessTerm, parseAccessCondition } from './access-condition.ts';
import { type Blueprint, fileApplications } from './blueprint.ts';
import { compileRecord } from './record-codec.ts';
import type { ApplicationKeyUse, FileApplication, IndustryFile } from './schema/application.ts';

/** One demand: `key` is a key reference, `pin` the reference of the PIN. */
export type ConditionTerm =
  | { readonly kind: 'free' | 'never' }
  | { readonly kind: 'pin'; readonly pin: number }
  | { readonly kind: 'auth' | 'mutual' | 'mac' | 'enc'; readonly key: number };

/**
 * It holds when all terms of one alternative hold. `auth`: EXTERNAL AUTHENTICATE with that key in this session; `mutual`:
 * INTERNAL AUTHENTICATE answered too; `mac`: this command carries a MAC under the key; `enc`: its data are enciphered
 * under the key and carry a MAC.
 */
export interface Condition {
  readonly anyOf: readonly (readonly ConditionTerm[])[];
}

export interface FileDescription {
  readonly name: string;
  readonly fid: number;
  readonly sfi: number;
  readonly type: 'transparent' | 'linear-fixed' | 'cyclic';
  /** Transparent: bytes of the file. Record files: bytes of one record. */
  readonly lengthBytes: number;
  /** Record files: how many records there are (linear) or are kept (cyclic); 1 for a transparent file. */
  readonly recordsMax: number;
  readonly access: {
    readonly read: Condition;
    readonly update: Condition;
    /** APPEND RECORD; a condition that never holds where the specification names none. */
    readonly append: Condition;
    /** Who gets only the first bytes of each record. */
    readonly readPart?: { readonly bytes: number; readonly condition: Condition };
  };
  /** A fresh transparent file, or a fresh record of a linear file, in hexadecimal. Cyclic files begin empty. */
  readonly initial: string;
}

export interface FileApplicationDescription {
  readonly application: string;
  readonly aid: string;
  readonly label: string;
  /** SM4 when every key of the application is an SM4 key. */
  readonly algorithm: '3DES' | 'SM4';
  readonly session: 'split' | 'single';
  readonly pin?: {
    readonly reference: number;
    readonly digitsMin: number;
    readonly digitsMax: number;
    readonly triesMax: number;
    readonly unblockKey?: number;
  };
  /** Keys on the card. Their trees are in `keys.yaml` under the same label. */
  readonly keys: readonly {
    readonly label: string;
    readonly reference: number;
    readonly use: ApplicationKeyUse;
    readonly triesMax: number;
  }[];
  readonly activationKey: number;
  readonly managementKey: number;
  readonly lifeCycle: {
    readonly initial: string;
    readonly states: readonly { readonly id: string; readonly code: number }[];
    readonly transitions: readonly {
      readonly from: string;
      readonly to: string;
      readonly command: string;
      readonly key?: number;
    }[];
  };
  readonly files: readonly FileDescription[];
}

const TRIES_DEFAULT = 15;

/** Descriptions of the file applications a product carries, or of all. Throws `POLYCARD_BLUEPRINT_MISSING`. */
export function describeFileApplications(
  blueprint: Blueprint,
  among?: readonly string[],
): FileApplicationDescription[] {
  return fileApplications(blueprint, among).map((application) => describe(application, blueprint));
}

function describe(application: FileApplication, blueprint: Blueprint): FileApplicationDescription {
  const references = new Map(
    application.keys.flatMap(({ label, reference }) =>
      reference === undefined ? [] : [[label, Number.parseInt(reference, 16)] as const],
    ),
  );
  const keyReference = (label: string): number => {
    const reference = references.get(label);
    if (reference === undefined) throw missing(application, `the key ${label} with a reference`);
    return reference;
  };
  const term = (from: AccessTerm): ConditionTerm => {
    if ('key' in from) return { kind: from.kind, key: keyReference(from.key) };
    if (from.kind !== 'pin') return { kind: from.kind };
    if (application.pin === undefined) throw missing(application, 'a PIN');
    return { kind: 'pin', pin: Number.parseInt(application.pin.reference, 16) };
  };
  const condition = (text: string | undefined): Condition => ({
    anyOf: parseAccessCondition(text ?? 'never').anyOf.map((terms) => terms.map(term)),
  });
  const trees = blueprint.keys.filter((tree) => application.keys.some(({ label }) => label === tree.label));
  const { pin, lifeCycle } = application;
  return {
    application: application.application,
    aid: application.aid,
    label: application.label,
    algorithm: trees.every((tree) => tree.algorithm === 'SM4') ? 'SM4' : '3DES',
    session: application.session,
    ...(pin === undefined
      ? {}
      : {
          pin: {
            reference: Number.parseInt(pin.reference, 16),
            digitsMin: pin.digitsMin,
            digitsMax: pin.digitsMax,
            triesMax: pin.triesMax,
            ...(pin.unblockKey === undefined ? {} : { unblockKey: keyReference(pin.unblockKey) }),
          },
        }),
    keys: application.keys.flatMap(({ label, use, triesMax }) =>
      references.has(label)
        ? [{ label, reference: keyReference(label), use, triesMax: triesMax ?? TRIES_DEFAULT }]
        : [],
    ),
    activationKey: keyReference(application.activationKey),
    managementKey: keyReference(application.managementKey),
    lifeCycle: {
      initial: lifeCycle.initial,
      states: lifeCycle.states.map(({ id, code }) => ({ id, code: Number.parseInt(code, 16) })),
      transitions: lifeCycle.transitions.map(({ from, to, command, key }) => ({
        ...{ from, to, command },
        ...(key === undefined ? {} : { key: keyReference(key) }),
      })),
    },
    files: application.files.map((file) => describeFile(file, condition)),
  };
}

function describeFile(file: IndustryFile, condition: (text: string | undefined) => Condition): FileDescription {
  const layout = file.records[0]!;
  const { access } = file;
  return {
    name: file.name,
    fid: Number.parseInt(file.fid, 16),
    sfi: Number.parseInt(file.sfi, 16),
    type: file.type,
    lengthBytes: file.type === 'transparent' ? (file.sizeBytes ?? layout.lengthBytes) : layout.lengthBytes,
    recordsMax: file.type === 'transparent' ? 1 : (file.recordsMax ?? 1),
    access: {
      read: condition(access.read),
      update: condition(access.update),
      append: condition(access.append),
      ...(access.readPart === undefined
        ? {}
        : { readPart: { bytes: access.readPart.bytes, condition: condition(access.readPart.condition) } }),
    },
    initial: toHex(compileRecord(layout).initial()),
  };
}

function missing(application: FileApplication, what: string): PolycardError {
  return new PolycardError('POLYCARD_BLUEPRINT_MISSING', `the application ${application.application} lacks ${what}`, {
    where: application.application,
    expected: what,
  });
}
