/**
 * An industry file application as a card needs it (`IndustryFileSpecification` of packages/emv): plain numbers and
 * hexadecimal text, no names of the blueprint's schema.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import type { Condition, ConditionTerm, IndustryFileDescription, IndustryFileSpecification } from '@polycard/emv';
import { type AccessTerm, parseAccessCondition } from './access-condition.ts';
import { type Blueprint, fileApplications } from './blueprint.ts';
import { compileRecord } from './record-codec.ts';
import type { ApplicationKeyUse, FileApplication, IndustryFile } from './schema/application.ts';

/** The application's name, and what a card is made from. */
export interface FileApplicationDescription extends IndustryFileSpecification {
  readonly application: string;
  readonly keys: readonly (IndustryFileSpecification['keys'][number] & { readonly use: ApplicationKeyUse })[];
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

function describeFile(file: IndustryFile, condition: (text: string | undefined) => Condition): IndustryFileDescription {
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
