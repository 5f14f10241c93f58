/** On a card's page: its listings, where it appeared while listed, and rides that were let through. */
import { useQuery } from '@tanstack/react-query';
import { Card as Panel, Space, Table, Tag } from 'antd';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded, Nothing } from '../../show/states.tsx';
import { EntryTable } from './Entries.tsx';
import { HitTable } from './Hits.tsx';
import { ListCard } from './ListCard.tsx';

export function CardListing({ token }: { readonly token: string }) {
  const { t, words } = useLanguage();
  const session = useQuery({ queryKey: ['session'], queryFn: () => answerOf(client.GET('/api/session')) });
  const mayEdit = session.data?.permissions.includes('deny-lists.edit') ?? false;
  const rules = useQuery({
    queryKey: ['deny-lists'],
    queryFn: () => answerOf(client.GET('/api/deny-lists')),
    enabled: mayEdit,
  });
  const listing = useQuery({
    queryKey: ['deny-lists', 'card', token],
    queryFn: () => answerOf(client.GET('/api/cards/{token}/deny-list', { params: { path: { token } } })),
  });
  return (
    <Panel
      size="small"
      title={t('nav.denyLists')}
      extra={rules.data !== undefined && <ListCard rules={rules.data.rules} cardToken={token} />}
    >
      <Loaded query={listing}>
        {({ entries, hits, rides }) => (
          <Space orientation="vertical" style={{ width: '100%' }}>
            {entries.length === 0 ? (
              <Nothing text={t('deny.notListed')} />
            ) : (
              <EntryTable entries={entries} mayEdit={mayEdit} />
            )}
            {hits.length > 0 && <HitTable hits={hits} />}
            {rides.length > 0 && (
              <Table
                size="small"
                rowKey="tapId"
                pagination={false}
                dataSource={[...rides]}
                columns={[
                  { title: t('nav.taps'), render: (_, row) => <Link to={`/taps/${row.tapId}`}>{row.tapId}</Link> },
                  {
                    title: t('deny.liable'),
                    render: (_, row) => (
                      <Tag color={row.party === 'operator' ? 'error' : 'default'}>{t(`deny.party.${row.party}`)}</Tag>
                    ),
                  },
                  { title: t('deny.because'), render: (_, row) => words(row.explanation) },
                ]}
              />
            )}
          </Space>
        )}
      </Loaded>
    </Panel>
  );
}
