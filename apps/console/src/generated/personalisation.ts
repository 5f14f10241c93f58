// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface PrepareCardsBody {
  zoneId: string;
  /**
   * RSA moduli made by the bureau (exponent 3); private keys never come here
   *
   * @minItems 1
   * @maxItems 1000
   */
  cardPublicKeys: [string, ...string[]];
  /**
   * @minItems 1
   * @maxItems 2000
   */
  cards: [
    {
      product: string;
      /**
       * City code of the holder
       */
      homeCity: string;
      /**
       * Card class by application, where it differs from the product's
       */
      classes?: {
        [k: string]: string;
      };
      /**
       * Which of the request's card public keys this card carries
       */
      cardKey: number;
    },
    ...{
      product: string;
      /**
       * City code of the holder
       */
      homeCity: string;
      /**
       * Card class by application, where it differs from the product's
       */
      classes?: {
        [k: string]: string;
      };
      /**
       * Which of the request's card public keys this card carries
       */
      cardKey: number;
    }[]
  ];
}
export interface PersonalisationAnswer {
  zoneId: string;
  count: number;
  /**
   * Personalisation file for the zone: AES-256-GCM, base64. Inside, JSON {switches: {cappMacAlgorithm}, ppse: [[dgi, hex]], pse: [[dgi, hex]], shared: {product: [[dgi, hex]]}, cards: [{token, product, panMasked, dgis: [[dgi, hex]], activations: [hex], applications: [{application, aid, dgis}]}]}
   */
  sealed: string;
}
export type PrepareCardsAnswer = PersonalisationAnswer;

export interface PersonalisationPaths {
  '/api/personalisation': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': PrepareCardsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': PrepareCardsAnswer } } } };
  };
}
