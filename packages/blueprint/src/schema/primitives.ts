/** Building blocks of the blueprint schemas. The schemas are the single source: types, validation and the editors' JSON Schema. */
import Type, { type Static } from 'typebox';

export const LocalName = Type.Object(
  { en: Type.String({ minLength: 1 }), zh: Type.String({ minLength: 1 }) },
  { additionalProperties: false, description: 'A name in English and Chinese' },
);
export type LocalName = Static<typeof LocalName>;

export const Identifier = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,40}$',
  description: 'Lower-case words joined by hyphens',
});

export const HexBytes = (lengthBytes?: number) =>
  Type.String({
    pattern: lengthBytes === undefined ? '^([0-9A-F]{2})+$' : `^[0-9A-F]{${lengthBytes * 2}}$`,
    description: lengthBytes === undefined ? 'Upper-case hexadecimal' : `${lengthBytes} bytes, upper-case hexadecimal`,
  });

export const Fen = Type.Integer({ minimum: 0, description: 'Amount in fen (CNY 0.01)' });

export const Algorithm = Type.Union([Type.Literal('3DES'), Type.Literal('SM4')], {
  description: 'Symmetric algorithm of a key tree',
});

export const Mode = Type.Union([Type.Literal('metro'), Type.Literal('bus')], { description: 'Mode of transport' });
export type Mode = Static<typeof Mode>;
