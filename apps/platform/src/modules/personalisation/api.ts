import Type, { type Static } from 'typebox';

export const CardOrder = Type.Object({
  product: Type.String(),
  homeCity: Type.String({ pattern: '^[0-9]{4}$', description: 'City code of the holder' }),
  classes: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: "Card class by application, where it differs from the product's",
    }),
  ),
  cardKey: Type.Integer({ minimum: 0, description: "Which of the request's card public keys this card carries" }),
});
export type CardOrder = Static<typeof CardOrder>;

export const PersonalisationRequest = Type.Object({
  zoneId: Type.String(),
  cardPublicKeys: Type.Array(Type.String({ pattern: '^([0-9A-F]{2})+$' }), {
    minItems: 1,
    maxItems: 1000,
    description: 'RSA moduli made by the bureau (exponent 3); private keys never come here',
  }),
  cards: Type.Array(CardOrder, { minItems: 1, maxItems: 2000 }),
});

export const PersonalisationAnswer = Type.Object({
  zoneId: Type.String(),
  count: Type.Integer(),
  sealed: Type.String({
    description:
      'Personalisation file for the zone: AES-256-GCM, base64. Inside, JSON {switches: {cappMacAlgorithm}, ppse: [[dgi, hex]], pse: [[dgi, hex]], shared: {product: [[dgi, hex]]}, cards: [{token, product, panMasked, dgis: [[dgi, hex]], activations: [hex], applications: [{application, aid, dgis}]}]}',
  }),
});

/** The personalisation file once opened by the bureau. Key DGIs stay enciphered for the card. */
export interface PersonalisationFile {
  /** What the blank cards must be able to do otherwise than cards usually do. */
  readonly switches: { readonly cappMacAlgorithm?: '3DES' | 'SM4' };
  readonly ppse: readonly (readonly [dgi: string, hex: string])[];
  readonly pse: readonly (readonly [dgi: string, hex: string])[];
  readonly shared: Readonly<Record<string, readonly (readonly [dgi: string, hex: string])[]>>;
  readonly cards: readonly {
    readonly token: string;
    readonly product: string;
    readonly panMasked: string;
    readonly dgis: readonly (readonly [dgi: string, hex: string])[];
    /** APPEND RECORD commands, one for each industry record. */
    readonly activations: readonly string[];
    /** Applications of their own (industry files), dormant, each with its opening key. */
    readonly applications: readonly {
      /** Its name in the blueprint. */
      readonly application: string;
      readonly aid: string;
      readonly dgis: readonly (readonly [dgi: string, hex: string])[];
    }[];
  }[];
}
