/** Looking up data objects: their names, and on which side a DOL value is fitted. */
import type { DolAlignment } from '@polycard/bytes';
import { TAG_DICTIONARY, type TagEntry } from './tag-dictionary.ts';

export interface TwoLanguages {
  readonly en: string;
  readonly zh: string;
}

export function tagEntry(tag: string): TagEntry | undefined {
  return TAG_DICTIONARY.get(tag);
}

/** Name of a tag; an unknown one is named by its number. */
export function tagName(tag: string): TwoLanguages {
  const entry = TAG_DICTIONARY.get(tag);
  return entry ?? { en: `data object ${tag}`, zh: `数据对象 ${tag}` };
}

/** Numeric objects are fitted on the right of a DOL field, everything else on the left (EMV 4.4 Book 3 §5.4). */
export const dolAlignment: DolAlignment = (tag) => (TAG_DICTIONARY.get(tag)?.format === 'n' ? 'right' : 'left');
