import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Card, Table, Tag, Typography } from 'antd';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import { answerOf, client, type SettlementDetail } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Chart } from '../show/Chart.tsx';
import { ErrorNotice, Loaded, Nothing } from '../show/states.tsx';
import { Instant, Money, yuan } from '../show/values.tsx';

export default function SettlementDay() {
  const { date = '' } = useParams();
  const detail = useQuery({
    queryKey: ['settlement', date],
    queryFn: () => answerOf(client.GET('/api/settlement/{date}', { params: { path: { date } } })),
  });
  return <Loaded query={detail}>{(data) => <Day detail={data} />}</Loaded>;
}

function Day({ detail }: { readonly detail: SettlementDetail }) {
  const { t, words } = useLanguage();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const date = detail.day.businessDate;
  const close = useMutation({
    mutationFn: () => answerOf(client.POST('/api/settlement/{date}/close', { params: { path: { date } } })),
    onSuccess: () => queries.invalidateQueries(),
  });
  const net = detail.positions.reduce((sum, position) => sum + position.netFen, 0);
  const ask = (): void => {
    void modal.confirm({
      title: `${t('settle.close')} ${date}`,
      content: (
        <>
          <p>{words(detail.headline)}</p>
          <p>{t('settle.closeEffect')}</p>
        </>
      ),
      okText: t('settle.close'),
      onOk: () => close.mutateAsync().catch(() => undefined),
    });
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1>{words(detail.headline)}</h1>
        {detail.day.state === 'open' ? (
          <Button type="primary" onClick={ask} loading={close.isPending} disabled={detail.positions.length === 0}>
            {t('settle.close')}
          </Button>
        ) : (
          <span>
            <Tag color="success">{t('settlement.closed')}</Tag>
            {detail.closedBy !== undefined && `${t('settle.closedBy')} ${detail.closedBy} `}
            {detail.closedAt !== undefined && <Instant at={detail.closedAt} />}
          </span>
        )}
      </div>
      {close.isError && <ErrorNotice error={close.error} />}
      <div className="columns">
        <Card size="small" title={t('settle.positions')}>
          <Positions detail={detail} />
          <Table
            size="small"
            rowKey={(position) => position.party.id}
            pagination={false}
            dataSource={[...detail.positions]}
            columns={[
              { title: t('col.party'), render: (_, position) => words(position.party.name) },
              {
                title: t('settle.receives'),
                align: 'right',
                render: (_, position) => <Money fen={position.receivesFen} />,
              },
              { title: t('settle.pays'), align: 'right', render: (_, position) => <Money fen={position.paysFen} /> },
              {
                title: t('settle.net'),
                align: 'right',
                render: (_, position) => <Money fen={position.netFen} signed />,
              },
            ]}
            summary={() => (
              <Table.Summary.Row>
                <Table.Summary.Cell index={0} colSpan={3}>
                  {t('settle.sumCheck')}
                </Table.Summary.Cell>
                <Table.Summary.Cell index={1} align="right">
                  <Typography.Text strong type={net === 0 ? 'success' : 'danger'} className="number">
                    {yuan(net)}
                  </Typography.Text>
                </Table.Summary.Cell>
              </Table.Summary.Row>
            )}
          />
        </Card>
        <Card size="small" title={t('settle.flows')}>
          <Flows detail={detail} />
          <Table
            size="small"
            rowKey={(flow) => `${flow.from.id}-${flow.to.id}`}
            pagination={{ pageSize: 10, hideOnSinglePage: true }}
            dataSource={[...detail.flows]}
            columns={[
              { title: t('settle.from'), render: (_, flow) => words(flow.from.name) },
              { title: t('settle.to'), render: (_, flow) => words(flow.to.name) },
              { title: t('col.amount'), align: 'right', render: (_, flow) => <Money fen={flow.amountFen} /> },
            ]}
          />
        </Card>
      </div>
      <Card size="small" title={t('settle.accounts')}>
        <Table
          size="small"
          rowKey="account"
          pagination={false}
          dataSource={[...detail.accounts]}
          columns={[
            { title: t('col.account'), dataIndex: 'account' },
            { title: t('col.party'), render: (_, row) => (row.party === undefined ? '' : words(row.party.name)) },
            { title: t('col.debit'), align: 'right', render: (_, row) => <Money fen={row.debitFen} /> },
            { title: t('col.credit'), align: 'right', render: (_, row) => <Money fen={row.creditFen} /> },
            { title: t('col.balance'), align: 'right', render: (_, row) => <Money fen={row.balanceFen} signed /> },
          ]}
        />
      </Card>
    </div>
  );
}

function Positions({ detail }: { readonly detail: SettlementDetail }) {
  const { t, words } = useLanguage();
  const option = useMemo(() => {
    const positions = [...detail.positions].sort((a, b) => a.netFen - b.netFen);
    return {
      grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
      tooltip: { trigger: 'item', valueFormatter: (value: number) => yuan(value * 100) },
      xAxis: { type: 'value', axisLabel: { formatter: (value: number) => `¥${value.toLocaleString('en')}` } },
      yAxis: { type: 'category', data: positions.map((position) => words(position.party.name)) },
      series: [
        {
          type: 'bar',
          barWidth: 12,
          data: positions.map((position) => ({
            value: position.netFen / 100,
            itemStyle: { color: position.netFen < 0 ? '#d46b08' : '#1f5fbf' },
          })),
        },
      ],
    };
  }, [detail.positions, words]);
  return <Chart option={option} height={detail.positions.length * 26 + 40} label={t('settle.positions')} />;
}

/** Payers left, receivers right: a party that both pays and receives stands on both sides. */
function Flows({ detail }: { readonly detail: SettlementDetail }) {
  const { t, words } = useLanguage();
  const option = useMemo(() => {
    const from = (flow: SettlementDetail['flows'][number]): string => words(flow.from.name);
    const to = (flow: SettlementDetail['flows'][number]): string => `${words(flow.to.name)} `;
    return {
      tooltip: { trigger: 'item' },
      series: [
        {
          type: 'sankey',
          left: 8,
          right: 140,
          nodeGap: 10,
          lineStyle: { color: 'source', opacity: 0.35 },
          data: [...new Set(detail.flows.flatMap((flow) => [from(flow), to(flow)]))].map((name) => ({ name })),
          links: detail.flows.map((flow) => ({ source: from(flow), target: to(flow), value: flow.amountFen / 100 })),
        },
      ],
    };
  }, [detail.flows, words]);
  if (detail.flows.length === 0) return <Nothing text={t('tap.noPostings')} />;
  return <Chart option={option} height={300} label={t('settle.flows')} />;
}
