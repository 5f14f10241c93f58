/** States of a key in words and colours. */
import { Tag } from 'antd';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';

const COLOURS: Readonly<Record<string, string>> = {
  generated: 'processing',
  active: 'success',
  suspended: 'warning',
  retired: 'default',
  destroyed: 'error',
};

/** For charts, which know no tags. */
export const STATE_PAINT: Readonly<Record<string, string>> = {
  generated: '#1f77d0',
  active: '#2f9e44',
  suspended: '#e8890c',
  retired: '#8a8f98',
  destroyed: '#d6336c',
};

export function KeyStateTag({ state }: { readonly state: string }) {
  const { t } = useLanguage();
  return <Tag color={COLOURS[state] ?? 'default'}>{t(`keyState.${state}` as TextKey)}</Tag>;
}
