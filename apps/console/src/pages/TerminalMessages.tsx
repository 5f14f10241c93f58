import { useQuery } from '@tanstack/react-query';
import { Card, Table, Tag } from 'antd';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Loaded } from '../show/states.tsx';
import { Count, Instant } from '../show/values.tsx';

const REFRESH_MS = 5_000;
const PAGE_MESSAGES = 20;
const APPROVED = '00';
/** What the platform says in place of a secret. */
const HIDDEN = 'hidden';

/** The last frames between a terminal and the gateway, each field by field; newest first. */
export function TerminalMessages({ terminalNo }: { terminalNo: string }) {
  const { t, words } = useLanguage();
  const messages = useQuery({
    queryKey: ['terminal-messages', terminalNo],
    queryFn: () => answerOf(client.GET('/api/terminals/{terminalNo}/messages', { params: { path: { terminalNo } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card size="small" title={t('terminal.messages')}>
      <Loaded query={messages}>
        {(rows) => (
          <Table
            size="small"
            rowKey={({ key }) => key}
            pagination={{ pageSize: PAGE_MESSAGES, hideOnSinglePage: true, showSizeChanger: false }}
            locale={{ emptyText: t('terminal.noMessages') }}
            dataSource={rows.map((row, index) => ({ ...row, key: `${rows.length - index} ${row.at}` }))}
            expandable={{
              expandRowByClick: true,
              expandedRowRender: ({ fields }) => (
                <Table
                  size="small"
                  rowKey="field"
                  pagination={false}
                  tableLayout="fixed"
                  dataSource={[...fields]}
                  columns={[
                    { title: t('terminal.field'), dataIndex: 'field', className: 'number', width: 110 },
                    { title: t('terminal.meaning'), width: 260, render: (_, field) => words(field.name) },
                    {
                      title: t('terminal.content'),
                      className: 'number',
                      render: (_, { text, hex }) => (
                        <span style={{ wordBreak: 'break-all', whiteSpace: 'normal' }}>
                          {text === HIDDEN ? t('terminal.hidden') : text === '' ? hex : text}
                        </span>
                      ),
                    },
                  ]}
                />
              ),
            }}
            columns={[
              { title: t('terminal.time'), render: (_, row) => <Instant at={row.at} /> },
              {
                title: t('terminal.message'),
                render: (_, row) => (
                  <>
                    {row.direction === 'from-terminal' ? '→' : '←'} <span className="number">{row.mti}</span>{' '}
                    {words(row.name)}
                  </>
                ),
              },
              {
                title: t('terminal.answer'),
                render: (_, { code }) =>
                  code === undefined ? '' : <Tag color={code === APPROVED ? 'success' : 'error'}>{code}</Tag>,
              },
              { title: t('terminal.bytes'), align: 'right', render: (_, row) => <Count value={row.bytes} /> },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
