import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Select, Space, Table, Tag } from 'antd';
import { Link } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { ListExceptionsQuery } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { Loaded } from '../show/states.tsx';
import { Instant, Money, ReasonTags } from '../show/values.tsx';
import { tableControls, useAddressFilters } from './address-filters.ts';

const REASONS = [
  'cryptogram',
  'duplicate',
  'gap',
  'fare',
  'mac',
  'batch-totals',
  'torn',
  'tariff-version',
  'missing-tap-off',
  'load-untold',
  'deny-list',
  'format',
  'unknown-card',
  'unknown-terminal',
] as const;

export default function Exceptions() {
  const { t, words } = useLanguage();
  const filters = useAddressFilters<'date' | 'reason' | 'state'>();
  const query: ListExceptionsQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of ['date', 'reason', 'state', 'sort'] as const) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  const exceptions = useQuery({
    queryKey: ['exceptions', query],
    queryFn: () => answerOf(client.GET('/api/exceptions', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.exceptions')}</h1>
        <Space wrap>
          <Select
            allowClear
            placeholder={t('col.reason')}
            aria-label={t('col.reason')}
            style={{ width: 150 }}
            value={filters.value('reason') ?? null}
            onChange={(reason?: string) => filters.set({ reason })}
            options={REASONS.map((value) => ({ value, label: t(`reason.${value}` as TextKey) }))}
          />
          <Button onClick={filters.clear}>{t('filter.clear')}</Button>
        </Space>
      </div>
      <Loaded query={exceptions}>
        {(page) => (
          <Table
            size="small"
            rowKey="id"
            dataSource={[...page.rows]}
            scroll={{ x: 'max-content' }}
            {...tableControls(filters, page.total)}
            locale={{ emptyText: t('overview.noExceptions') }}
            columns={[
              {
                key: 'openedAt',
                title: t('col.opened'),
                sorter: true,
                render: (_, row) => <Instant at={row.openedAt} />,
              },
              {
                key: 'reason',
                title: t('col.reason'),
                sorter: true,
                render: (_, row) => <ReasonTags reasons={[row.reason]} />,
              },
              { key: 'explanation', title: t('col.explanation'), render: (_, row) => words(row.explanation) },
              {
                key: 'terminalNo',
                title: t('col.terminal'),
                sorter: true,
                render: (_, row) => <Link to={`/terminals/${row.terminalNo}`}>{row.terminalNo}</Link>,
              },
              {
                key: 'tap',
                title: t('search.taps'),
                render: (_, row) => (row.tap === undefined ? '' : <Link to={`/taps/${row.tap.id}`}>{row.tap.id}</Link>),
              },
              {
                key: 'amount',
                title: t('col.charged'),
                align: 'right',
                render: (_, row) => (row.tap === undefined ? '' : <Money fen={row.tap.chargedFen} />),
              },
              {
                key: 'state',
                title: t('col.state'),
                render: (_, row) => (
                  <Tag color={row.state === 'open' ? 'volcano' : 'default'}>{t(`exception.${row.state}`)}</Tag>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}
