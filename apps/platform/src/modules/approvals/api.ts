import Type, { type Static } from 'typebox';
import { Words } from '../api-types.ts';

export const ApprovalBody = Type.Object({
  id: Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$', description: 'Idempotency key made by the sender' }),
  act: Type.String({ description: 'An act of duties.yaml: keys.management.rotate' }),
  subject: Type.String({
    ...{ minLength: 1, maxLength: 800 },
    description: "A key's label or label#version, or an account; keys handed over or ordered, joined by commas",
  }),
  why: Type.String({ minLength: 3, maxLength: 400 }),
  parameters: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type ApprovalBody = Static<typeof ApprovalBody>;

export const DecisionBody = Type.Object({
  verdict: Type.Union([Type.Literal('approved'), Type.Literal('refused')]),
  why: Type.String({ maxLength: 400 }),
});

export const Approval = Type.Object({
  id: Type.String(),
  act: Type.Object({ id: Type.String(), name: Words, approve: Type.String() }),
  subject: Type.String(),
  why: Type.String(),
  effect: Words,
  requestedBy: Type.String(),
  requestedAt: Type.String(),
  needed: Type.Integer(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('done'),
    Type.Literal('refused'),
    Type.Literal('failed', { description: 'Approved, but it could not be carried out; see outcome' }),
  ]),
  outcome: Type.String(),
  decisions: Type.Array(
    Type.Object({ who: Type.String(), verdict: Type.String(), why: Type.String(), at: Type.String() }),
  ),
});
export const ApprovalList = Type.Array(Approval);
