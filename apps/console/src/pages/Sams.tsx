/** PSAMs: where they are, what they hold, when their terminal was last seen; who may stops one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Space, Table, Tag, Tooltip } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { GetSessionAnswer, ListSamsAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { ErrorNotice, Loaded } from '../show/states.tsx';
import { Instant } from '../show/values.tsx';

type Sam = ListSamsAnswer['sams'][number];

export default function Sams({ account }: { readonly account: GetSessionAnswer }) {
  const { t } = useLanguage();
  const [stopping, setStopping] = useState<Sam>();
  const sams = useQuery({
    queryKey: ['sams'],
    queryFn: () => answerOf(client.GET('/api/sams', { params: { query: {} } })),
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.sams')}</h1>
      </div>
      <Loaded query={sams}>
        {(answer) => (
          <Table
            size="small"
            rowKey="samNo"
            dataSource={[...answer.sams]}
            scroll={{ x: 'max-content' }}
            locale={{ emptyText: t('sams.none') }}
            columns={[
              { title: t('sams.number'), render: (_, row) => <span className="number">{row.samNo}</span> },
              {
                title: t('sams.boundTo'),
                render: (_, row) => <Link to={`/terminals/${row.terminalNo}`}>{row.terminalNo}</Link>,
              },
              { title: t('col.operator'), render: (_, row) => row.operatorId },
              {
                title: t('sams.keys'),
                render: (_, row) => (
                  <Space size={4} wrap>
                    {row.keys.map(({ label, version, checkValue }) => (
                      <Tooltip key={`${label}#${version}`} title={`${t('col.checkValue')} ${checkValue}`}>
                        <Tag>
                          <Link to={`/keys/${encodeURIComponent(`${label}#${version}`)}`}>{`${label}#${version}`}</Link>
                        </Tag>
                      </Tooltip>
                    ))}
                  </Space>
                ),
              },
              { title: t('col.since'), render: (_, row) => <Instant at={row.issuedAt} /> },
              {
                title: t('sams.lastSeen'),
                render: (_, row) => (row.lastSeenAt === undefined ? '–' : <Instant at={row.lastSeenAt} />),
              },
              {
                title: t('col.state'),
                filters: (['issued', 'stopped'] as const).map((value) => ({ value, text: t(`sams.${value}`) })),
                onFilter: (value, row) => row.state === value,
                render: (_, row) => (
                  <Tooltip title={row.stopReason}>
                    <Tag color={row.state === 'issued' ? 'success' : 'error'}>{t(`sams.${row.state}`)}</Tag>
                  </Tooltip>
                ),
              },
              {
                title: '',
                render: (_, row) =>
                  row.state === 'issued' &&
                  account.permissions.includes('sams.stop') && (
                    <Button size="small" danger onClick={() => setStopping(row)}>
                      {t('sams.stop')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      {stopping !== undefined && <Stop sam={stopping} onClose={() => setStopping(undefined)} />}
    </div>
  );
}

/** What stopping means comes first, then the reason, then the button. */
function Stop({ sam, onClose }: { readonly sam: Sam; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const stop = useMutation({
    mutationFn: () =>
      answerOf(client.POST('/api/sams/{samNo}/stop', { params: { path: { samNo: sam.samNo } }, body: { reason } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      onClose();
    },
  });
  return (
    <Modal open title={`${t('sams.stop')} ${sam.samNo}`} onCancel={onClose} footer={null}>
      <p>
        <strong>{t('sams.stopEffect')}</strong> {sam.terminalNo}
      </p>
      <Input
        aria-label={t('audit.why')}
        placeholder={t('audit.why')}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {stop.isError && <ErrorNotice error={stop.error} />}
      <Button
        danger
        style={{ marginTop: 12 }}
        disabled={reason.trim() === ''}
        loading={stop.isPending}
        onClick={() => stop.mutate()}
      >
        {t('sams.stop')}
      </Button>
    </Modal>
  );
}
