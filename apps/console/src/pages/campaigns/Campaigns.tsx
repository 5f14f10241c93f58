/** Promotions with a budget: given, left, forecast, and who knows of an end. */
import { useQuery } from '@tanstack/react-query';
import { Progress, Space, Table, Tag, Tooltip, Typography } from 'antd';
import { answerOf, client } from '../../api/client.ts';
import type { ListCampaignsAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded, Nothing } from '../../show/states.tsx';
import { Count, count, Instant, Money, yuan } from '../../show/values.tsx';

type Campaign = ListCampaignsAnswer[number];

const REFRESH_MS = 10_000;
const COLOURS: Readonly<Record<Campaign['state'], string>> = {
  coming: 'default',
  running: 'success',
  'used-up': 'error',
  over: 'default',
  gone: 'default',
};

export default function Campaigns() {
  const { t } = useLanguage();
  const campaigns = useQuery({
    queryKey: ['campaigns'],
    queryFn: () => answerOf(client.GET('/api/campaigns')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.campaigns')}</h1>
      </div>
      <Typography.Text type="secondary">{t('campaigns.hint')}</Typography.Text>
      <Loaded query={campaigns}>
        {(rows) =>
          rows.length === 0 ? (
            <>
              <Nothing text={t('campaigns.none')} />
              <Typography.Text type="secondary">{t('campaigns.noneHint')}</Typography.Text>
            </>
          ) : (
            <List rows={rows} />
          )
        }
      </Loaded>
    </div>
  );
}

function List({ rows }: { readonly rows: readonly Campaign[] }) {
  const { t, words } = useLanguage();
  return (
    <Table
      size="small"
      rowKey={({ tariff, promotion }) => `${tariff} ${promotion}`}
      scroll={{ x: 'max-content' }}
      pagination={false}
      dataSource={[...rows]}
      expandable={{ expandedRowRender: ({ days }) => <Days days={days} /> }}
      columns={[
        {
          title: t('campaigns.campaign'),
          render: (_, { name, promotion, tariffName, from, until }) => (
            <>
              {words(name)} <code className="secondary">{promotion}</code>
              <div className="secondary">
                {words(tariffName)},{' '}
                <span className="number">{`${from ?? t('campaigns.open')} – ${until ?? t('campaigns.open')}`}</span>
              </div>
            </>
          ),
        },
        {
          title: t('col.state'),
          render: (_, { state }) => <Tag color={COLOURS[state]}>{t(`campaigns.state.${state}`)}</Tag>,
        },
        {
          title: t('campaigns.budget'),
          align: 'right',
          render: (_, { budgetFen, endMarginFen }) =>
            budgetFen === undefined ? (
              '–'
            ) : (
              <>
                <Money fen={budgetFen} />
                {endMarginFen > 0 && (
                  <div className="secondary">
                    {t('campaigns.margin')} <Money fen={endMarginFen} />
                  </div>
                )}
              </>
            ),
        },
        { title: t('campaigns.given'), align: 'right', render: (_, row) => <GivenOf campaign={row} /> },
        { title: t('campaigns.rides'), align: 'right', render: (_, { rides }) => <Count value={rides} /> },
        {
          title: t('campaigns.left'),
          align: 'right',
          render: (_, { budgetFen, givenFen, overFen }) =>
            overFen > 0 ? (
              <Tooltip title={t('campaigns.overHint')}>
                <Tag color="volcano">
                  {t('campaigns.over')} {yuan(overFen)}
                </Tag>
              </Tooltip>
            ) : budgetFen === undefined ? (
              '–'
            ) : (
              <Money fen={budgetFen - givenFen} />
            ),
        },
        { title: t('campaigns.forecast'), render: (_, row) => <Outlook campaign={row} /> },
      ]}
    />
  );
}

function GivenOf({ campaign: { givenFen, budgetFen, state } }: { readonly campaign: Campaign }) {
  return (
    <>
      <Money fen={givenFen} />
      {budgetFen !== undefined && (
        <Progress
          percent={Math.min(100, Math.floor((givenFen / budgetFen) * 100))}
          size={[90, 6]}
          showInfo={false}
          status={state === 'used-up' ? 'exception' : 'normal'}
        />
      )}
    </>
  );
}

/** Where it goes at its pace; for one that has ended, who knows of it. */
function Outlook({ campaign: { forecast, endedAt, told } }: { readonly campaign: Campaign }) {
  const { t } = useLanguage();
  if (endedAt !== undefined)
    return (
      <Space orientation="vertical" size={0}>
        <span>
          {t('campaigns.endedAt')} <Instant at={endedAt} />
        </span>
        {told !== undefined && (
          <span>
            {t('campaigns.told')} <span className="number">{`${count(told.terminals)} / ${count(told.of)}`}</span>
          </span>
        )}
      </Space>
    );
  if (forecast === undefined) return '–';
  const { perDayFen, usedUpOn, atEndFen } = forecast;
  return (
    <Space orientation="vertical" size={0}>
      <span>
        <Money fen={perDayFen} /> {t('campaigns.perDay')}
      </span>
      {usedUpOn !== undefined && (
        <span>
          {t('campaigns.usedUpOn')} <span className="number">{usedUpOn}</span>
        </span>
      )}
      {atEndFen !== undefined && (
        <span>
          {t('campaigns.atEnd')} <Money fen={atEndFen} />
        </span>
      )}
    </Space>
  );
}

function Days({ days }: Pick<Campaign, 'days'>) {
  const { t } = useLanguage();
  if (days.length === 0) return <Nothing text={t('campaigns.noDays')} />;
  return (
    <Table
      size="small"
      rowKey="businessDate"
      pagination={{ pageSize: 31, hideOnSinglePage: true, showSizeChanger: false }}
      dataSource={days.toReversed()}
      style={{ maxWidth: 480 }}
      columns={[
        { title: t('campaigns.day'), dataIndex: 'businessDate', className: 'number' },
        { title: t('campaigns.rides'), align: 'right', render: (_, { rides }) => <Count value={rides} /> },
        { title: t('campaigns.given'), align: 'right', render: (_, { givenFen }) => <Money fen={givenFen} /> },
      ]}
    />
  );
}
