import { Alert, Card, Table } from 'antd';
import { useNavigate } from 'react-router';
import type { GetTerminalAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Count, Instant, KindTag, LocalTime, Money, ProofTag, ReasonTags, TapStateTag } from '../show/values.tsx';

const PAGE_ENTRIES = 20;

/** The terminal's journal as it came: its own numbers, batch and trace, when each entry was received; and what never came. */
export function TerminalJournal({ journal, missing }: Pick<GetTerminalAnswer, 'journal' | 'missing'>) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const numbers = missing.map(({ from, to }) => (from === to ? `${from}` : `${from} – ${to}`));
  return (
    <Card size="small" title={t('terminal.journal')}>
      {numbers.length > 0 && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={`${t('terminal.missing')}: ${numbers.join(', ')}`}
        />
      )}
      <Table
        size="small"
        rowKey={({ tap }) => tap.id}
        scroll={{ x: 'max-content' }}
        pagination={{ pageSize: PAGE_ENTRIES, hideOnSinglePage: true, showSizeChanger: false }}
        dataSource={[...journal]}
        rowClassName="openable"
        onRow={({ tap }) => ({
          onClick: () => navigate(`/taps/${tap.id}`),
          onKeyDown: (event) => event.key === 'Enter' && navigate(`/taps/${tap.id}`),
          tabIndex: 0,
        })}
        columns={[
          {
            title: t('terminal.sequence'),
            align: 'right',
            render: (_, { sequenceNo }) => <Count value={sequenceNo} />,
          },
          { title: t('col.batch'), dataIndex: 'batchNo', className: 'number' },
          { title: t('terminal.trace'), dataIndex: 'traceNo', className: 'number' },
          { title: t('col.time'), render: (_, { tap }) => <LocalTime at={tap.at} /> },
          { title: t('col.kind'), render: (_, { tap }) => <KindTag kind={tap.kind} /> },
          { title: t('col.card'), render: (_, { tap }) => <span className="number">{tap.panMasked}</span> },
          {
            title: t('col.base'),
            align: 'right',
            render: (_, { tap }) => (tap.baseFen === undefined ? '' : <Money fen={tap.baseFen} />),
          },
          { title: t('col.charged'), align: 'right', render: (_, { tap }) => <Money fen={tap.chargedFen} /> },
          { title: t('col.proof'), render: (_, { tap }) => <ProofTag state={tap.cryptogram} /> },
          { title: t('col.state'), render: (_, { tap }) => <TapStateTag state={tap.state} /> },
          { title: t('col.exceptions'), render: (_, { tap }) => <ReasonTags reasons={tap.exceptions} /> },
          { title: t('terminal.received'), render: (_, { receivedAt }) => <Instant at={receivedAt} /> },
        ]}
      />
    </Card>
  );
}
