import Type, { type Static } from 'typebox';
import { Fen, Words } from '../api-types.ts';

export const KeyRow = Type.Object({
  name: Type.String({ description: 'label#version' }),
  label: Type.String(),
  version: Type.Integer(),
  title: Words,
  usage: Type.String(),
  tree: Type.String({ description: 'activation, management, issuer, zones, data' }),
  algorithm: Type.String(),
  bits: Type.Integer(),
  owner: Type.String(),
  exportability: Type.String(),
  origin: Type.String(),
  state: Type.String(),
  stateSince: Type.String(),
  overlapEndsAt: Type.Optional(Type.String()),
  checkValue: Type.String(),
  createdAt: Type.String(),
});
export const KeyList = Type.Object({ backend: Type.String(), keys: Type.Array(KeyRow) });

export const KeyDetail = Type.Object({
  key: KeyRow,
  versions: Type.Array(KeyRow),
  levels: Type.Array(Type.Object({ level: Type.String(), factor: Type.String(), value: Type.String() }), {
    description: 'Dispersion path, top down',
  }),
  custodians: Type.Array(Type.Object({ id: Type.String(), name: Words, role: Words, may: Type.Array(Words) }), {
    description: 'Who may do what with it',
  }),
  shares: Type.Optional(Type.Object({ needed: Type.Integer(), of: Type.Integer() })),
  blastRadius: Type.Object({
    keys: Type.Integer(),
    cards: Type.Integer(),
    terminals: Type.Integer(),
    balanceFen: Fen,
  }),
  rotation: Type.Object({ words: Words }),
});

export const BackendAnswer = Type.Object({
  backend: Type.String(),
  custody: Type.String(),
  abilities: Type.Array(Type.Object({ name: Type.String(), supported: Type.Boolean(), note: Type.String() })),
});

export const ActivationBody = Type.Object({
  cardToken: Type.String({ pattern: '^[0-9A-F]{16}$' }),
  record: Type.String({ description: "A record of the blueprint's applications: metro, bus" }),
  atc: Type.Integer({ minimum: 0, maximum: 65535, description: 'As GET DATA 9F36 gives it' }),
  content: Type.String({ pattern: '^([0-9A-F]{2}){1,250}$', description: 'Initial record, hex' }),
});
export type ActivationBody = Static<typeof ActivationBody>;
export const ActivationAnswer = Type.Object({ command: Type.String({ description: 'Finished APPEND RECORD, hex' }) });

export const PsamKeyBody = Type.Object({ label: Type.String(), zoneId: Type.String() });
export const PsamKeyAnswer = Type.Object({
  label: Type.String(),
  enciphered: Type.String(),
  checkValue: Type.String(),
});

const FactorList = Type.Array(Type.String({ pattern: '^[0-9A-F]{16}$' }), { minItems: 1, maxItems: 8 });
export const DisperseBody = Type.Object({
  name: Type.String({ description: 'label or label#version' }),
  paths: Type.Array(FactorList, { minItems: 1, maxItems: 1000, description: 'Factors of each card, top down' }),
});
export const DisperseAnswer = Type.Object({ checkValues: Type.Array(Type.String()) });
