export * from './chain.ts';
export * from './container.ts';
export {
  ContentBuilder,
  contentOf,
  countOf,
  countsOf,
  decodeContent,
  EMPTY_CONTENT,
  encodeContent,
  entriesOf,
  type ListContent,
} from './content.ts';
export { apply, differenceOf } from './difference.ts';
export * from './entry.ts';
export * from './freshness.ts';
export * from './information-bound.ts';
export * from './liability.ts';
export * from './look-up.ts';
