import Type, { type Static } from 'typebox';

const Holders = (what: string) =>
  Type.Object({
    total: Type.Integer(),
    onNew: Type.Integer(),
    onOld: Type.Integer({ description: `${what} still on an older version; counts down to zero` }),
  });

export const Rotation = Type.Object({
  label: Type.String(),
  version: Type.Integer(),
  previousVersion: Type.Integer(),
  startedAt: Type.String(),
  overlapEndsAt: Type.Optional(Type.String({ description: 'So long the old version still serves' })),
  cards: Holders('Cards'),
  psams: Holders('PSAMs'),
  terminals: Holders('Terminals'),
});
export type Rotation = Static<typeof Rotation>;

export const CommandsRequest = Type.Object({
  cards: Type.Array(Type.String({ pattern: '^[0-9]{13,19}$' }), { maxItems: 10_000, description: 'Account numbers' }),
});
export const RecordKeyCommand = Type.Object({
  label: Type.String(),
  record: Type.String({ description: 'Name of the record' }),
  version: Type.Integer({ description: 'Version of the key the card holds afterwards' }),
  command: Type.String({ description: 'REPLACE RECORD KEY, hex; ours' }),
});
export const CommandsAnswer = Type.Object({
  cards: Type.Array(Type.Array(RecordKeyCommand), { description: 'In the order asked' }),
});

export const ReplacedRequest = Type.Object({
  replaced: Type.Array(
    Type.Object({
      card: Type.String({ pattern: '^[0-9]{13,19}$' }),
      label: Type.String(),
      record: Type.String(),
      version: Type.Integer({ minimum: 1 }),
    }),
    { maxItems: 10_000 },
  ),
});
export type Replaced = Static<typeof ReplacedRequest>['replaced'][number];
