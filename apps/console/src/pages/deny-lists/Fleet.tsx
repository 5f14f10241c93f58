/** The list each terminal holds and how old it is, the oldest first. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Checkbox, Select, Space, Table, Tag } from 'antd';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { ListDenyListFleetAnswer, ListDenyListFleetQuery } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded } from '../../show/states.tsx';
import { Instant } from '../../show/values.tsx';
import { tableControls, useAddressFilters } from '../address-filters.ts';

type State = ListDenyListFleetAnswer['rows'][number]['state'];
const STATES: readonly State[] = ['fresh', 'warn', 'refuse-above-floor', 'refuse-all', 'none'];
const COLOURS: Readonly<Record<State, string>> = {
  fresh: 'success',
  warn: 'gold',
  'refuse-above-floor': 'orange',
  'refuse-all': 'error',
  none: 'default',
};

export function FreshnessTag({ state }: { readonly state: State }) {
  const { t } = useLanguage();
  return <Tag color={COLOURS[state]}>{t(`deny.state.${state}`)}</Tag>;
}

export function Fleet() {
  const { t, words } = useLanguage();
  const filters = useAddressFilters<'tab' | 'state' | 'stale'>();
  const query: ListDenyListFleetQuery = { page: filters.page, pageSize: filters.pageSize };
  const state = filters.value('state') as State | undefined;
  if (state !== undefined) query.state = state;
  if (filters.value('stale') === 'true') query.stale = true;
  const fleet = useQuery({
    queryKey: ['deny-lists', 'fleet', query],
    queryFn: () => answerOf(client.GET('/api/deny-lists/terminals', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <Space wrap style={{ marginBottom: 12 }}>
        <Select
          allowClear
          placeholder={t('deny.freshness')}
          aria-label={t('deny.freshness')}
          style={{ width: 220 }}
          value={state ?? null}
          onChange={(value?: string) => filters.set({ state: value })}
          options={STATES.map((value) => ({ value, label: t(`deny.state.${value}`) }))}
        />
        <Checkbox
          checked={filters.value('stale') === 'true'}
          onChange={(event) => filters.set({ stale: event.target.checked ? 'true' : undefined })}
        >
          {t('deny.staleOnly')}
        </Checkbox>
      </Space>
      <Loaded query={fleet}>
        {(page) => (
          <Table
            size="small"
            rowKey="terminalNo"
            scroll={{ x: 'max-content' }}
            dataSource={[...page.rows]}
            {...tableControls(filters, page.total)}
            columns={[
              {
                title: t('col.terminal'),
                render: (_, row) => (
                  <Link to={`/terminals/${row.terminalNo}`} className="number">
                    {row.terminalNo}
                  </Link>
                ),
              },
              { title: t('col.operator'), render: (_, row) => words(row.operator.name) },
              { title: t('col.profile'), dataIndex: 'profile' },
              { title: t('deny.version'), render: (_, row) => <span className="number">{row.version ?? ''}</span> },
              {
                title: t('deny.behind'),
                align: 'right',
                render: (_, row) => (row.behind === undefined || row.behind === 0 ? '' : row.behind),
              },
              {
                title: t('deny.acknowledged'),
                render: (_, row) => (row.acknowledgedAt === undefined ? '' : <Instant at={row.acknowledgedAt} />),
              },
              {
                title: t('deny.confirmed'),
                render: (_, row) => (row.confirmedAt === undefined ? '' : <Instant at={row.confirmedAt} />),
              },
              {
                title: t('deny.ageMinutes'),
                align: 'right',
                render: (_, row) => <span className="number">{row.ageMinutes ?? ''}</span>,
              },
              { title: t('deny.freshness'), render: (_, row) => <FreshnessTag state={row.state} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}
