export * from './container.ts';
export {
  contentOf,
  countOf,
  decodeContent,
  EMPTY_CONTENT,
  encodeContent,
  entriesOf,
  type ListContent,
} from './content.ts';
export { differenceOf } from './difference.ts';
export * from './entry.ts';
export * from './freshness.ts';
export * from './history.ts';
export * from './information-bound.ts';
export * from './look-up.ts';
