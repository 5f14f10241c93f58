import Type, { type Static } from 'typebox';

const Name = Type.String({ pattern: '^[A-Za-z0-9-]{1,40}$' });
const CheckValue = Type.String({ pattern: '^([0-9A-F]{2}){3,8}$' });
export const Tree = Type.Union([Type.Literal('activation'), Type.Literal('management'), Type.Literal('issuer')], {
  description: 'Whose keys travel under it; a counterpart gets one half only',
});

export const ZoneBody = Type.Object({
  zoneId: Name,
  counterpart: Type.String({ minLength: 1, maxLength: 80 }),
  tree: Tree,
  algorithm: Type.Union([Type.Literal('3DES'), Type.Literal('AES')], {
    description: '3DES: X9.143 B, ECB; AES: X9.143 D',
  }),
  components: Type.Integer({ minimum: 2, maximum: 9, description: 'How many people enter one each' }),
  checkValue: Type.Optional(CheckValue),
});
export type ZoneBody = Static<typeof ZoneBody>;

export const ComponentBody = Type.Object({
  component: Type.String({ pattern: '^[0-9A-F]{32,64}$', description: 'Hex; never shown again' }),
  checkValue: CheckValue,
});
export const ExchangeZone = Type.Object({
  zoneId: Type.String(),
  counterpart: Type.String(),
  tree: Tree,
  algorithm: Type.String(),
  state: Type.Union([Type.Literal('waiting'), Type.Literal('active')]),
  components: Type.Object({ needed: Type.Integer(), enteredBy: Type.Array(Type.String()) }),
  checkValue: Type.Optional(Type.String({ description: 'Of the whole key, once it is there' })),
});

export const ExchangeRow = Type.Object({
  id: Type.String({ description: 'Number of the request that was approved' }),
  direction: Type.Union([Type.Literal('out'), Type.Literal('in')]),
  tree: Tree,
  zoneId: Type.String(),
  counterpart: Type.String(),
  state: Type.Union([
    Type.Literal('handed-over', { description: 'Waits for its receipt' }),
    Type.Literal('receipted'),
    Type.Literal('taken'),
    Type.Literal('refused', { description: 'No key of it was taken' }),
  ]),
  at: Type.String(),
  receiptAt: Type.Optional(Type.String()),
  digest: Type.Object({ sm3: Type.String(), sha256: Type.String() }),
  keys: Type.Array(
    Type.Object({
      label: Type.String(),
      version: Type.Integer(),
      usage: Type.String(),
      algorithm: Type.String(),
      checkValue: Type.String(),
      form: Type.String(),
      accepted: Type.Optional(Type.Boolean({ description: 'By the receipt' })),
      refusal: Type.Optional(Type.String()),
    }),
  ),
});
export const ExchangeList = Type.Object({ zones: Type.Array(ExchangeZone), exchanges: Type.Array(ExchangeRow) });

/** Documents for the other side; they hold enciphered keys only. */
export const ExchangeDocument = Type.Object({ text: Type.String({ description: 'JSON' }) });
export const ReceiptBody = Type.Object({ receipt: Type.String({ maxLength: 1_000_000 }) });
export const EnvelopeKey = Type.Object({ publicKey: Type.String({ description: 'SM2, x and y, hex' }) });
