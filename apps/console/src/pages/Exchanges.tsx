/** Keys exchanged with others: zones and their components, what was handed over and taken in, receipts. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Card, Space, Table, Tag, Upload } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../api/client.ts';
import type { GetSessionAnswer, ListExchangesAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { saveFile } from '../show/save-file.ts';
import { ErrorNotice, Loaded } from '../show/states.tsx';
import { Instant } from '../show/values.tsx';
import { EnterComponent, HandOver, OpenZone, TakeIn } from './ExchangeForms.tsx';

type Zone = ListExchangesAnswer['zones'][number];
type Exchange = ListExchangesAnswer['exchanges'][number];
const COLOURS = { 'handed-over': 'processing', receipted: 'success', taken: 'success', refused: 'error' } as const;

export default function Exchanges({ account }: { readonly account: GetSessionAnswer }) {
  const { t } = useLanguage();
  const [form, setForm] = useState<'zone' | 'export' | 'import' | Zone>();
  const answer = useQuery({ queryKey: ['exchanges'], queryFn: () => answerOf(client.GET('/api/exchanges')) });
  const trees = (['activation', 'management', 'issuer'] as const).filter((tree) =>
    account.permissions.includes(`keys.${tree}.request`),
  );
  const close = () => setForm(undefined);
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.exchanges')}</h1>
        {trees.length > 0 && (
          <Space>
            <Button onClick={() => setForm('zone')}>{t('exchange.openZone')}</Button>
            <Button onClick={() => setForm('export')}>{t('exchange.handOver')}</Button>
            <Button onClick={() => setForm('import')}>{t('exchange.takeIn')}</Button>
          </Space>
        )}
      </div>
      <Loaded query={answer}>
        {({ zones, exchanges }) => (
          <>
            <Card size="small" title={t('exchange.zones')}>
              <Zones zones={zones} account={account} onEnter={setForm} />
            </Card>
            <Card size="small" title={t('exchange.exchanges')} style={{ marginTop: 16 }}>
              <Done exchanges={exchanges} trees={trees} />
            </Card>
            {form === 'zone' && <OpenZone trees={trees} onClose={close} />}
            {form === 'export' && <HandOver trees={trees} zones={zones} onClose={close} />}
            {form === 'import' && <TakeIn zones={zones} onClose={close} />}
            {typeof form === 'object' && <EnterComponent zone={form} onClose={close} />}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Zones({
  zones,
  account,
  onEnter,
}: {
  readonly zones: readonly Zone[];
  readonly account: GetSessionAnswer;
  readonly onEnter: (zone: Zone) => void;
}) {
  const { t } = useLanguage();
  return (
    <Table
      size="small"
      rowKey="zoneId"
      pagination={false}
      dataSource={[...zones]}
      scroll={{ x: 'max-content' }}
      locale={{ emptyText: t('exchange.noZones') }}
      columns={[
        { title: t('exchange.zone'), render: (_, row) => row.zoneId },
        { title: t('exchange.counterpart'), render: (_, row) => row.counterpart },
        { title: t('col.tree'), render: (_, row) => t(`tree.${row.tree}`) },
        { title: t('col.algorithm'), render: (_, row) => row.algorithm },
        {
          title: t('exchange.components'),
          render: (_, row) =>
            `${row.components.enteredBy.length} / ${row.components.needed}  ${row.components.enteredBy.join(', ')}`,
        },
        {
          title: t('col.checkValue'),
          render: (_, row) => (row.checkValue === undefined ? '–' : <code className="hex">{row.checkValue}</code>),
        },
        {
          title: t('col.state'),
          render: (_, row) => (
            <Tag color={row.state === 'active' ? 'success' : 'processing'}>{t(`exchange.${row.state}`)}</Tag>
          ),
        },
        {
          title: '',
          render: (_, row) =>
            row.state === 'waiting' &&
            account.permissions.includes(`keys.${row.tree}.share`) &&
            !row.components.enteredBy.includes(account.name) && (
              <Button size="small" onClick={() => onEnter(row)}>
                {t('exchange.enter')}
              </Button>
            ),
        },
      ]}
    />
  );
}

function Done({ exchanges, trees }: { readonly exchanges: readonly Exchange[]; readonly trees: readonly string[] }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const receipt = useMutation({
    mutationFn: async ({ id, file }: { id: string; file: File }) =>
      answerOf(
        client.POST('/api/exchanges/{id}/receipt', {
          params: { path: { id } },
          body: { receipt: await file.text() },
        }),
      ),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <>
      {receipt.isError && <ErrorNotice error={receipt.error} />}
      <Table
        size="small"
        rowKey="id"
        dataSource={[...exchanges]}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('exchange.none') }}
        columns={[
          { title: t('col.time'), render: (_, row) => <Instant at={row.at} /> },
          { title: t('exchange.direction'), render: (_, row) => t(`exchange.${row.direction}`) },
          { title: t('exchange.counterpart'), render: (_, row) => row.counterpart },
          { title: t('exchange.zone'), render: (_, row) => row.zoneId },
          {
            title: t('exchange.keys'),
            render: (_, row) =>
              row.keys.map((key) => (
                <div key={key.label}>
                  {key.label} <code className="hex">{key.checkValue}</code> <Tag>{key.form}</Tag>
                  {key.refusal !== undefined && <Tag color="error">{key.refusal}</Tag>}
                </div>
              )),
          },
          {
            title: t('col.state'),
            render: (_, row) => <Tag color={COLOURS[row.state]}>{t(`exchange.${row.state}`)}</Tag>,
          },
          {
            title: '',
            render: (_, row) => (
              <Space>
                <Button size="small" onClick={() => void save(row)}>
                  {t(row.direction === 'out' ? 'exchange.savePackage' : 'exchange.saveReceipt')}
                </Button>
                {row.state === 'handed-over' && trees.includes(row.tree) && (
                  <Upload
                    accept=".json"
                    showUploadList={false}
                    beforeUpload={(file) => {
                      receipt.mutate({ id: row.id, file });
                      return false;
                    }}
                  >
                    <Button size="small">{t('exchange.checkReceipt')}</Button>
                  </Upload>
                )}
              </Space>
            ),
          },
        ]}
      />
    </>
  );
}

/** The document for the other side, as a file. */
async function save({ id, direction }: Exchange): Promise<void> {
  const { text } = await answerOf(client.GET('/api/exchanges/{id}/document', { params: { path: { id } } }));
  saveFile(`${direction === 'out' ? 'package' : 'receipt'}-${id}.json`, text);
}
