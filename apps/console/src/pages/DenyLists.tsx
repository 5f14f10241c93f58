/** The deny list: what is published, what waits for somebody else, and which terminal holds what. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Modal, Card as Panel, Space, Table, Tabs, Tag } from 'antd';
import { useMemo, useState } from 'react';
import { answerOf, client } from '../api/client.ts';
import type { GetDenyListsAnswer, GetSessionAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Chart } from '../show/Chart.tsx';
import { ErrorNotice, Loaded } from '../show/states.tsx';
import { Count, count, Instant } from '../show/values.tsx';
import { Decision } from './Approvals.tsx';
import { useAddressFilters } from './address-filters.ts';
import { Entries } from './deny-lists/Entries.tsx';
import { Fleet, FreshnessTag } from './deny-lists/Fleet.tsx';
import { Hits } from './deny-lists/Hits.tsx';
import { ImportFile, ListCard } from './deny-lists/ListCard.tsx';

type Request = GetDenyListsAnswer['requests'][number];

export default function DenyLists({ account }: { readonly account: GetSessionAnswer }) {
  const { t, words } = useLanguage();
  const filters = useAddressFilters<'tab'>();
  const query = useQuery({ queryKey: ['deny-lists'], queryFn: () => answerOf(client.GET('/api/deny-lists')) });
  const mayEdit = account.permissions.includes('deny-lists.edit');
  return (
    <Loaded query={query}>
      {(list) => (
        <div className="page">
          <div className="page-head">
            <h1>{words(list.headline)}</h1>
            {mayEdit && (
              <Space wrap>
                <ListCard rules={list.rules} />
                <ImportFile rules={list.rules} />
              </Space>
            )}
          </div>
          <Waiting list={list} account={account} />
          <Tabs
            activeKey={filters.value('tab') ?? 'overview'}
            onChange={(tab) => filters.set({ tab: tab === 'overview' ? undefined : tab })}
            items={[
              { key: 'overview', label: t('deny.overview'), children: <Published list={list} /> },
              { key: 'entries', label: t('deny.entries'), children: <Entries rules={list.rules} mayEdit={mayEdit} /> },
              { key: 'terminals', label: t('deny.fleet'), children: <Fleet /> },
              { key: 'hits', label: t('deny.hits'), children: <Hits /> },
            ]}
          />
        </div>
      )}
    </Loaded>
  );
}

/** Changes no terminal knows of yet, and publications that wait for an approval. */
function Waiting({ list, account }: { readonly list: GetDenyListsAnswer; readonly account: GetSessionAnswer }) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState('');
  const [shown, setShown] = useState<Request>();
  const ask = useMutation({
    mutationFn: () => answerOf(client.POST('/api/deny-lists/publications', { body: { id: crypto.randomUUID(), why } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      setAsking(false);
      setWhy('');
    },
  });
  const { added, removed } = list.waiting;
  return (
    <>
      {added + removed > 0 && (
        <Alert
          type="info"
          showIcon
          title={`${t('deny.waiting')}: +${count(added)} −${count(removed)}`}
          action={
            account.permissions.includes('deny-lists.request') && (
              <Button size="small" type="primary" onClick={() => setAsking(true)}>
                {t('deny.publish')}
              </Button>
            )
          }
        />
      )}
      {list.requests.map((request) => (
        <Alert
          key={request.id}
          type="warning"
          showIcon
          title={`${t('deny.request')} (${request.requestedBy}): ${request.why}`}
          description={words(request.effect)}
          action={
            request.requestedBy !== account.name &&
            account.permissions.includes(request.act.approve) && (
              <Button size="small" onClick={() => setShown(request)}>
                {t('approvals.decide')}
              </Button>
            )
          }
        />
      ))}
      <Modal
        open={asking}
        title={t('deny.publish')}
        okText={t('deny.ask')}
        okButtonProps={{ disabled: why.trim().length < 3, loading: ask.isPending }}
        onOk={() => ask.mutate()}
        onCancel={() => setAsking(false)}
      >
        <p>{t('deny.publishHint')}</p>
        <Input.TextArea
          aria-label={t('audit.why')}
          placeholder={t('audit.why')}
          value={why}
          onChange={(event) => setWhy(event.target.value)}
        />
        {ask.isError && <ErrorNotice error={ask.error} />}
      </Modal>
      {shown !== undefined && <Decision approval={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function Published({ list }: { readonly list: GetDenyListsAnswer }) {
  const { t, words } = useLanguage();
  return (
    <Space orientation="vertical" size="middle" style={{ width: '100%' }}>
      <div className="columns">
        <Panel size="small" title={t('deny.counts')}>
          <Table
            size="small"
            rowKey={(row) => `${row.scope}/${row.reason}/${row.lockOnSight}`}
            pagination={false}
            dataSource={[...list.counts]}
            columns={[
              { title: t('deny.scope'), render: (_, row) => words(row.scopeName) },
              { title: t('deny.reason'), render: (_, row) => words(row.reasonName) },
              {
                title: t('deny.lock'),
                render: (_, row) => (row.lockOnSight ? <Tag color="volcano">{t('deny.locks')}</Tag> : ''),
              },
              { title: t('deny.cards'), align: 'right', render: (_, row) => <Count value={row.cards} /> },
            ]}
          />
        </Panel>
        <Panel size="small" title={t('deny.holding')}>
          <Space wrap>
            {list.fleet.byState.map(({ state, terminals }) => (
              <span key={state}>
                <FreshnessTag state={state} /> <Count value={terminals} />
              </span>
            ))}
          </Space>
          <FleetChart fleet={list.fleet} />
        </Panel>
      </div>
      <Panel size="small" title={t('deny.versions')}>
        <Table
          size="small"
          rowKey="version"
          scroll={{ x: 'max-content' }}
          pagination={{ pageSize: 20, hideOnSinglePage: true }}
          dataSource={[...list.versions]}
          columns={[
            { title: t('deny.version'), dataIndex: 'version', className: 'number' },
            { title: t('col.time'), render: (_, row) => <Instant at={row.issuedAt} /> },
            { title: t('deny.cards'), align: 'right', render: (_, row) => <Count value={row.cards} /> },
            {
              title: t('deny.changes'),
              align: 'right',
              render: (_, row) => <span className="number">{`+${count(row.added)} −${count(row.removed)}`}</span>,
            },
            { title: t('deny.snapshotBytes'), align: 'right', render: (_, row) => <Count value={row.snapshotBytes} /> },
            { title: t('deny.deltaBytes'), align: 'right', render: (_, row) => <Count value={row.deltaBytes} /> },
            { title: t('approvals.by'), dataIndex: 'requestedBy' },
            { title: t('deny.approvedBy'), render: (_, row) => row.approvedBy.join(', ') },
            { title: t('audit.why'), dataIndex: 'why' },
          ]}
        />
      </Panel>
    </Space>
  );
}

const CHART_HEIGHT = 200;

function FleetChart({ fleet }: { readonly fleet: GetDenyListsAnswer['fleet'] }) {
  const { t } = useLanguage();
  const option = useMemo(
    () => ({
      grid: { left: 48, right: 12, top: 16, bottom: 28 },
      tooltip: { trigger: 'axis' },
      xAxis: {
        type: 'category',
        data: fleet.byVersion.map(({ version }) => (version === null ? t('deny.none') : String(version))),
      },
      yAxis: { type: 'value', minInterval: 1 },
      series: [{ type: 'bar', barMaxWidth: 48, data: fleet.byVersion.map(({ terminals }) => terminals) }],
    }),
    [fleet, t],
  );
  return <Chart option={option} height={CHART_HEIGHT} label={t('deny.chart')} />;
}
