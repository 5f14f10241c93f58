import Type, { type Static } from 'typebox';

const Hex = (description: string, pattern = '^([0-9A-F]{2})+$') => Type.String({ pattern, description });

export const ActivationCommandRequest = Type.Object({
  cardToken: Type.String(),
  application: Type.String({ description: 'Its name in the blueprint, e.g. water' }),
  part: Type.Integer({ minimum: 1, description: 'Which of the commands, from 1' }),
  challenge: Hex('What the card answered to GET CHALLENGE for this command', '^[0-9A-F]{16}$'),
});
export type ActivationCommandRequest = Static<typeof ActivationCommandRequest>;

export const ActivationCommand = Type.Object({
  command: Hex('ACTIVATE, finished: 84 44 …'),
  parts: Type.Integer({ description: 'How many commands there are; each wants a challenge of its own' }),
  checkValues: Hex('Of the keys in this command, 3 bytes each; the card answers those of all parts to the last one'),
});
export type ActivationCommand = Static<typeof ActivationCommand>;

export const ActivatedRequest = Type.Object({
  cardToken: Type.String(),
  application: Type.String(),
});
export const ActivatedAnswer = Type.Object({ state: Type.String() });
