import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, Button, Descriptions, Input, Space, Table, Typography } from 'antd';
import { answerOf, client } from '../api/client.ts';
import type { SearchAuditQuery } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Act } from '../show/Act.tsx';
import { ErrorNotice, Loaded } from '../show/states.tsx';
import { Instant } from '../show/values.tsx';
import { tableControls, useAddressFilters } from './address-filters.ts';

const FILTERS = ['who', 'what', 'subject', 'day'] as const;

export default function Audit() {
  const { t } = useLanguage();
  const filters = useAddressFilters<(typeof FILTERS)[number]>();
  const query: SearchAuditQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of FILTERS) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  const entries = useQuery({
    queryKey: ['audit', query],
    queryFn: () => answerOf(client.GET('/api/audit', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.audit')}</h1>
        <Space wrap>
          {FILTERS.map((key) => (
            <Input.Search
              key={key}
              allowClear
              placeholder={key === 'day' ? 'YYYY-MM-DD' : t(`audit.${key}`)}
              aria-label={t(`audit.${key}`)}
              style={{ width: 165 }}
              defaultValue={filters.value(key)}
              onSearch={(value) => filters.set({ [key]: value === '' ? undefined : value })}
            />
          ))}
          <Button href="/api/audit/export">{t('audit.export')}</Button>
        </Space>
      </div>
      <Verification />
      <Loaded query={entries}>
        {(page) => (
          <Table
            size="small"
            rowKey="sequence"
            dataSource={[...page.rows]}
            scroll={{ x: 'max-content' }}
            {...tableControls(filters, page.total)}
            expandable={{
              expandedRowRender: (row) => (
                <Descriptions size="small" column={1}>
                  <Descriptions.Item label="SHA-256">
                    <code className="hex">{row.sha256}</code>
                  </Descriptions.Item>
                  <Descriptions.Item label="SM3">
                    <code className="hex">{row.sm3}</code>
                  </Descriptions.Item>
                  <Descriptions.Item label={t('audit.detail')}>
                    <code>{JSON.stringify(row.detail)}</code>
                  </Descriptions.Item>
                </Descriptions>
              ),
            }}
            columns={[
              { title: '#', align: 'right', render: (_, row) => <span className="number">{row.sequence}</span> },
              { title: t('col.time'), render: (_, row) => <Instant at={row.at} /> },
              { title: t('audit.who'), render: (_, row) => row.who },
              { title: t('audit.what'), render: (_, row) => <Act what={row.what} /> },
              { title: t('audit.subject'), render: (_, row) => row.subject },
              { title: t('audit.change'), render: (_, row) => <Change before={row.before} after={row.after} /> },
              { title: t('audit.why'), render: (_, row) => row.why ?? '' },
              { title: t('audit.approvedBy'), render: (_, row) => row.approvedBy.join(', ') },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}

/** The whole trail, verified now by the program that outsiders use. */
function Verification() {
  const { t } = useLanguage();
  const verification = useQuery({
    queryKey: ['audit', 'verification'],
    queryFn: () => answerOf(client.GET('/api/audit/verification')),
    staleTime: 60_000,
  });
  if (verification.isError)
    return <ErrorNotice error={verification.error} onRetry={() => void verification.refetch()} />;
  const verdict = verification.data;
  if (verdict === undefined) return <Alert type="info" showIcon title={t('audit.verifying')} />;
  const isWhole = verdict.verdict === 'whole';
  return (
    <Alert
      type={isWhole ? 'success' : 'error'}
      showIcon
      className="audit-verdict"
      title={isWhole ? t('audit.whole') : t('audit.broken')}
      description={
        verdict.problem === undefined ? (
          <Typography.Text type="secondary">
            {verdict.entries} · {t('audit.anchors')} {verdict.anchors} · SHA-256{' '}
            <code className="hex">{verdict.head.sha256}</code>
          </Typography.Text>
        ) : (
          `#${verdict.problem.entry}: ${verdict.problem.message}`
        )
      }
      action={
        <Button size="small" onClick={() => void verification.refetch()}>
          {t('audit.verify')}
        </Button>
      }
    />
  );
}

function Change({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  if (before === null && after === null) return null;
  const sides = [before, after].map((side) => (side === null ? '–' : JSON.stringify(side)));
  return <div className="hex change">{sides.join(' → ')}</div>;
}
