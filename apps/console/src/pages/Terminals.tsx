import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Input, Select, Space, Table, Tag } from 'antd';
import { Link, useNavigate } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { ListTerminalsQuery } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Loaded } from '../show/states.tsx';
import { Count, Instant, Money } from '../show/values.tsx';
import { tableControls, useAddressFilters } from './address-filters.ts';

export default function Terminals() {
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  const filters = useAddressFilters<'operator' | 'mode' | 'q'>();
  const query: ListTerminalsQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of ['operator', 'mode', 'q', 'sort'] as const) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  const terminals = useQuery({
    queryKey: ['terminals', query],
    queryFn: () => answerOf(client.GET('/api/terminals', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.terminals')}</h1>
        <Space wrap>
          <Input.Search
            allowClear
            placeholder={t('filter.search')}
            aria-label={t('filter.search')}
            defaultValue={filters.value('q') ?? ''}
            onSearch={(q) => filters.set({ q })}
            style={{ width: 260 }}
          />
          <Select
            allowClear
            placeholder={t('col.mode')}
            aria-label={t('col.mode')}
            style={{ width: 110 }}
            value={filters.value('mode') ?? null}
            onChange={(mode?: string) => filters.set({ mode })}
            options={(['metro', 'bus'] as const).map((value) => ({ value, label: t(`mode.${value}`) }))}
          />
        </Space>
      </div>
      <Loaded query={terminals}>
        {(page) => (
          <Table
            size="small"
            rowKey="terminalNo"
            dataSource={[...page.rows]}
            scroll={{ x: 'max-content' }}
            rowClassName="openable"
            onRow={(terminal) => ({ onClick: () => navigate(`/terminals/${terminal.terminalNo}`) })}
            {...tableControls(filters, page.total)}
            columns={[
              {
                key: 'terminalNo',
                title: t('col.terminal'),
                sorter: true,
                render: (_, row) => (
                  <Link to={`/terminals/${row.terminalNo}`} className="number">
                    {row.terminalNo}
                  </Link>
                ),
              },
              { key: 'deviceNo', title: t('col.device'), sorter: true, dataIndex: 'deviceNo', className: 'number' },
              {
                key: 'mode',
                title: t('col.mode'),
                render: (_, row) => (row.mode === 'metro' || row.mode === 'bus' ? t(`mode.${row.mode}`) : row.mode),
              },
              { key: 'operator', title: t('col.operator'), sorter: true, render: (_, row) => words(row.operator.name) },
              {
                key: 'place',
                title: t('col.place'),
                render: (_, row) => (row.place === undefined ? '' : words(row.place.name)),
              },
              { key: 'batch', title: t('col.batch'), dataIndex: 'batchNo', className: 'number' },
              { key: 'tariff', title: t('col.tariff'), dataIndex: 'tariffVersion', className: 'number' },
              {
                key: 'taps',
                title: t('col.taps'),
                align: 'right',
                sorter: true,
                render: (_, row) => <Count value={row.taps} />,
              },
              {
                key: 'chargedFen',
                title: t('col.amount'),
                align: 'right',
                sorter: true,
                render: (_, row) => <Money fen={row.chargedFen} />,
              },
              {
                key: 'exceptions',
                title: t('col.exceptions'),
                align: 'right',
                sorter: true,
                render: (_, row) => (row.exceptions > 0 ? <Tag color="volcano">{row.exceptions}</Tag> : ''),
              },
              { key: 'origin', title: t('col.origin'), render: (_, row) => t(`origin.${row.origin}`) },
              {
                key: 'lastSeen',
                title: t('col.lastSeen'),
                render: (_, row) => (row.lastSeenAt === undefined ? '' : <Instant at={row.lastSeenAt} />),
              },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}
