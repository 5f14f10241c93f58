import Type from 'typebox';
import { DecodedRecord, Words } from '../api-types.ts';

export const FileAccessView = Type.Object({
  read: Type.String({
    description: 'Condition as the specification writes it, e.g. enc(health-line) and auth(health)',
  }),
  update: Type.String(),
  append: Type.Optional(Type.String()),
  readPart: Type.Optional(Type.String()),
});

export const SpecifiedFile = Type.Object({
  sfi: Type.String(),
  fid: Type.Optional(Type.String()),
  title: Type.Optional(Words),
  type: Type.String(),
  recordsMax: Type.Optional(Type.Integer()),
  sizeBytes: Type.Optional(Type.Integer()),
  access: FileAccessView,
  activationKey: Type.Optional(Type.String()),
  records: Type.Array(DecodedRecord, { description: 'Each layout with an example filled in' }),
});

export const DataElementView = Type.Object({
  tag: Type.String(),
  name: Words,
  lengthBytes: Type.Integer(),
  where: Type.String({ description: 'Record of a file, or the data grouping that brings it onto the card' }),
  read: Type.Optional(Type.String()),
  update: Type.Optional(Type.String()),
  clause: Type.Optional(Type.String()),
});

export const SpecifiedApplication = Type.Object({
  id: Type.String(),
  name: Words,
  kind: Type.String(),
  aid: Type.String(),
  provider: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  source: Type.Optional(Type.String()),
  memoryBytes: Type.Integer(),
  keys: Type.Array(Type.String()),
  states: Type.Array(Type.Object({ id: Type.String(), code: Type.String(), name: Words })),
  transitions: Type.Array(
    Type.Object({ from: Type.String(), to: Type.String(), command: Type.String(), key: Type.Optional(Type.String()) }),
  ),
  classes: Type.Array(
    Type.Object({ id: Type.String(), validMonths: Type.Integer(), reviewMonths: Type.Optional(Type.Integer()) }),
  ),
  products: Type.Array(Words, { description: 'Card products that carry it' }),
  files: Type.Array(SpecifiedFile),
  elements: Type.Array(DataElementView, { description: 'Data objects of the financial application' }),
});

export const Specification = Type.Object({
  region: Words,
  version: Type.String(),
  applications: Type.Array(SpecifiedApplication),
});
