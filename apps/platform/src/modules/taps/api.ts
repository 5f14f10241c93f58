import Type, { type Static } from 'typebox';
import {
  BusinessDate,
  DecodedRecord,
  ExceptionReason,
  FareExplanation,
  Fen,
  LocalTime,
  Page,
  PageQuery,
  Posting,
  TapKind,
  TapRow,
  TapState,
  TlvView,
  Words,
} from '../api-types.ts';

export const TapsQuery = Type.Object({
  ...PageQuery,
  date: Type.Optional(BusinessDate),
  kind: Type.Optional(TapKind),
  state: Type.Optional(TapState),
  operator: Type.Optional(Type.String()),
  terminalNo: Type.Optional(Type.String()),
  cardToken: Type.Optional(Type.String()),
  reason: Type.Optional(ExceptionReason),
  withDialogue: Type.Optional(Type.Boolean({ description: 'Only taps whose APDU dialogue was uploaded' })),
  q: Type.Optional(
    Type.String({ maxLength: 60, description: 'Tap id, terminal or device number, last digits of the PAN, station' }),
  ),
});
export const TapPage = Page(TapRow);

/** One APDU exchange of a tap, decoded. */
export const Exchange = Type.Object({
  index: Type.Integer(),
  phase: Type.String({ description: 'Kernel phase: select, read-capp, gpo, update-capp, read-record, proof' }),
  command: Type.String({ description: 'Command APDU, hex, PAN masked' }),
  response: Type.String({ description: 'Response data and status word, hex, PAN masked' }),
  what: Words,
  sw: Type.String(),
  swMeaning: Words,
  objects: Type.Array(TlvView),
  startUs: Type.Integer({ description: 'Microseconds since the first command' }),
  cardUs: Type.Integer({ description: 'Time the card took' }),
});

export const TapDetail = Type.Object({
  tap: TapRow,
  headline: Words,
  next: Words,
  timeline: Type.Array(Type.Object({ at: Type.String({ description: 'UTC, ISO 8601' }), what: Words })),
  entry: Type.Optional(
    Type.Object({ place: Type.Optional(Words), at: Type.Optional(LocalTime), tapId: Type.Optional(Type.String()) }),
  ),
  dialogue: Type.Array(Exchange, { description: "Empty when this tap's dialogue was not uploaded" }),
  fare: Type.Object({
    gateFen: Fen,
    clearing: Type.Optional(FareExplanation),
    agrees: Type.Union([Type.Boolean(), Type.Null()]),
  }),
  cryptogram: Type.Object({
    state: Type.Union([Type.Literal('unchecked'), Type.Literal('verified'), Type.Literal('failed')]),
    applicationCryptogram: Type.String(),
    atc: Type.String(),
    unpredictableNumber: Type.String(),
    cryptogramVersion: Type.String(),
    cardVerificationResults: Type.String(),
    inputs: Type.Array(Type.Object({ tag: Type.String(), name: Words, hex: Type.String() })),
    keyLabel: Type.String(),
    keyPath: Type.Array(Type.String(), { description: 'How the card key was dispersed, top down, in words' }),
  }),
  exceptions: Type.Array(
    Type.Object({
      id: Type.String(),
      reason: ExceptionReason,
      explanation: Words,
      state: Type.String(),
      openedAt: Type.String(),
    }),
  ),
  postings: Type.Array(Posting),
  records: Type.Array(DecodedRecord, { description: 'Card records as this tap wrote them' }),
  message: Type.Object({
    hex: Type.String({ description: 'Uploaded frame, PAN masked' }),
    fields: Type.Array(Type.Object({ field: Type.String(), name: Words, hex: Type.String(), text: Type.String() })),
  }),
});
export type TapDetail = Static<typeof TapDetail>;
export type Exchange = Static<typeof Exchange>;
