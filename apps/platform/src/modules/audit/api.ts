import Type, { type Static } from 'typebox';
import { BusinessDate, Page, PageQuery } from '../api-types.ts';

export const AuditQuery = Type.Object({
  ...{ page: PageQuery.page, pageSize: PageQuery.pageSize },
  who: Type.Optional(Type.String({ maxLength: 80 })),
  what: Type.Optional(Type.String({ maxLength: 80, description: 'Act, or the beginning of one: `key.`' })),
  subject: Type.Optional(Type.String({ maxLength: 80, description: 'Part of the subject' })),
  day: Type.Optional(BusinessDate),
});
export type AuditQuery = Static<typeof AuditQuery>;

export const AuditEntry = Type.Object({
  sequence: Type.Integer(),
  at: Type.String({ description: 'UTC, ISO 8601' }),
  day: Type.String(),
  who: Type.String(),
  what: Type.String(),
  subject: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
  why: Type.Union([Type.String(), Type.Null()]),
  approvedBy: Type.Array(Type.String()),
  detail: Type.Record(Type.String(), Type.Unknown()),
  sha256: Type.String(),
  sm3: Type.String(),
});
export const AuditPage = Page(AuditEntry);

export const AuditVerification = Type.Object({
  verdict: Type.Union([Type.Literal('whole'), Type.Literal('broken'), Type.Literal('not-an-export')]),
  chain: Type.String(),
  entries: Type.Integer(),
  anchors: Type.Integer(),
  signatures: Type.Integer(),
  head: Type.Object({ sequence: Type.Integer(), sha256: Type.String(), sm3: Type.String() }),
  problem: Type.Optional(
    Type.Object({
      entry: Type.Integer(),
      line: Type.Integer(),
      part: Type.String(),
      message: Type.String(),
    }),
  ),
});
