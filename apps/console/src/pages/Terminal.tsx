import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions, Table, Tag } from 'antd';
import { useParams } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Loaded } from '../show/states.tsx';
import { Copyable, Count, Instant, Money } from '../show/values.tsx';
import { TerminalJournal } from './TerminalJournal.tsx';
import { TerminalMessages } from './TerminalMessages.tsx';

export default function Terminal() {
  const { terminalNo = '' } = useParams();
  const { t, named, words } = useLanguage();
  const query = useQuery({
    queryKey: ['terminal', terminalNo],
    queryFn: () => answerOf(client.GET('/api/terminals/{terminalNo}', { params: { path: { terminalNo } } })),
  });
  return (
    <Loaded query={query}>
      {({ terminal, headline, lastSequence, parameters, denyList, modesAskedAt, batches, journal, missing }) => (
        <div className="page">
          <div className="page-head">
            <h1>{words(headline)}</h1>
            <Tag>{named('terminalState', terminal.state)}</Tag>
          </div>
          <div className="columns">
            <Card size="small">
              <Descriptions
                column={1}
                size="small"
                items={[
                  { key: 'no', label: t('col.terminal'), children: <Copyable text={terminal.terminalNo} /> },
                  { key: 'device', label: t('col.device'), children: terminal.deviceNo },
                  { key: 'profile', label: t('col.profile'), children: terminal.profile },
                  { key: 'operator', label: t('col.operator'), children: words(terminal.operator.name) },
                  { key: 'tariff', label: t('col.tariff'), children: terminal.tariffVersion },
                  {
                    key: 'current',
                    label: t('terminal.current'),
                    children: <HeldVersion {...parameters.current} />,
                  },
                  {
                    key: 'next',
                    label: t('terminal.next'),
                    children: parameters.next === undefined ? t('terminal.none') : <HeldVersion {...parameters.next} />,
                  },
                  {
                    key: 'list',
                    label: t('terminal.denyList'),
                    children:
                      denyList === undefined ? (
                        t('terminal.none')
                      ) : (
                        <span>
                          {t('terminal.version')} <span className="number">{denyList.version}</span>,{' '}
                          {t('terminal.confirmed')} <Instant at={denyList.confirmedAt} />
                        </span>
                      ),
                  },
                  {
                    key: 'modes',
                    label: t('terminal.modes'),
                    children:
                      modesAskedAt === undefined ? (
                        t('terminal.none')
                      ) : (
                        <span>
                          {t('terminal.modesAsked')} <Instant at={modesAskedAt} />
                        </span>
                      ),
                  },
                  { key: 'sequence', label: t('terminal.lastSequence'), children: <Count value={lastSequence} /> },
                  { key: 'origin', label: t('col.origin'), children: t(`origin.${terminal.origin}`) },
                ]}
              />
            </Card>
            <Card size="small" title={t('terminal.batches')}>
              <Table
                size="small"
                rowKey="batchNo"
                pagination={false}
                dataSource={[...batches]}
                columns={[
                  { title: t('col.batch'), dataIndex: 'batchNo', className: 'number' },
                  { title: t('col.taps'), align: 'right', render: (_, batch) => <Count value={batch.taps} /> },
                  { title: t('col.amount'), align: 'right', render: (_, batch) => <Money fen={batch.chargedFen} /> },
                  {
                    title: t('col.state'),
                    render: (_, batch) =>
                      batch.totals === null ? (
                        <Tag>{t('terminal.unsettled')}</Tag>
                      ) : (
                        <Tag color={batch.totals === 'equal' ? 'success' : 'error'}>
                          {t(`terminal.${batch.totals}`)}
                        </Tag>
                      ),
                  },
                  {
                    title: '',
                    render: (_, batch) => (batch.settledAt === undefined ? '' : <Instant at={batch.settledAt} />),
                  },
                ]}
              />
            </Card>
          </div>
          <TerminalJournal journal={journal} missing={missing} />
          <TerminalMessages terminalNo={terminalNo} />
        </div>
      )}
    </Loaded>
  );
}

/** A parameter version with its beginning, and whether the terminal has it. */
function HeldVersion({ version, from, isHeld }: { version: string; from: string; isHeld: boolean }) {
  const { t } = useLanguage();
  // the version of the first day has no beginning
  const since = from.startsWith('0000') ? '' : `, ${t('terminal.from')} ${from.replace('T', ' ')}`;
  return (
    <span>
      <span className="number">{version}</span>
      {since} <Tag color={isHeld ? 'success' : 'default'}>{t(isHeld ? 'terminal.held' : 'terminal.notHeld')}</Tag>
    </span>
  );
}
