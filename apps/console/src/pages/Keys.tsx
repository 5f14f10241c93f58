import { useQuery } from '@tanstack/react-query';
import { Card, Table, Tag, Tooltip, theme } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { ListKeysAnswer } from '../generated/api.ts';
import { type Language, useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { Chart } from '../show/Chart.tsx';
import { KeyStateTag, STATE_PAINT } from '../show/key-state.tsx';
import { Loaded } from '../show/states.tsx';
import { Instant } from '../show/values.tsx';

type KeyRow = ListKeysAnswer['keys'][number];

const TREES = ['activation', 'management', 'issuer', 'terminals', 'zones', 'data'] as const;

export default function Keys() {
  const { t, words } = useLanguage();
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => answerOf(client.GET('/api/keys')) });
  const backend = useQuery({ queryKey: ['keys', 'backend'], queryFn: () => answerOf(client.GET('/api/keys/backend')) });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.keys')}</h1>
        {backend.data !== undefined && (
          <Tooltip title={backend.data.custody}>
            <Tag>{backend.data.backend}</Tag>
          </Tooltip>
        )}
      </div>
      <Loaded query={keys}>
        {(answer) => (
          <>
            <Card size="small" title={t('keys.tree')}>
              <KeyTree rows={answer.keys} />
            </Card>
            <Table
              size="small"
              rowKey="name"
              pagination={false}
              scroll={{ x: 'max-content' }}
              dataSource={answer.keys.toSorted((a, b) => a.name.localeCompare(b.name))}
              columns={[
                {
                  title: t('col.key'),
                  render: (_, row) => (
                    <Link to={`/keys/${encodeURIComponent(row.name)}`} className="number">
                      {row.name}
                    </Link>
                  ),
                },
                { title: t('col.title'), render: (_, row) => words(row.title) },
                {
                  title: t('col.tree'),
                  filters: TREES.map((value) => ({ value, text: t(`tree.${value}`) })),
                  onFilter: (value, row) => row.tree === value,
                  render: (_, row) => t(`tree.${row.tree}` as TextKey),
                },
                { title: t('col.algorithm'), render: (_, row) => row.algorithm },
                { title: t('col.checkValue'), render: (_, row) => <code className="hex">{row.checkValue}</code> },
                { title: t('col.owner'), render: (_, row) => row.owner },
                { title: t('col.state'), render: (_, row) => <KeyStateTag state={row.state} /> },
                { title: t('col.since'), render: (_, row) => <Instant at={row.stateSince} /> },
              ]}
            />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Trees, their keys, the versions of each in the colour of their state. The table below says the same. */
function KeyTree({ rows }: { readonly rows: readonly KeyRow[] }) {
  const { t, language } = useLanguage();
  const { token } = theme.useToken();
  const shown = useMemo(() => rows.filter(({ tree }) => tree !== 'zones'), [rows]);
  const option = useMemo(
    () => ({
      tooltip: { trigger: 'item' },
      series: [
        {
          type: 'tree',
          data: [treeOf(shown, language, t)],
          left: 60,
          right: 280,
          top: 8,
          bottom: 8,
          symbolSize: 8,
          initialTreeDepth: 3,
          label: { position: 'left', align: 'right', color: token.colorText, fontSize: 12 },
          leaves: { label: { position: 'right', align: 'left' } },
          lineStyle: { color: token.colorBorder },
        },
      ],
    }),
    [shown, language, t, token],
  );
  const labels = new Set(shown.map(({ label }) => label)).size;
  return <Chart option={option} height={Math.max(240, labels * 24)} label={t('keys.treeLabel')} />;
}

function treeOf(rows: readonly KeyRow[], language: Language, t: (key: TextKey) => string): object {
  const byTree = Map.groupBy(rows, ({ tree }) => tree);
  return {
    name: t('nav.keys'),
    children: [...byTree].map(([tree, keys]) => ({
      name: t(`tree.${tree}` as TextKey),
      children: [...Map.groupBy(keys, ({ label }) => label)].map(([, versions]) => ({
        name: versions[0]!.title[language],
        children: versions.map((version) => ({
          name: `${version.name} ${version.checkValue}`,
          itemStyle: { color: STATE_PAINT[version.state] ?? '#888' },
        })),
      })),
    })),
  };
}
