import Type from 'typebox';
import { BusinessDate, ExceptionReason, Page, PageQuery, TapRow, Words } from '../api-types.ts';

export const ExceptionsQuery = Type.Object({
  ...PageQuery,
  date: Type.Optional(BusinessDate),
  reason: Type.Optional(ExceptionReason),
  state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('resolved')])),
});
export const ExceptionRow = Type.Object({
  id: Type.String(),
  reason: ExceptionReason,
  state: Type.Union([Type.Literal('open'), Type.Literal('resolved')]),
  explanation: Words,
  openedAt: Type.String(),
  businessDate: BusinessDate,
  terminalNo: Type.String(),
  tap: Type.Optional(TapRow),
});
export const ExceptionPage = Page(ExceptionRow);
