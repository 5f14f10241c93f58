/** What the pages of parameter versions share: states as tags, stages and limits in words. */
import { Tag } from 'antd';
import type { GetParameterVersionAnswer, ListParameterVersionsAnswer } from '../../generated/api.ts';
import { enParameters } from '../../i18n/en-parameters.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { zhParameters } from '../../i18n/zh-parameters.ts';

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

/** The form names its stages in the language of its user; everybody reads them in their own. */
export function useStageName(): (name: string) => string {
  const { t } = useLanguage();
  return (name) => {
    const key = FORM_STAGES.find((stage) => zhParameters[stage] === name || enParameters[stage] === name);
    return key === undefined ? name : t(key);
  };
}
const FORM_STAGES = ['parameters.plan.canary', 'parameters.plan.all'] as const;

export function LimitName({ limit }: { readonly limit: string }) {
  const { named } = useLanguage();
  return (
    <span>
      {named('limit', limit)} <code className="secondary">{limit}</code>
    </span>
  );
}

/** The key under which every page keeps what it knows of versions, so that an act refreshes all. */
export const VERSIONS = 'parameter-versions';
