import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../api/client.ts';
import type { GetSessionAnswer, ListApprovalsAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { ErrorNotice, Loaded } from '../show/states.tsx';
import { Instant } from '../show/values.tsx';

type Approval = ListApprovalsAnswer[number];
const COLOURS = { waiting: 'processing', done: 'success', refused: 'default', failed: 'error' } as const;

export default function Approvals({ account }: { readonly account: GetSessionAnswer }) {
  const { t, words } = useLanguage();
  const [shown, setShown] = useState<Approval>();
  const approvals = useQuery({
    queryKey: ['approvals'],
    queryFn: () => answerOf(client.GET('/api/approvals', { params: { query: {} } })),
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.approvals')}</h1>
      </div>
      <Loaded query={approvals}>
        {(rows) => (
          <Table
            size="small"
            rowKey="id"
            dataSource={[...rows]}
            scroll={{ x: 1200 }}
            locale={{ emptyText: t('approvals.none') }}
            columns={[
              { title: t('col.time'), render: (_, row) => <Instant at={row.requestedAt} /> },
              { title: t('approvals.act'), render: (_, row) => words(row.act.name) },
              { title: t('audit.subject'), render: (_, row) => row.subject },
              { title: t('approvals.effect'), width: 420, render: (_, row) => words(row.effect) },
              { title: t('approvals.by'), render: (_, row) => row.requestedBy },
              {
                title: t('approvals.given'),
                align: 'right',
                render: (_, row) =>
                  `${row.decisions.filter(({ verdict }) => verdict === 'approved').length} / ${row.needed}`,
              },
              {
                title: t('col.state'),
                render: (_, row) => <Tag color={COLOURS[row.state]}>{t(`approvals.${row.state}`)}</Tag>,
              },
              {
                title: '',
                render: (_, row) =>
                  row.state === 'waiting' &&
                  row.requestedBy !== account.name &&
                  account.permissions.includes(row.act.approve) && (
                    <Button size="small" onClick={() => setShown(row)}>
                      {t('approvals.decide')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      {shown !== undefined && <Decision approval={shown} onClose={() => setShown(undefined)} />}
    </div>
  );
}

/** The effect comes first, then who asked and why, then the two buttons. */
export function Decision({ approval, onClose }: { readonly approval: Approval; readonly onClose: () => void }) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const decide = useMutation({
    mutationFn: (verdict: 'approved' | 'refused') =>
      answerOf(
        client.POST('/api/approvals/{id}/decisions', { params: { path: { id: approval.id } }, body: { verdict, why } }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries();
      onClose();
    },
  });
  return (
    <Modal open title={`${words(approval.act.name)}: ${approval.subject}`} onCancel={onClose} footer={null}>
      <p>
        <strong>{words(approval.effect)}</strong>
      </p>
      <p>
        {t('approvals.by')} {approval.requestedBy}: {approval.why}
      </p>
      <Input.TextArea
        aria-label={t('audit.why')}
        placeholder={t('audit.why')}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      {decide.isError && <ErrorNotice error={decide.error} />}
      <Space style={{ marginTop: 12 }}>
        <Button type="primary" loading={decide.isPending} onClick={() => decide.mutate('approved')}>
          {t('approvals.approve')}
        </Button>
        <Button danger loading={decide.isPending} onClick={() => decide.mutate('refused')}>
          {t('approvals.refuse')}
        </Button>
      </Space>
    </Modal>
  );
}
