export type { Blueprint } from './blueprint.ts';
export * from './schema/application.ts';
export * from './schema/cards.ts';
export * from './schema/keys.ts';
export * from './schema/operation.ts';
export * from './schema/primitives.ts';
export * from './schema/region.ts';
export * from './schema/tariff.ts';
