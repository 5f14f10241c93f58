/** One parameter version: what it changes, what was found and rehearsed, who approves, how far it is rolled out. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Steps, Table, Timeline, Typography } from 'antd';
import { Link, useParams } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetSessionAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Act } from '../../show/Act.tsx';
import { Loaded, Nothing } from '../../show/states.tsx';
import { Instant } from '../../show/values.tsx';
import { RehearsalView } from './RehearsalView.tsx';
import { RolloutView } from './RolloutView.tsx';
import { VersionActs } from './VersionActs.tsx';
import { VERSIONS, type Version, VersionStateTag } from './version-state.tsx';

const PATH = ['draft', 'checked', 'waiting', 'approved', 'rolling-out', 'in-force'] as const;
const LIVE_MS = 3000;

export default function ParameterVersion({ account }: { readonly account: GetSessionAnswer }) {
  const { version: name = '' } = useParams();
  const { t, words } = useLanguage();
  const version = useQuery({
    queryKey: [VERSIONS, name],
    queryFn: () => answerOf(client.GET('/api/parameters/versions/{version}', { params: { path: { version: name } } })),
    refetchInterval: ({ state }) =>
      state.data?.rehearsal?.state === 'running' || state.data?.state === 'rolling-out' ? LIVE_MS : false,
  });
  return (
    <div className="page">
      <Loaded query={version}>
        {(detail) => (
          <>
            <div className="page-head">
              <h1>{words(detail.headline)}</h1>
              <VersionStateTag state={detail.state} />
            </div>
            <VersionSteps version={detail} />
            <VersionActs version={detail} account={account} />
            <Card size="small" title={t('parameters.difference')}>
              <Changes version={detail} />
            </Card>
            <Card size="small" title={t('parameters.findings')}>
              <Findings version={detail} />
            </Card>
            <Card size="small" title={t('parameters.rehearsal')}>
              <RehearsalView rehearsal={detail.rehearsal} />
            </Card>
            {detail.stages.length > 0 && <RolloutView version={detail} />}
            <Card size="small" title={t('parameters.events')}>
              <Events version={detail} />
            </Card>
          </>
        )}
      </Loaded>
    </div>
  );
}

function VersionSteps({ version }: { readonly version: Version }) {
  const { t } = useLanguage();
  const shown = version.state === 'refused' ? 'waiting' : version.state;
  const reached = PATH.indexOf(shown as (typeof PATH)[number]);
  const isOver = reached < 0;
  return (
    <Steps
      size="small"
      current={isOver ? PATH.length - 1 : reached}
      status={version.state === 'refused' || isOver ? 'error' : 'process'}
      items={[
        ...PATH.slice(0, -1).map((state) => ({ title: t(`parameters.state.${state}`) })),
        { title: t(`parameters.state.${isOver ? version.state : 'in-force'}`) },
      ]}
    />
  );
}

function Changes({ version }: { readonly version: Version }) {
  const { t, words } = useLanguage();
  if (version.changes.length === 0) return <Nothing text={t('parameters.noDifference')} />;
  return (
    <ul className="plain">
      {version.changes.map((change) => (
        <li key={change.path}>{words(change.words)}</li>
      ))}
    </ul>
  );
}

function Findings({ version }: { readonly version: Version }) {
  const { t, language } = useLanguage();
  if (version.checkedAt === undefined) return <Nothing text={t('parameters.notChecked')} />;
  if (version.problems.length === 0) return <Alert type="success" showIcon title={t('parameters.noFindings')} />;
  return (
    <Table
      size="small"
      rowKey={(row) => `${row.code} ${row.file} ${row.path} ${row.reason}`}
      pagination={false}
      dataSource={[...version.problems]}
      columns={[
        { title: t('parameters.rule'), render: (_, row) => <code>{row.code}</code> },
        { title: t('parameters.place'), render: (_, row) => <code>{`${row.file}#${row.path}`}</code> },
        {
          title: t('parameters.reason'),
          render: (_, row) => (language === 'zh' ? `${row.title.zh}：${row.reason}` : row.reason),
        },
        { title: t('parameters.remedy'), render: (_, row) => (language === 'zh' ? row.remedyZh : row.remedy) },
      ]}
    />
  );
}

function Events({ version }: { readonly version: Version }) {
  const { t } = useLanguage();
  return (
    <>
      <Timeline
        items={version.events.map(({ at, who, what, detail }) => ({
          key: `${at} ${what}`,
          content: (
            <>
              <Instant at={at} /> <Act what={what} /> {who}{' '}
              <Typography.Text type="secondary">{(detail as { why?: string }).why ?? ''}</Typography.Text>
            </>
          ),
        }))}
      />
      {version.approvalId !== undefined && <Link to="/approvals">{t('parameters.toApprovals')}</Link>}
    </>
  );
}
