/** What is said of every application beside its files: states, card classes, memory. */
import Type, { type Static } from 'typebox';
import { HexBytes, Identifier, LocalName } from './primitives.ts';

export const LifeCycle = Type.Object(
  {
    initial: Identifier,
    states: Type.Array(
      Type.Object({ id: Identifier, code: HexBytes(1), name: LocalName }, { additionalProperties: false }),
      { minItems: 2 },
    ),
    transitions: Type.Array(
      Type.Object(
        {
          from: Identifier,
          to: Identifier,
          command: Type.String({
            minLength: 3,
            description: 'The command that does it, as the specification calls it',
          }),
          key: Type.Optional(Identifier),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);
export type LifeCycle = Static<typeof LifeCycle>;

export const ApplicationClass = Type.Object(
  {
    id: Identifier,
    validMonths: Type.Integer({ minimum: 1, maximum: 600, description: 'How long the class holds from its proof' }),
    reviewMonths: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 120, description: 'Review (年审) at the latest after so many months' }),
    ),
    graceDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 366 })),
    lapsesTo: Type.Optional(Identifier),
  },
  { additionalProperties: false, description: 'A card class in this application: validity, review, what it lapses to' },
);
export type ApplicationClass = Static<typeof ApplicationClass>;

/** Common to applications of every kind. */
export const everyApplication = {
  application: Identifier,
  name: LocalName,
  aid: Type.String({ pattern: '^([0-9A-F]{2}){5,16}$', description: 'The application whose files hold the data' }),
  provider: Type.Optional(Identifier),
  version: Type.Optional(Type.String({ pattern: '^[0-9]+\\.[0-9]+$', description: 'Edition of this specification' })),
  source: Type.Optional(Type.String({ description: 'Where the layout comes from and how sure that is' })),
  cardClasses: Type.Array(ApplicationClass),
  lifeCycle: LifeCycle,
  memoryBytes: Type.Integer({
    minimum: 1,
    maximum: 262_144,
    description: 'Memory this application takes on the card, code apart',
  }),
};
