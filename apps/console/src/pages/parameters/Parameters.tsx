/** Parameter versions with their states, and which terminal has which. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Card, Form, Input, Modal, Select, Table } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetSessionAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice, Loaded } from '../../show/states.tsx';
import { Count, Instant, LocalTime } from '../../show/values.tsx';
import { HeldTable } from './HeldTable.tsx';
import { VERSIONS, VersionStateTag } from './version-state.tsx';

export default function Parameters({ account }: { readonly account: GetSessionAnswer }) {
  const { t } = useLanguage();
  const [isDrafting, setDrafting] = useState(false);
  const versions = useQuery({
    queryKey: [VERSIONS],
    queryFn: () => answerOf(client.GET('/api/parameters/versions')),
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.parameters')}</h1>
        {account.permissions.includes('parameters.edit') && (
          <Button type="primary" onClick={() => setDrafting(true)}>
            {t('parameters.new')}
          </Button>
        )}
      </div>
      <Loaded query={versions}>
        {(rows) => (
          <Table
            size="small"
            rowKey="version"
            dataSource={[...rows]}
            scroll={{ x: 'max-content' }}
            pagination={false}
            columns={[
              {
                title: t('parameters.version'),
                render: (_, row) => (
                  <Link className="number" to={`/parameters/${row.version}`}>
                    {row.version}
                  </Link>
                ),
              },
              { title: t('parameters.title'), render: (_, row) => row.title },
              { title: t('col.state'), render: (_, row) => <VersionStateTag state={row.state} /> },
              { title: t('parameters.basedOn'), render: (_, row) => row.basedOn ?? '' },
              {
                title: t('parameters.effectiveAt'),
                render: (_, row) => (row.effectiveAt === undefined ? '' : <LocalTime at={row.effectiveAt} />),
              },
              { title: t('parameters.terminals'), align: 'right', render: (_, row) => <Count value={row.terminals} /> },
              { title: t('parameters.createdBy'), render: (_, row) => row.createdBy },
              { title: t('parameters.changedAt'), render: (_, row) => <Instant at={row.changedAt} /> },
            ]}
          />
        )}
      </Loaded>
      <Card size="small" title={t('parameters.held')}>
        <HeldTable />
      </Card>
      {isDrafting && <NewDraft onClose={() => setDrafting(false)} />}
    </div>
  );
}

function NewDraft({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [from, setFrom] = useState<'force' | 'blueprint'>('force');
  const [id] = useState(() => `draft-${crypto.randomUUID()}`);
  const draft = useMutation({
    mutationFn: () =>
      answerOf(
        client.POST('/api/parameters/versions', {
          body: { id, title, ...(from === 'blueprint' ? { from } : {}) },
        }),
      ),
    onSuccess: async ({ version }) => {
      await queries.invalidateQueries({ queryKey: [VERSIONS] });
      navigate(`/parameters/${version}/edit`);
    },
  });
  return (
    <Modal
      open
      title={t('parameters.new')}
      onCancel={onClose}
      okText={t('parameters.confirm')}
      okButtonProps={{ disabled: title.trim() === '', loading: draft.isPending }}
      onOk={() => draft.mutate()}
    >
      <Form layout="vertical">
        <Form.Item label={t('parameters.title')}>
          <Input aria-label={t('parameters.title')} value={title} onChange={(event) => setTitle(event.target.value)} />
        </Form.Item>
        <Form.Item label={t('parameters.from')}>
          <Select
            value={from}
            onChange={setFrom}
            options={[
              { value: 'force', label: t('parameters.fromForce') },
              { value: 'blueprint', label: t('parameters.fromBlueprint') },
            ]}
          />
        </Form.Item>
      </Form>
      {draft.isError && <ErrorNotice error={draft.error} />}
    </Modal>
  );
}
