/** How far a roll-out is: stages, what the canary shows against its limits, each terminal. */
import { Card, Progress, Table, Tag } from 'antd';
import { useLanguage } from '../../i18n/language.tsx';
import { Count, LocalTime } from '../../show/values.tsx';
import { HeldTable } from './HeldTable.tsx';
import { LimitName, useStageName, type Version } from './version-state.tsx';

const VERDICTS = { waiting: 'processing', good: 'success', faulty: 'error' } as const;

export function RolloutView({ version }: { readonly version: Version }) {
  const { t } = useLanguage();
  const stageName = useStageName();
  const { stages, canary } = version;
  return (
    <>
      <Card size="small" title={t('parameters.rollout')}>
        <Table
          size="small"
          rowKey="stage"
          pagination={false}
          dataSource={[...stages]}
          columns={[
            { title: t('parameters.stage'), render: (_, row) => `${row.stage + 1}. ${stageName(row.name)}` },
            {
              title: t('col.state'),
              render: (_, row) =>
                row.openedAt === undefined ? (
                  <Tag>{t('parameters.stageClosed')}</Tag>
                ) : (
                  <Tag color="success">{t('parameters.stageOpened')}</Tag>
                ),
            },
            {
              title: t('parameters.effectiveAt'),
              render: (_, row) => (row.effectiveAt === undefined ? '' : <LocalTime at={row.effectiveAt} />),
            },
            { title: t('nav.terminals'), align: 'right', render: (_, row) => <Count value={row.terminals} /> },
            {
              title: t('parameters.taken'),
              width: 220,
              render: (_, row) => <Share part={row.taken} whole={row.terminals} label={t('parameters.taken')} />,
            },
            {
              title: t('parameters.using'),
              width: 220,
              render: (_, row) => <Share part={row.using} whole={row.terminals} label={t('parameters.using')} />,
            },
          ]}
        />
      </Card>
      {canary !== undefined && <CanaryCard canary={canary} />}
      <Card size="small" title={t('parameters.held')}>
        <HeldTable rollout={version.version} isLive={version.state === 'rolling-out'} />
      </Card>
    </>
  );
}

function Share({ part, whole, label }: { readonly part: number; readonly whole: number; readonly label: string }) {
  const percent = whole === 0 ? 0 : Math.floor((part * 100) / whole);
  return (
    <Progress
      percent={percent}
      size="small"
      aria-label={label}
      format={() => <span className="number">{`${part} / ${whole}`}</span>}
    />
  );
}

function CanaryCard({ canary }: { readonly canary: NonNullable<Version['canary']> }) {
  const { t, words } = useLanguage();
  return (
    <Card
      size="small"
      title={t('parameters.canary')}
      extra={<Tag color={VERDICTS[canary.verdict]}>{t(`parameters.canary.${canary.verdict}`)}</Tag>}
    >
      <Table
        size="small"
        rowKey="limit"
        pagination={false}
        dataSource={[...canary.measures]}
        columns={[
          { title: t('parameters.limit'), render: (_, row) => <LimitName limit={row.limit} /> },
          {
            title: t('parameters.found'),
            align: 'right',
            render: (_, row) => <span className="number">{row.found}</span>,
          },
          {
            title: t('parameters.allowed'),
            align: 'right',
            render: (_, row) => <span className="number">{row.allowed}</span>,
          },
          {
            title: t('col.state'),
            render: (_, row) => <Tag color={row.holds ? 'success' : 'error'}>{row.holds ? '✓' : '✗'}</Tag>,
          },
          { title: t('col.explanation'), render: (_, row) => words(row.words) },
        ]}
      />
    </Card>
  );
}
