import Type, { type Static } from 'typebox';

const Hex = (lengthBytes: number) => Type.String({ pattern: `^[0-9A-F]{${lengthBytes * 2}}$` });

export const ZoneRequest = Type.Object({
  publicKey: Hex(32),
  purpose: Type.Union([Type.Literal('cards'), Type.Literal('terminals'), Type.Literal('maker')], {
    description:
      "Card and opening keys for a bureau; terminal and PSAM keys; the passage of a terminal maker's own zone key. Never two under one transport key",
  }),
  name: Type.String({ minLength: 1, maxLength: 40, description: 'Who this transport key is shared with' }),
});
export const ZoneAnswer = Type.Object({ zoneId: Type.String(), publicKey: Hex(32), checkValue: Hex(3) });

export const OperatorRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80, description: 'As records from the field write it' }),
  mode: Type.Union([Type.Literal('metro'), Type.Literal('bus')]),
  discounts: Type.Optional(Type.Union([Type.Literal('tariff'), Type.Literal('none')])),
});
export const OperatorAnswer = Type.Object({
  name: Type.String(),
  id: Type.String(),
  code: Type.String(),
  discounts: Type.String(),
  origin: Type.Union([Type.Literal('blueprint'), Type.Literal('enrolled')]),
});

export const PlaceRequest = Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }) });
export const PlaceAnswer = Type.Object({ name: Type.String(), code: Type.String(), origin: Type.String() });

export const TerminalRequest = Type.Object({
  deviceNo: Type.String({ minLength: 1, maxLength: 20 }),
  profile: Type.String(),
  operatorId: Type.String(),
  placeCode: Type.Optional(Type.String({ pattern: '^[0-9]{4}$' })),
  line: Type.Optional(Type.String({ maxLength: 40 })),
  route: Type.Optional(Type.String({ maxLength: 80 })),
  vehicle: Type.Optional(Type.String({ maxLength: 40 })),
});
export type TerminalRequest = Static<typeof TerminalRequest>;

export const TerminalsRequest = Type.Object({
  zoneId: Type.String(),
  terminals: Type.Array(TerminalRequest, { maxItems: 10_000 }),
});
export const TerminalAnswer = Type.Object({
  deviceNo: Type.String(),
  terminalNo: Type.String({ description: 'Field 41' }),
  merchantNo: Type.String({ description: 'Field 42' }),
  operatorCode: Type.String(),
  batchNo: Type.Integer(),
  masterKey: Type.String({ description: 'Terminal master key under the zone transport key, hex' }),
  masterKeyCheckValue: Type.String(),
});
export const PsamKey = Type.Object({
  label: Type.String(),
  version: Type.Integer({ description: 'While a key is rotated a PSAM holds two versions' }),
  algorithm: Type.Union([Type.Literal('3DES'), Type.Literal('SM4')]),
  enciphered: Type.String({
    description: 'Management key dispersed along the fixed part of its path, under the zone transport key',
  }),
  checkValue: Type.String(),
});
export const TerminalsAnswer = Type.Object({
  tpdu: Type.String(),
  header: Type.String(),
  listKey: Type.Optional(
    Type.Object(
      { modulus: Type.String(), exponent: Type.String() },
      { description: 'RSA public key of the list issuer, hex: a terminal believes only deny lists it signed' },
    ),
  ),
  terminals: Type.Array(TerminalAnswer),
  psam: Type.Array(PsamKey),
});
export type TerminalsAnswer = Static<typeof TerminalsAnswer>;

export const TakeZoneKeyRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 40, description: 'Whose zone key it is' }),
  agreedZoneId: Type.String({ description: 'A zone agreed for this one passage; it ends with it' }),
  keyBlock: Type.String({
    maxLength: 400,
    description: "The maker's zone key as a key block (X9.143 B, usage K0) under the agreed zone's key",
  }),
});
export type TakeZoneKeyRequest = Static<typeof TakeZoneKeyRequest>;
export const TakenZoneKeyAnswer = Type.Object({
  zoneId: Type.String(),
  algorithm: Type.Union([Type.Literal('3DES'), Type.Literal('AES')]),
  checkValue: Hex(3),
});

export const MakerTerminalAnswer = Type.Object({
  deviceNo: Type.String(),
  terminalNo: Type.String({ description: 'Field 41' }),
  merchantNo: Type.String({ description: 'Field 42' }),
  operatorId: Type.String(),
  operatorCode: Type.String(),
  batchNo: Type.Integer(),
  masterKey: Type.String({ description: 'Terminal master key as a key block (X9.143, TR-31) under the zone key' }),
  masterKeyCheckValue: Hex(3),
});
export const MakerTerminalsRequest = Type.Object({
  zoneId: Type.String(),
  terminals: Type.Array(TerminalRequest, { minItems: 1, maxItems: 1000 }),
});
export const MakerTerminalsAnswer = Type.Object({
  tpdu: Type.String(),
  header: Type.String(),
  gateway: Type.Object({ host: Type.String(), port: Type.Integer() }),
  terminals: Type.Array(MakerTerminalAnswer),
  listKey: Type.Optional(
    Type.Object(
      { modulus: Type.String(), exponent: Type.String() },
      { description: 'RSA public key of the list issuer, hex: a terminal believes only deny lists it signed' },
    ),
  ),
});
export type MakerTerminalsAnswer = Static<typeof MakerTerminalsAnswer>;
