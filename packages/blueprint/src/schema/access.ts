/** Who may do what with a file: conditions as text, e.g. `enc(water-line) and auth(water-management)`. */
import Type, { type Static } from 'typebox';

/**
 * `free` and `never`; `pin`: the application's PIN was verified; `auth(KEY)`: the terminal authenticated itself with the
 * key of this label (EXTERNAL AUTHENTICATE); `mutual(KEY)`: the card proved itself too; `mac(KEY)`: the command carries a
 * MAC under the key; `enc(KEY)`: its data are enciphered and carry a MAC. `and` binds before `or`; no brackets.
 */
export const AccessCondition = Type.String({
  pattern:
    '^(free|never|pin|(auth|mutual|mac|enc)\\([a-z][a-z0-9-]{1,40}\\))( (and|or) (pin|(auth|mutual|mac|enc)\\([a-z][a-z0-9-]{1,40}\\)))*$',
  description: 'free, never, or pin, auth(KEY), mutual(KEY), mac(KEY), enc(KEY) joined by and, or (and binds first)',
});

/** Conditions of a file by operation; an operation that is absent is refused. */
export const FileAccess = Type.Object(
  {
    read: AccessCondition,
    update: AccessCondition,
    append: Type.Optional(AccessCondition),
    readPart: Type.Optional(
      Type.Object(
        {
          bytes: Type.Integer({ minimum: 1, maximum: 255, description: 'Only this many first bytes of a record' }),
          condition: AccessCondition,
        },
        { additionalProperties: false, description: 'Who reads only the beginning of each record' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type FileAccess = Static<typeof FileAccess>;
