import Type, { type Static } from 'typebox';

const Who = Type.String({ minLength: 1, maxLength: 60 });
const Passphrase = Type.String({ minLength: 8, maxLength: 200 });

export const OpenCeremony = Type.Object({
  tree: Type.Union([Type.Literal('activation'), Type.Literal('management'), Type.Literal('issuer')]),
  participants: Type.Array(
    Type.Object({
      who: Who,
      role: Type.Union([
        Type.Literal('administrator'),
        Type.Literal('custodian'),
        Type.Literal('witness'),
        Type.Literal('auditor'),
      ]),
      passphrase: Passphrase,
    }),
    { minItems: 1, maxItems: 30 },
  ),
});
export type OpenCeremony = Static<typeof OpenCeremony>;

export const KeystoreBody = Type.Object({ keystorePassphrase: Passphrase });
export const ShareBody = Type.Object({ who: Who, share: Type.String({ maxLength: 200 }) });
export const ComponentBody = Type.Object({
  who: Who,
  label: Type.String({ minLength: 1, maxLength: 120 }),
  component: Type.String({ pattern: '^[0-9A-F]{32}$', description: 'Hex; never shown again' }),
  checkValue: Type.String({ pattern: '^([0-9A-F]{2}){3,8}$' }),
});
export const OwnBody = Type.Object({ who: Who, passphrase: Passphrase });
export const RestoreBody = Type.Object({
  backup: Type.String({ maxLength: 10_000_000 }),
  keystorePassphrase: Passphrase,
});

export const CeremonyState = Type.Object({
  id: Type.String(),
  tree: Type.String(),
  needed: Type.Integer(),
  of: Type.Integer(),
  custodians: Type.Array(Type.String()),
  /** Who still has a share to receive, and who entered one. */
  sharesWaiting: Type.Array(Type.String()),
  sharesEntered: Type.Array(Type.String()),
  componentsEntered: Type.Array(Type.String()),
  hasKeystore: Type.Boolean(),
  steps: Type.Array(
    Type.Object({ sequence: Type.Integer(), who: Type.String(), what: Type.String(), statement: Type.String() }),
  ),
});
export const ShareAnswer = Type.Object({ share: Type.String({ description: 'Shown to its custodian, this once' }) });
export const FileAnswer = Type.Object({ text: Type.String() });
