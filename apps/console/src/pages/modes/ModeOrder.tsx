/** One order: what it says, which terminals have it, what follows from it. */
import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions, Space, Statistic, Table, Tag } from 'antd';
import { Link, useParams } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetModeOrderAnswer, GetSessionAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded, Nothing } from '../../show/states.tsx';
import { Copyable, count, Instant, LocalTime, yuan } from '../../show/values.tsx';
import { EndOrder } from './EndOrder.tsx';
import { Held, MODE_ORDERS, ModeStateTag, ModeTags } from './mode-state.tsx';

const REFRESH_MS = 10_000;

export default function ModeOrder({ account }: { readonly account: GetSessionAnswer }) {
  const { id = '' } = useParams();
  const { t, words } = useLanguage();
  const query = useQuery({
    queryKey: [MODE_ORDERS, id],
    queryFn: () => answerOf(client.GET('/api/mode-orders/{id}', { params: { path: { id } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Loaded query={query}>
      {(detail) => (
        <div className="page">
          <div className="page-head">
            <h1>{words(detail.headline)}</h1>
            <Space wrap>
              <ModeStateTag state={detail.order.state} />
              {detail.order.state !== 'ended' && account.permissions.includes('modes.order') && (
                <EndOrder order={detail.order} />
              )}
            </Space>
          </div>
          <div className="columns">
            <Facts detail={detail} />
            <Follows detail={detail} />
          </div>
          <Card size="small" title={t('modes.terminals')}>
            <Terminals terminals={detail.terminals} />
          </Card>
        </div>
      )}
    </Loaded>
  );
}

function Facts({ detail: { order, network } }: { readonly detail: GetModeOrderAnswer }) {
  const { t, words } = useLanguage();
  return (
    <Card size="small">
      <Descriptions
        size="small"
        column={1}
        items={[
          { key: 'id', label: '#', children: <Copyable text={order.id} /> },
          { key: 'place', label: t('modes.station'), children: `${words(order.placeName)} ${order.place}` },
          {
            key: 'modes',
            label: t('modes.modes'),
            children: (
              <Space orientation="vertical" size={2}>
                {order.modes.map((mode) => (
                  <span key={mode}>
                    <ModeTags modes={[mode]} /> {t(`modeEffect.${mode}`)}
                  </span>
                ))}
              </Space>
            ),
          },
          { key: 'from', label: t('modes.from'), children: <LocalTime at={order.from} /> },
          {
            key: 'to',
            label: t('modes.to'),
            children: order.to === undefined ? t('modes.open') : <LocalTime at={order.to} />,
          },
          { key: 'reason', label: t('modes.reason'), children: order.reason },
          {
            key: 'by',
            label: t('modes.orderedBy'),
            children: (
              <Space>
                {order.orderedBy} <Instant at={order.orderedAt} />
              </Space>
            ),
          },
          ...(order.endedBy === undefined
            ? []
            : [
                {
                  key: 'ended',
                  label: t('modes.endedBy'),
                  children: (
                    <Space>
                      {order.endedBy} {order.endedAt !== undefined && <Instant at={order.endedAt} />}
                    </Space>
                  ),
                },
              ]),
          { key: 'held', label: t('modes.held'), children: <Held {...order.held} /> },
          { key: 'network', label: t('modes.network'), children: <Held {...network} /> },
        ]}
      />
    </Card>
  );
}

function Follows({ detail: { follows, order } }: { readonly detail: GetModeOrderAnswer }) {
  const { t } = useLanguage();
  const terms = [
    ['modes.coveredFrom', follows.coveredFrom],
    ['modes.graceUntil', follows.graceUntil],
    ['modes.repairUntil', follows.repairUntil],
  ] as const;
  return (
    <Card size="small" title={t('modes.follows')}>
      <div className="figures">
        <Statistic title={t('modes.taps')} value={count(follows.taps)} />
        <Statistic title={t('modes.freeExits')} value={count(follows.freeExits)} />
        <Statistic title={t('modes.waived')} value={yuan(follows.waivedFen)} />
        {order.modes.includes('order-waived') && (
          <Statistic title={t('modes.assumed')} value={count(follows.assumed)} />
        )}
        {follows.coveredFrom !== undefined && <Statistic title={t('modes.released')} value={count(follows.released)} />}
      </div>
      {follows.coveredFrom !== undefined && (
        <Descriptions
          size="small"
          column={1}
          style={{ marginTop: 12 }}
          items={terms.map(([label, at]) => ({
            key: label,
            label: t(label),
            children: at === undefined ? t('modes.graceOpen') : <LocalTime at={at} />,
          }))}
        />
      )}
    </Card>
  );
}

function Terminals({ terminals }: { readonly terminals: GetModeOrderAnswer['terminals'] }) {
  const { t } = useLanguage();
  if (terminals.length === 0) return <Nothing text={t('modes.noTerminals')} />;
  return (
    <Table
      size="small"
      rowKey="terminalNo"
      scroll={{ x: 'max-content' }}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      dataSource={[...terminals]}
      columns={[
        {
          title: t('col.terminal'),
          render: (_, row) => (
            <Link to={`/terminals/${row.terminalNo}`} className="number">
              {row.terminalNo}
            </Link>
          ),
        },
        { title: t('col.profile'), dataIndex: 'profile' },
        {
          title: t('modes.thisOrder'),
          render: (_, row) => (
            <Tag color={row.isHeld ? 'success' : 'gold'}>{row.isHeld ? t('modes.hasIt') : t('modes.hasNot')}</Tag>
          ),
        },
        {
          title: t('modes.askedAt'),
          render: (_, row) => (row.askedAt === undefined ? '–' : <Instant at={row.askedAt} />),
        },
        {
          title: t('col.lastSeen'),
          render: (_, row) => (row.lastSeenAt === undefined ? '–' : <Instant at={row.lastSeenAt} />),
        },
      ]}
    />
  );
}
