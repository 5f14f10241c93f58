import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Descriptions, Steps, Table } from 'antd';
import { Link, useParams } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { KeyStateTag } from '../show/key-state.tsx';
import { Loaded } from '../show/states.tsx';
import { Count, Instant, Money } from '../show/values.tsx';

export default function Key() {
  const { name = '' } = useParams();
  const { t, named, words } = useLanguage();
  const key = useQuery({
    queryKey: ['keys', name],
    queryFn: () => answerOf(client.GET('/api/keys/{name}', { params: { path: { name } } })),
  });
  return (
    <div className="page">
      <Loaded query={key}>
        {(detail) => (
          <>
            <div className="page-head">
              <h1>{words(detail.key.title)}</h1>
              <KeyStateTag state={detail.key.state} />
            </div>
            <Card size="small" title={t('keys.blast')}>
              <Descriptions size="small" column={4}>
                <Descriptions.Item label={t('keys.below')}>
                  <Count value={detail.blastRadius.keys} />
                </Descriptions.Item>
                <Descriptions.Item label={t('nav.cards')}>
                  <Count value={detail.blastRadius.cards} />
                </Descriptions.Item>
                <Descriptions.Item label={t('nav.terminals')}>
                  <Count value={detail.blastRadius.terminals} />
                </Descriptions.Item>
                <Descriptions.Item label={t('keys.balance')}>
                  <Money fen={detail.blastRadius.balanceFen} />
                </Descriptions.Item>
              </Descriptions>
              <Alert
                type="info"
                style={{ marginTop: 12 }}
                title={t('keys.rotation')}
                description={words(detail.rotation.words)}
              />
            </Card>
            <Card size="small" title={t('keys.attributes')}>
              <Descriptions size="small" column={3}>
                <Descriptions.Item label={t('col.key')}>{detail.key.name}</Descriptions.Item>
                <Descriptions.Item label={t('col.tree')}>{t(`tree.${detail.key.tree}` as TextKey)}</Descriptions.Item>
                <Descriptions.Item label={t('col.usage')}>{named('keyUsage', detail.key.usage)}</Descriptions.Item>
                <Descriptions.Item label={t('col.algorithm')}>
                  {detail.key.algorithm}, {detail.key.bits}
                </Descriptions.Item>
                <Descriptions.Item label={t('col.checkValue')}>
                  <code className="hex">{detail.key.checkValue}</code>
                </Descriptions.Item>
                <Descriptions.Item label={t('col.owner')}>{detail.key.owner}</Descriptions.Item>
                <Descriptions.Item label={t('col.export')}>
                  {named('keyExport', detail.key.exportability)}
                </Descriptions.Item>
                <Descriptions.Item label={t('col.origin')}>{named('keyOrigin', detail.key.origin)}</Descriptions.Item>
                {detail.shares !== undefined && (
                  <Descriptions.Item label={t('keys.shares')}>
                    {detail.shares.needed} / {detail.shares.of}
                  </Descriptions.Item>
                )}
              </Descriptions>
              {detail.levels.length > 0 && (
                <Steps
                  size="small"
                  style={{ marginTop: 16 }}
                  items={detail.levels.map(({ level, factor, value }) => ({
                    title: named('keyLevel', level),
                    description: `${named('keyFactor', factor)} ${value}`,
                    status: 'finish' as const,
                  }))}
                />
              )}
            </Card>
            <Card size="small" title={t('keys.versions')}>
              <Table
                size="small"
                rowKey="name"
                pagination={false}
                dataSource={[...detail.versions]}
                columns={[
                  {
                    title: t('col.key'),
                    render: (_, row) => <Link to={`/keys/${encodeURIComponent(row.name)}`}>{row.name}</Link>,
                  },
                  { title: t('col.algorithm'), render: (_, row) => row.algorithm },
                  { title: t('col.checkValue'), render: (_, row) => <code className="hex">{row.checkValue}</code> },
                  { title: t('col.state'), render: (_, row) => <KeyStateTag state={row.state} /> },
                  { title: t('col.since'), render: (_, row) => <Instant at={row.stateSince} /> },
                  {
                    title: t('keys.overlap'),
                    render: (_, row) => (row.overlapEndsAt === undefined ? '' : <Instant at={row.overlapEndsAt} />),
                  },
                ]}
              />
            </Card>
            <Card size="small" title={t('keys.who')}>
              <Table
                size="small"
                rowKey="id"
                pagination={false}
                dataSource={[...detail.custodians]}
                columns={[
                  { title: t('col.person'), render: (_, row) => words(row.name) },
                  { title: t('col.role'), render: (_, row) => words(row.role) },
                  { title: t('keys.may'), render: (_, row) => row.may.map(words).join('; ') },
                ]}
              />
            </Card>
          </>
        )}
      </Loaded>
    </div>
  );
}
