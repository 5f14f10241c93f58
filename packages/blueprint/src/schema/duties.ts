import Type, { type Static } from 'typebox';
import { Identifier, LocalName } from './primitives.ts';

const PermissionId = Type.String({
  pattern: '^[a-z][a-z-]*(\\.[a-z][a-z-]*)+$',
  description: 'Area and act joined by dots: keys.activation.approve',
});

export const Half = Type.Union([Type.Literal('activation'), Type.Literal('management')], {
  description: 'The two key systems that nobody may hold both of',
});
export type Half = Static<typeof Half>;

export const DutyPermission = Type.Object(
  {
    id: PermissionId,
    name: LocalName,
    half: Type.Optional(Half),
    kind: Type.Union(
      [
        Type.Literal('see', { description: 'Looks, changes nothing' }),
        Type.Literal('do', { description: 'Acts alone, within the platform’s own rules' }),
        Type.Literal('request', { description: 'Asks for an act that others approve' }),
        Type.Literal('approve', { description: 'Approves what somebody else asked for' }),
        Type.Literal('share', { description: 'Holds a share of what opens the keys' }),
        Type.Literal('witness', { description: 'Is present and signs' }),
        Type.Literal('prove', { description: 'Audits' }),
      ],
      { description: 'What the permission is good for' },
    ),
  },
  { additionalProperties: false },
);
export type DutyPermission = Static<typeof DutyPermission>;

export const DutyRole = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    permissions: Type.Array(PermissionId),
    includes: Type.Optional(Type.Array(Identifier, { description: 'Roles whose permissions it has as well' })),
    simulation: Type.Optional(Type.Boolean({ description: 'For simulated regions only; no person has it' })),
  },
  { additionalProperties: false },
);
export type DutyRole = Static<typeof DutyRole>;

export const DutyPerson = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    staffNo: Type.String({ minLength: 1, maxLength: 20, description: 'Tells one human being from another' }),
    organisation: Identifier,
    roles: Type.Array(Identifier),
    standsInFor: Type.Optional(
      Type.Array(Identifier, { description: 'People whose roles this one has in their absence' }),
    ),
  },
  { additionalProperties: false },
);
export type DutyPerson = Static<typeof DutyPerson>;

export const DutyAct = Type.Object(
  {
    id: PermissionId,
    name: LocalName,
    half: Type.Optional(Half),
    request: PermissionId,
    approve: PermissionId,
    approvals: Type.Integer({ minimum: 0, maximum: 9 }),
    ownRequest: Type.Union([Type.Literal('refused'), Type.Literal('allowed')], {
      description: 'Whether who asked may also approve',
    }),
    grants: Type.Optional(Type.Array(Identifier, { description: 'Roles this act gives to people' })),
    effect: Type.Object(
      { en: Type.String({ minLength: 1 }), zh: Type.String({ minLength: 1 }) },
      {
        additionalProperties: false,
        description:
          'Shown before approval; {subject} {keys} {cards} {terminals} are filled in, of a list also {added} {removed}',
      },
    ),
  },
  { additionalProperties: false },
);
export type DutyAct = Static<typeof DutyAct>;

export const Custody = Type.Object(
  {
    tree: Type.Union([Half, Type.Literal('issuer')]),
    custodian: Identifier,
    needed: Type.Integer({ minimum: 1, maximum: 20 }),
    of: Type.Integer({ minimum: 1, maximum: 20 }),
  },
  { additionalProperties: false },
);

/** `duties.yaml`: who may do what with which key, and who approves. */
export const Duties = Type.Object(
  {
    permissions: Type.Array(DutyPermission, { minItems: 1 }),
    roles: Type.Array(DutyRole, { minItems: 1 }),
    people: Type.Array(DutyPerson),
    acts: Type.Array(DutyAct),
    custody: Type.Array(Custody),
  },
  { additionalProperties: false },
);
export type Duties = Static<typeof Duties>;
