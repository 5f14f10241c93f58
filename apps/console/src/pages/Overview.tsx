import { useQuery } from '@tanstack/react-query';
import { Card, Select, Statistic, Table, Tag, Typography } from 'antd';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { answerOf, client, type Overview as OverviewData } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { Chart } from '../show/Chart.tsx';
import { Loaded, Nothing } from '../show/states.tsx';
import { TapTable } from '../show/TapTable.tsx';
import { Count, count, Money, yuan } from '../show/values.tsx';

const REFRESH_MS = 4000;

export default function Overview() {
  const [parameters, setParameters] = useSearchParams();
  const date = parameters.get('date') ?? undefined;
  const overview = useQuery({
    queryKey: ['overview', date],
    queryFn: () => answerOf(client.GET('/api/overview', { params: { query: date === undefined ? {} : { date } } })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Loaded query={overview}>
      {(data) => <Day data={data} onDate={(chosen) => setParameters({ date: chosen })} />}
    </Loaded>
  );
}

function Day({ data, onDate }: { readonly data: OverviewData; readonly onDate: (date: string) => void }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const { totals } = data;
  if (data.businessDate === null) {
    return (
      <Card>
        <Nothing text={t('overview.empty')} />
        <Typography.Paragraph style={{ textAlign: 'center' }}>
          {t('overview.emptyHint')}{' '}
          <Typography.Text code>npx polycard replay --generate 2000 --platform {location.origin}</Typography.Text>
        </Typography.Paragraph>
      </Card>
    );
  }
  const date = data.businessDate;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.overview')}</h1>
        <Select
          value={date}
          onChange={onDate}
          options={data.businessDates.map((value) => ({ value, label: value }))}
          aria-label={t('col.day')}
          style={{ width: 140 }}
        />
      </div>
      <div className="figures">
        <Figure
          title={t('overview.taps')}
          value={count(totals.taps)}
          note={`${t('kind.entry')} ${count(totals.entries)} · ${t('kind.exit')} ${count(totals.exits)} · ${t('kind.boarding')} ${count(totals.boardings)}`}
        />
        <Figure
          title={t('overview.charged')}
          value={yuan(totals.chargedFen)}
          note={`${t('overview.discount')} ${yuan(totals.discountFen)}`}
        />
        <Figure
          title={t('overview.cards')}
          value={count(totals.cards)}
          note={`${t('overview.issued')} ${count(totals.cardsIssued)}`}
        />
        <Figure
          title={t('overview.terminals')}
          value={count(totals.terminals)}
          note={`${t('overview.enrolled')} ${count(totals.terminalsEnrolled)}`}
        />
        <Figure
          title={t('overview.verified')}
          value={count(totals.cryptogramsVerified)}
          note={`${t('overview.failed')} ${count(totals.cryptogramsFailed)}`}
        />
        <Figure
          title={t('overview.exceptions')}
          value={count(totals.exceptionsOpen)}
          note={`${t('overview.waiting')} ${count(totals.waiting)}`}
          isBad={totals.exceptionsOpen > 0}
        />
      </div>
      <Card size="small" title={t('overview.perMinute')}>
        <Minutes data={data} />
      </Card>
      <div className="columns">
        <Operators data={data} />
        <Card
          size="small"
          title={t('overview.byReason')}
          extra={
            <span>
              {t('overview.settlement')}{' '}
              <Link to={`/settlement/${date}`}>{t(`settlement.${data.settlement.state}`)}</Link>
            </span>
          }
        >
          {data.exceptions.length === 0 ? (
            <Nothing text={t('overview.noExceptions')} />
          ) : (
            <Table
              size="small"
              rowKey="reason"
              pagination={false}
              dataSource={[...data.exceptions]}
              columns={[
                {
                  title: t('col.reason'),
                  render: (_, row) => (
                    <Link to={`/exceptions?date=${date}&reason=${row.reason}`}>
                      {t(`reason.${row.reason}` as TextKey)}
                    </Link>
                  ),
                },
                { title: t('col.taps'), align: 'right', render: (_, row) => <Count value={row.count} /> },
              ]}
            />
          )}
        </Card>
      </div>
      <Card
        size="small"
        title={t('overview.latest')}
        extra={<Link to={`/taps?date=${date}`}>{t('overview.all')}</Link>}
      >
        <TapTable
          taps={data.latest}
          columns={['time', 'kind', 'card', 'operator', 'place', 'charged', 'proof', 'state', 'exceptions']}
          onOpen={(id) => navigate(`/taps/${id}`)}
        />
      </Card>
    </div>
  );
}

function Figure({
  title,
  value,
  note,
  isBad = false,
}: {
  readonly title: string;
  readonly value: string;
  readonly note: string;
  readonly isBad?: boolean;
}) {
  return (
    <Card size="small">
      <Statistic title={title} value={value} {...(isBad ? { styles: { content: { color: '#d4380d' } } } : {})} />
      <Typography.Text type="secondary" className="number" style={{ whiteSpace: 'normal' }}>
        {note}
      </Typography.Text>
    </Card>
  );
}

function Minutes({ data }: { readonly data: OverviewData }) {
  const { t } = useLanguage();
  const option = useMemo(() => {
    const series = (name: string, key: 'entries' | 'exits' | 'boardings', color: string) => ({
      ...{ name, type: 'bar', stack: 'taps', itemStyle: { color }, data: data.perMinute.map((minute) => minute[key]) },
    });
    return {
      tooltip: { trigger: 'axis' },
      legend: { top: 0 },
      grid: { left: 48, right: 56, top: 32, bottom: 48 },
      dataZoom: [{ type: 'inside' }, { type: 'slider', height: 16, bottom: 8 }],
      xAxis: { type: 'category', data: data.perMinute.map((minute) => minute.minute) },
      yAxis: [
        { type: 'value', minInterval: 1 },
        { type: 'value', axisLabel: { formatter: '¥{value}' }, splitLine: { show: false } },
      ],
      series: [
        series(t('kind.entry'), 'entries', '#5b8ff9'),
        series(t('kind.exit'), 'exits', '#36b5a2'),
        series(t('kind.boarding'), 'boardings', '#e8b339'),
        {
          name: t('col.amount'),
          type: 'line',
          yAxisIndex: 1,
          symbol: 'none',
          lineStyle: { width: 1.5 },
          itemStyle: { color: '#9254de' },
          data: data.perMinute.map((minute) => minute.chargedFen / 100),
        },
      ],
    };
  }, [data.perMinute, t]);
  return <Chart option={option} height={260} label={t('overview.perMinute')} />;
}

function Operators({ data }: { readonly data: OverviewData }) {
  const { t, words } = useLanguage();
  const [most] = useState(() => Math.max(1, ...data.operators.map((row) => row.taps)));
  return (
    <Card size="small" title={t('overview.operators')}>
      <Table
        size="small"
        rowKey={(row) => row.operator.id}
        pagination={false}
        dataSource={[...data.operators]}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: t('col.operator'),
            render: (_, row) => <Link to={`/taps?operator=${row.operator.id}`}>{words(row.operator.name)}</Link>,
          },
          {
            title: t('col.mode'),
            render: (_, row) => (row.mode === 'metro' || row.mode === 'bus' ? t(`mode.${row.mode}`) : ''),
          },
          { title: t('col.taps'), align: 'right', render: (_, row) => <Count value={row.taps} /> },
          {
            title: '',
            width: 90,
            render: (_, row) => (
              <div className="bar" style={{ width: `${Math.min(100, (row.taps / most) * 100)}%` }} aria-hidden="true" />
            ),
          },
          { title: t('col.amount'), align: 'right', render: (_, row) => <Money fen={row.chargedFen} /> },
          {
            title: t('col.exceptions'),
            align: 'right',
            render: (_, row) => (row.exceptions > 0 ? <Tag color="volcano">{row.exceptions}</Tag> : ''),
          },
        ]}
      />
    </Card>
  );
}
