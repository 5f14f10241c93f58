/** Operating modes: what is in force where, and every order with who has it. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Card as Panel, Space, Table } from 'antd';
import { Link, useNavigate } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetSessionAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded } from '../../show/states.tsx';
import { LocalTime } from '../../show/values.tsx';
import { EndOrder } from './EndOrder.tsx';
import { Held, MODE_ORDERS, ModeStateTag, ModeTags, type Order } from './mode-state.tsx';
import { OrderMode } from './OrderMode.tsx';

const REFRESH_MS = 10_000;

export default function ModeOrders({ account }: { readonly account: GetSessionAnswer }) {
  const { t, words } = useLanguage();
  const orders = useQuery({
    queryKey: [MODE_ORDERS],
    queryFn: () => answerOf(client.GET('/api/mode-orders')),
    refetchInterval: REFRESH_MS,
  });
  const mayOrder = account.permissions.includes('modes.order');
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.modes')}</h1>
        {mayOrder && <OrderMode />}
      </div>
      <Loaded query={orders}>
        {(rows) => {
          const standing = rows.filter(({ state }) => state === 'in-force');
          return (
            <>
              {standing.length === 0 ? (
                <Alert type="success" showIcon title={t('modes.none')} />
              ) : (
                <Panel size="small" title={t('modes.inForce')}>
                  {standing.map((order) => (
                    <Alert
                      key={order.id}
                      type={order.held.terminals < order.held.of ? 'warning' : 'info'}
                      style={{ marginBottom: 8 }}
                      title={
                        <Space wrap size={[16, 4]}>
                          <Link to={`/mode-orders/${order.id}`}>{words(order.placeName)}</Link>
                          <span>
                            <ModeTags modes={order.modes} />
                          </span>
                          <span>{order.modes.map((mode) => t(`modeEffect.${mode}`)).join('; ')}</span>
                          <Held {...order.held} />
                        </Space>
                      }
                      action={mayOrder && <EndOrder order={order} />}
                    />
                  ))}
                </Panel>
              )}
              <Panel size="small" title={t('modes.all')}>
                <Orders rows={rows} />
              </Panel>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function Orders({ rows }: { readonly rows: readonly Order[] }) {
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  return (
    <Table
      size="small"
      rowKey="id"
      scroll={{ x: 'max-content' }}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      dataSource={[...rows]}
      rowClassName="openable"
      onRow={({ id }) => ({ onClick: () => navigate(`/mode-orders/${id}`) })}
      columns={[
        {
          title: t('modes.station'),
          render: (_, row) => (
            <Link to={`/mode-orders/${row.id}`} onClick={(event) => event.stopPropagation()}>
              {words(row.placeName)} <span className="number secondary">{row.place}</span>
            </Link>
          ),
        },
        { title: t('modes.modes'), render: (_, row) => <ModeTags modes={row.modes} /> },
        { title: t('col.state'), render: (_, row) => <ModeStateTag state={row.state} /> },
        { title: t('modes.from'), render: (_, row) => <LocalTime at={row.from} /> },
        {
          title: t('modes.to'),
          render: (_, row) => (row.to === undefined ? t('modes.open') : <LocalTime at={row.to} />),
        },
        { title: t('modes.held'), render: (_, row) => <Held {...row.held} /> },
        { title: t('modes.reason'), dataIndex: 'reason' },
        { title: t('modes.orderedBy'), dataIndex: 'orderedBy' },
      ]}
    />
  );
}
