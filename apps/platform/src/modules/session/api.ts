import Type from 'typebox';

export const SignIn = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
});
export const LocalSignIn = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60 }),
  key: Type.String({ minLength: 1, maxLength: 200, description: 'From running.json in the data directory' }),
});
export const PasswordChange = Type.Object({
  before: Type.String({ minLength: 1, maxLength: 200 }),
  after: Type.String({ minLength: 12, maxLength: 200 }),
});
export const Account = Type.Object({
  name: Type.String(),
  role: Type.String({ description: "A role of the blueprint's duties" }),
  permissions: Type.Array(Type.String()),
  region: Type.Object({ id: Type.String(), en: Type.String(), zh: Type.String() }),
});
