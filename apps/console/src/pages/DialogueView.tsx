/** The APDU dialogue of a tap: a list of exchanges in words, their bytes and objects, and when each happened. */
import { Card, Segmented, Space, Table, Tag } from 'antd';
import { useMemo, useState } from 'react';
import type { Exchange } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Chart } from '../show/Chart.tsx';
import { Nothing } from '../show/states.tsx';
import { Hex } from '../show/values.tsx';

const PHASE_COLOURS: Readonly<Record<string, string>> = {
  select: '#5b8ff9',
  recover: '#d4380d',
  'read-capp': '#36b5a2',
  gpo: '#9254de',
  'update-capp': '#e8b339',
  'read-record': '#5d7092',
  proof: '#d4380d',
};

export function DialogueView({ exchanges }: { readonly exchanges: readonly Exchange[] }) {
  const { t, words } = useLanguage();
  if (exchanges.length === 0) {
    return (
      <Card size="small" title={t('tap.dialogue')}>
        <Nothing text={t('tap.noDialogue')} />
      </Card>
    );
  }
  return (
    <>
      <Waterfall exchanges={exchanges} />
      <Card size="small" title={t('tap.dialogue')}>
        <Table
          size="small"
          rowKey="index"
          pagination={false}
          dataSource={[...exchanges]}
          scroll={{ x: 'max-content' }}
          expandable={{ expandRowByClick: true, expandedRowRender: (exchange) => <Bytes exchange={exchange} /> }}
          columns={[
            { title: '#', align: 'right', className: 'number', render: (_, exchange) => exchange.index + 1 },
            {
              title: t('tap.phase'),
              render: (_, exchange) => <Tag color={PHASE_COLOURS[exchange.phase]}>{exchange.phase}</Tag>,
            },
            { title: t('tap.command'), render: (_, exchange) => words(exchange.what) },
            {
              title: t('tap.status'),
              render: (_, exchange) => (
                <span>
                  <code>{exchange.sw}</code> <span className="secondary">{words(exchange.swMeaning)}</span>
                </span>
              ),
            },
            {
              title: t('tap.duration'),
              align: 'right',
              className: 'number',
              render: (_, exchange) => `${exchange.cardUs.toLocaleString('en')} µs`,
            },
          ]}
        />
      </Card>
    </>
  );
}

function Bytes({ exchange }: { readonly exchange: Exchange }) {
  const { t, words } = useLanguage();
  return (
    <div className="columns within-row">
      <Space orientation="vertical" style={{ width: '100%' }}>
        <strong>{t('tap.command')}</strong>
        <Hex value={exchange.command} />
        <strong>{t('tap.response')}</strong>
        <Hex value={exchange.response} />
      </Space>
      <Table
        size="small"
        rowKey={(_, index) => String(index)}
        pagination={false}
        dataSource={[...exchange.objects]}
        columns={[
          {
            title: 'Tag',
            render: (_, object) => <code style={{ paddingInlineStart: object.depth * 12 }}>{object.tag}</code>,
          },
          { title: t('field.name'), render: (_, object) => words(object.name) },
          {
            title: t('field.value'),
            render: (_, object) => (
              <>
                {object.text !== undefined && <div>{object.text}</div>}
                <Hex value={object.hex} />
              </>
            ),
          },
        ]}
      />
    </div>
  );
}

function Waterfall({ exchanges }: { readonly exchanges: readonly Exchange[] }) {
  const { t, words } = useLanguage();
  const [form, setForm] = useState<'chart' | 'table'>('chart');
  const option = useMemo(
    () => ({
      grid: { left: 8, right: 24, top: 8, bottom: 24, containLabel: true },
      tooltip: {
        trigger: 'item',
        formatter: (item: { dataIndex: number }) =>
          `${words(exchanges[item.dataIndex]!.what)}<br/>${exchanges[item.dataIndex]!.cardUs} µs`,
      },
      xAxis: { type: 'value', axisLabel: { formatter: '{value} µs' } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: exchanges.map((exchange) => words(exchange.what).slice(0, 44)),
        axisLabel: { fontSize: 11 },
      },
      series: [
        {
          type: 'bar',
          stack: 'time',
          itemStyle: { color: 'transparent' },
          silent: true,
          data: exchanges.map((exchange) => exchange.startUs),
        },
        {
          type: 'bar',
          stack: 'time',
          barWidth: 10,
          data: exchanges.map((exchange) => ({
            value: Math.max(1, exchange.cardUs),
            itemStyle: { color: PHASE_COLOURS[exchange.phase] },
          })),
        },
      ],
    }),
    [exchanges, words],
  );
  const last = exchanges.at(-1)!;
  return (
    <Card
      size="small"
      title={`${t('tap.waterfall')} · ${((last.startUs + last.cardUs) / 1000).toFixed(2)} ms`}
      extra={
        <Segmented
          size="small"
          value={form}
          onChange={setForm}
          options={[
            { value: 'chart', label: t('tap.waterfall') },
            { value: 'table', label: t('state.table') },
          ]}
        />
      }
    >
      {form === 'chart' ? (
        <Chart option={option} height={exchanges.length * 24 + 48} label={t('tap.waterfall')} />
      ) : (
        <Table
          size="small"
          rowKey="index"
          pagination={false}
          dataSource={[...exchanges]}
          columns={[
            { title: t('tap.command'), render: (_, exchange) => words(exchange.what) },
            { title: '+µs', dataIndex: 'startUs', align: 'right', className: 'number' },
            { title: 'µs', dataIndex: 'cardUs', align: 'right', className: 'number' },
          ]}
        />
      )}
    </Card>
  );
}
