import Type, { type Static } from 'typebox';

export const SamKey = Type.Object({
  label: Type.String(),
  version: Type.Integer(),
  checkValue: Type.String(),
});
export type SamKey = Static<typeof SamKey>;

export const Sam = Type.Object({
  samNo: Type.String(),
  terminalNo: Type.String({ description: 'The terminal it is bound to' }),
  operatorId: Type.String(),
  zoneId: Type.String({ description: 'The zone it was issued in' }),
  state: Type.Union([Type.Literal('issued'), Type.Literal('stopped')]),
  keys: Type.Array(SamKey),
  issuedAt: Type.String(),
  lastSeenAt: Type.Optional(Type.String()),
  stoppedAt: Type.Optional(Type.String()),
  stopReason: Type.Optional(Type.String()),
});

export const SamsQuery = Type.Object({
  state: Type.Optional(Type.Union([Type.Literal('issued'), Type.Literal('stopped')])),
  terminalNo: Type.Optional(Type.String()),
});
export const SamList = Type.Object({ total: Type.Integer(), sams: Type.Array(Sam) });
export const StopRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 200 }) });
