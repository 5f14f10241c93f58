/** What the pages of mode orders share: modes and states as tags, who has an order, local times as people type them. */
import { Progress, Tag, Tooltip } from 'antd';
import type { ListModeOrdersAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { count } from '../../show/values.tsx';

export type Order = ListModeOrdersAnswer[number];
export type Mode = Order['modes'][number];

/** In the order of the bits of the mode word. */
export const MODES: readonly Mode[] = [
  ...(['train-failure', 'order-waived', 'time-waived', 'date-waived'] as const),
  ...(['fare-waived', 'emergency', 'closed', 'test'] as const),
];
/** The key under which the pages keep orders, so that an act refreshes all. */
export const MODE_ORDERS = 'mode-orders';

const STATES = { coming: 'processing', 'in-force': 'error', ended: 'default' } as const;

export function ModeStateTag({ state }: Pick<Order, 'state'>) {
  const { t } = useLanguage();
  return <Tag color={STATES[state]}>{t(`modes.state.${state}`)}</Tag>;
}

export function ModeTags({ modes }: Pick<Order, 'modes'>) {
  const { t } = useLanguage();
  return modes.map((mode) => (
    <Tooltip key={mode} title={t(`modeEffect.${mode}`)}>
      <Tag color={mode === 'emergency' || mode === 'train-failure' ? 'volcano' : 'gold'}>
        {t(`operatingMode.${mode}`)}
      </Tag>
    </Tooltip>
  ));
}

export function Held({ terminals, of }: Order['held']) {
  if (of === 0) return '–';
  return (
    <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center' }}>
      <Progress
        percent={Math.floor((terminals / of) * 100)}
        size={[80, 6]}
        showInfo={false}
        status={terminals === of ? 'success' : 'normal'}
      />
      <span className="number">{`${count(terminals)} / ${count(of)}`}</span>
    </span>
  );
}

/** `2018-09-01 08:00`, seconds if somebody gives them. */
export const LOCAL_TIME = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/;

export function localTime(text: string | undefined): string | undefined {
  const parts = LOCAL_TIME.exec(text?.trim() ?? '');
  return parts === null ? undefined : `${parts[1]}T${parts[2]}${parts[3] ?? ':00'}`;
}
