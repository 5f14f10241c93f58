import Type from 'typebox';
import { Words } from '../api-types.ts';

export const PartyRow = Type.Object({
  id: Type.String(),
  kind: Type.Union([
    Type.Literal('platform'),
    Type.Literal('issuer'),
    Type.Literal('operator'),
    Type.Literal('service'),
  ]),
  name: Words,
  city: Type.Optional(Type.String()),
  mode: Type.Optional(Type.String()),
  origin: Type.Union([Type.Literal('blueprint'), Type.Literal('enrolled')]),
  discounts: Type.String(),
});
export const PartyList = Type.Array(PartyRow);
