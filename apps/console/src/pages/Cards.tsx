import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Input, Select, Space, Table } from 'antd';
import { Link, useNavigate } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { ListCardsQuery } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Loaded } from '../show/states.tsx';
import { Count, LocalTime, Money } from '../show/values.tsx';
import { tableControls, useAddressFilters } from './address-filters.ts';

export default function Cards() {
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  const filters = useAddressFilters<'issuer' | 'cardClass' | 'q'>();
  const query: ListCardsQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of ['issuer', 'cardClass', 'q', 'sort'] as const) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  const cards = useQuery({
    queryKey: ['cards', query],
    queryFn: () => answerOf(client.GET('/api/cards', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const parties = useQuery({
    queryKey: ['parties'],
    queryFn: () => answerOf(client.GET('/api/parties')),
    staleTime: 60_000,
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.cards')}</h1>
        <Space wrap>
          <Input.Search
            allowClear
            placeholder={t('col.card')}
            aria-label={t('col.card')}
            defaultValue={filters.value('q') ?? ''}
            onSearch={(q) => filters.set({ q })}
            style={{ width: 220 }}
          />
          <Select
            allowClear
            placeholder={t('col.issuer')}
            aria-label={t('col.issuer')}
            style={{ width: 170 }}
            value={filters.value('issuer') ?? null}
            onChange={(issuer?: string) => filters.set({ issuer })}
            options={(parties.data ?? [])
              .filter((party) => party.kind === 'issuer')
              .map((party) => ({ value: party.id, label: words(party.name) }))}
          />
        </Space>
      </div>
      <Loaded query={cards}>
        {(page) => (
          <Table
            size="small"
            rowKey="token"
            dataSource={[...page.rows]}
            scroll={{ x: 'max-content' }}
            rowClassName="openable"
            onRow={(card) => ({ onClick: () => navigate(`/cards/${card.token}`) })}
            {...tableControls(filters, page.total)}
            columns={[
              {
                key: 'panMasked',
                title: t('col.card'),
                sorter: true,
                render: (_, card) => (
                  <Link to={`/cards/${card.token}`} className="number">
                    {card.panMasked}
                  </Link>
                ),
              },
              { key: 'product', title: t('col.product'), sorter: true, render: (_, card) => words(card.productName) },
              { key: 'issuer', title: t('col.issuer'), sorter: true, render: (_, card) => words(card.issuer.name) },
              { key: 'class', title: t('col.class'), render: (_, card) => words(card.cardClassName) },
              {
                key: 'balance',
                title: t('col.balance'),
                align: 'right',
                render: (_, card) => (card.balanceFen === null ? '' : <Money fen={card.balanceFen} />),
              },
              {
                key: 'taps',
                title: t('col.taps'),
                align: 'right',
                sorter: true,
                render: (_, card) => <Count value={card.taps} />,
              },
              {
                key: 'lastTapAt',
                title: t('col.lastTap'),
                sorter: true,
                render: (_, card) => (card.lastTapAt === undefined ? '' : <LocalTime at={card.lastTapAt} />),
              },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}
