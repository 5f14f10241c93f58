import { useQuery } from '@tanstack/react-query';
import { Descriptions, Card as Panel, Space, Table, Tag, Typography } from 'antd';
import { Link, useNavigate, useParams } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { MemoryMap } from '../show/MemoryMap.tsx';
import { RecordView } from '../show/RecordView.tsx';
import { Loaded, Nothing } from '../show/states.tsx';
import { TapTable } from '../show/TapTable.tsx';
import { Copyable, Instant, Money } from '../show/values.tsx';
import { CardListing } from './deny-lists/CardListing.tsx';

export default function Card() {
  const { token = '' } = useParams();
  const { t, named, words } = useLanguage();
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ['card', token],
    queryFn: () => answerOf(client.GET('/api/cards/{token}', { params: { path: { token } } })),
  });
  return (
    <Loaded query={query}>
      {({ card, headline, applications, records, taps, issuedAt }) => (
        <div className="page">
          <div className="page-head">
            <h1>{words(headline)}</h1>
            <Tag color="success">{named('cardState', card.state)}</Tag>
          </div>
          <div className="columns">
            <Panel size="small">
              <Descriptions
                column={1}
                size="small"
                items={[
                  { key: 'pan', label: t('col.card'), children: <span className="number">{card.panMasked}</span> },
                  { key: 'token', label: t('card.token'), children: <Copyable text={card.token} /> },
                  { key: 'class', label: t('col.class'), children: words(card.cardClassName) },
                  {
                    key: 'balance',
                    label: t('col.balance'),
                    children: card.balanceFen === null ? '' : <Money fen={card.balanceFen} />,
                  },
                  { key: 'issued', label: t('overview.issued'), children: <Instant at={issuedAt} /> },
                ]}
              />
            </Panel>
            <Panel size="small" title={t('card.applications')}>
              <Table
                size="small"
                rowKey="id"
                pagination={false}
                dataSource={[...applications]}
                columns={[
                  {
                    title: t('card.applications'),
                    render: (_, application) => (
                      <Link to={`/specification/${application.id}`}>{words(application.name)}</Link>
                    ),
                  },
                  { title: 'SFI', render: (_, application) => application.sfis.join(' ') },
                  {
                    title: t('card.keys'),
                    render: (_, application) => (
                      <Space wrap size={2}>
                        {application.keys.map((key) => (
                          <Tag key={key}>{key}</Tag>
                        ))}
                      </Space>
                    ),
                  },
                ]}
              />
            </Panel>
          </div>
          <CardListing token={card.token} />
          <MemoryMap applications={applications} />
          <Typography.Title level={5}>{t('card.records')}</Typography.Title>
          {records.length === 0 ? (
            <Nothing text={t('card.noRecords')} />
          ) : (
            <div className="columns">
              {records.map((record) => (
                <RecordView key={record.record} record={record} />
              ))}
            </div>
          )}
          <Panel size="small" title={t('card.taps')}>
            <TapTable
              taps={taps}
              columns={[
                'time',
                'kind',
                'operator',
                'place',
                'base',
                'charged',
                'transfer',
                'proof',
                'state',
                'exceptions',
              ]}
              onOpen={(id) => navigate(`/taps/${id}`)}
            />
          </Panel>
        </div>
      )}
    </Loaded>
  );
}
