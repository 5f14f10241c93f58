/** A version's state as a tag, and what the pages share. */
import { Tag } from 'antd';
import type { GetParameterVersionAnswer, ListParameterVersionsAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';

export type Version = GetParameterVersionAnswer;
export type VersionRow = ListParameterVersionsAnswer[number];
export type Rehearsed = NonNullable<NonNullable<Version['rehearsal']>['result']>;

const COLOURS: Readonly<Record<VersionRow['state'], string>> = {
  draft: 'default',
  checked: 'cyan',
  waiting: 'processing',
  refused: 'error',
  approved: 'blue',
  'rolling-out': 'gold',
  'in-force': 'success',
  superseded: 'default',
  stopped: 'error',
  'rolled-back': 'volcano',
};

export function VersionStateTag({ state }: { readonly state: VersionRow['state'] }) {
  const { t } = useLanguage();
  return <Tag color={COLOURS[state]}>{t(`parameters.state.${state}`)}</Tag>;
}

/** The key under which every page keeps what it knows of versions, so that an act refreshes all. */
export const VERSIONS = 'parameter-versions';
