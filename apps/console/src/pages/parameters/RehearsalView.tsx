/** What a rehearsal found: who pays more or less, revenue, odd cases, each with examples that lead to the tap. */
import { Alert, Collapse, Statistic, Table, Tabs } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { useLanguage } from '../../i18n/language.tsx';
import { Chart } from '../../show/Chart.tsx';
import { Nothing } from '../../show/states.tsx';
import { Count, count, LocalTime, Money, yuan } from '../../show/values.tsx';
import type { Rehearsed, Version } from './version-state.tsx';

export function RehearsalView({ rehearsal }: { readonly rehearsal: Version['rehearsal'] }) {
  const { t, named } = useLanguage();
  if (rehearsal === undefined) return <Nothing text={t('parameters.notRehearsed')} />;
  if (rehearsal.result === undefined)
    return (
      <Alert
        type={rehearsal.state === 'running' ? 'info' : 'warning'}
        title={rehearsal.state === 'running' ? t('parameters.rehearsing') : named('rehearsalState', rehearsal.state)}
        description={rehearsal.problem ?? count(rehearsal.read)}
      />
    );
  return <Result result={rehearsal.result} />;
}

/** Amounts of a chart, which gives fen. */
const inYuan = (fen: number): string => yuan(fen);

function Result({ result }: { readonly result: Rehearsed }) {
  const { t, words } = useLanguage();
  const differences = useMemo(
    () => ({
      grid: { left: 56, right: 16, top: 16, bottom: 32 },
      tooltip: { trigger: 'axis' },
      xAxis: { type: 'category', data: result.differences.map(({ differenceFen }) => yuan(differenceFen)) },
      yAxis: { type: 'value', minInterval: 1 },
      series: [{ type: 'bar', name: t('parameters.rides'), data: result.differences.map(({ rides }) => rides) }],
    }),
    [result, t],
  );
  const revenue = useMemo(
    () => ({
      grid: { left: 72, right: 16, top: 32, bottom: 32 },
      legend: { top: 0 },
      tooltip: { trigger: 'axis', valueFormatter: inYuan },
      xAxis: { type: 'category', data: result.revenue.map(({ name }) => words(name)) },
      yAxis: { type: 'value', axisLabel: { formatter: inYuan } },
      series: [
        { type: 'bar', name: t('parameters.before'), data: result.revenue.map(({ beforeFen }) => beforeFen) },
        { type: 'bar', name: t('parameters.after'), data: result.revenue.map(({ afterFen }) => afterFen) },
      ],
    }),
    [result, t, words],
  );
  return (
    <>
      <div className="figures">
        <Statistic title={t('parameters.rides')} value={count(result.rides)} />
        <Statistic title={t('parameters.more')} value={count(result.more)} />
        <Statistic title={t('parameters.less')} value={count(result.less)} />
        <Statistic title={t('parameters.same')} value={count(result.same)} />
        <Statistic title={t('parameters.notComputed')} value={count(result.notComputed)} />
        <Statistic title={t('parameters.before')} value={yuan(result.beforeFen)} />
        <Statistic title={t('parameters.after')} value={yuan(result.afterFen)} />
      </div>
      {result.rides > 0 && (
        <div className="columns">
          <Chart option={differences} height={220} label={t('parameters.differenceChart')} />
          <Chart option={revenue} height={220} label={t('parameters.revenueChart')} />
        </div>
      )}
      <Tabs
        size="small"
        items={[
          { key: 'class', label: t('parameters.byClass'), children: <Tallies rows={result.byClass} /> },
          { key: 'line', label: t('parameters.byLine'), children: <Tallies rows={result.byLine} /> },
          { key: 'operator', label: t('parameters.byOperator'), children: <Tallies rows={result.byOperator} /> },
          {
            key: 'revenue',
            label: t('parameters.revenue'),
            children: (
              <Tallies rows={result.revenue.map(({ operator, ...row }) => ({ key: operator, ...row }))} isRevenue />
            ),
          },
          {
            key: 'odd',
            label: `${t('parameters.odd')} (${result.odd.length})`,
            children:
              result.odd.length === 0 ? (
                <Nothing text={t('parameters.none')} />
              ) : (
                <Collapse
                  size="small"
                  items={result.odd.map(({ kind, name, rides, examples }) => ({
                    key: kind,
                    label: `${words(name)}: ${count(rides)}`,
                    children: <Examples rows={examples} />,
                  }))}
                />
              ),
          },
          { key: 'examples', label: t('parameters.examples'), children: <Examples rows={result.examples} /> },
        ]}
      />
    </>
  );
}

interface TallyRow {
  readonly key: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly beforeFen: number;
  readonly afterFen: number;
  readonly rides?: number;
  readonly more?: number;
  readonly less?: number;
  readonly same?: number;
}

function Tallies({ rows, isRevenue = false }: { readonly rows: readonly TallyRow[]; readonly isRevenue?: boolean }) {
  const { t, words } = useLanguage();
  const counted = (['rides', 'more', 'less', 'same'] as const).map((key) => ({
    title: t(`parameters.${key}`),
    align: 'right' as const,
    render: (_: unknown, row: TallyRow) => <Count value={row[key] ?? 0} />,
  }));
  return (
    <Table
      size="small"
      rowKey="key"
      pagination={{ pageSize: 10, hideOnSinglePage: true }}
      dataSource={[...rows]}
      columns={[
        { title: t('col.title'), render: (_, row) => words(row.name) },
        ...(isRevenue ? [] : counted),
        { title: t('parameters.before'), align: 'right', render: (_, row) => <Money fen={row.beforeFen} /> },
        { title: t('parameters.after'), align: 'right', render: (_, row) => <Money fen={row.afterFen} /> },
        {
          title: t('parameters.change'),
          align: 'right',
          render: (_, row) => <Money fen={row.afterFen - row.beforeFen} signed />,
        },
      ]}
    />
  );
}

function Examples({ rows }: { readonly rows: Rehearsed['examples'] }) {
  const { t, words } = useLanguage();
  return (
    <Table
      size="small"
      rowKey="tapId"
      pagination={false}
      dataSource={[...rows]}
      columns={[
        { title: t('search.taps'), render: (_, row) => <Link to={`/taps/${row.tapId}`}>{row.tapId}</Link> },
        { title: t('col.time'), render: (_, row) => <LocalTime at={row.at} /> },
        { title: t('parameters.classes'), render: (_, row) => row.cardClass },
        {
          title: t('parameters.before'),
          align: 'right',
          render: (_, row) => (row.beforeFen === undefined ? '–' : <Money fen={row.beforeFen} />),
        },
        {
          title: t('parameters.after'),
          align: 'right',
          render: (_, row) => (row.afterFen === undefined ? '–' : <Money fen={row.afterFen} />),
        },
        { title: t('col.explanation'), render: (_, row) => words(row.words) },
      ]}
    />
  );
}
