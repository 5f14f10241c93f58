/** Who has what: each terminal's version, the one it should have, and the next it keeps. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Table, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded } from '../../show/states.tsx';
import { Instant, LocalTime } from '../../show/values.tsx';
import { VERSIONS } from './version-state.tsx';

const PAGE_SIZE = 20;

export function HeldTable({ rollout, isLive = false }: { readonly rollout?: string; readonly isLive?: boolean }) {
  const { t, words } = useLanguage();
  const [page, setPage] = useState(1);
  const query = { page, pageSize: PAGE_SIZE, ...(rollout === undefined ? {} : { rollout }) };
  const held = useQuery({
    queryKey: [VERSIONS, 'held', query],
    queryFn: () => answerOf(client.GET('/api/parameters/terminals', { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? 5000 : false,
  });
  return (
    <Loaded query={held}>
      {({ total, rows }) => (
        <Table
          size="small"
          rowKey="terminalNo"
          scroll={{ x: 'max-content' }}
          dataSource={[...rows]}
          pagination={{ current: page, pageSize: PAGE_SIZE, total, showSizeChanger: false, onChange: setPage }}
          columns={[
            {
              title: t('col.terminal'),
              render: (_, row) => <Link to={`/terminals/${row.terminalNo}`}>{row.terminalNo}</Link>,
            },
            { title: t('col.operator'), render: (_, row) => words(row.operator) },
            { title: t('col.place'), render: (_, row) => words(row.place) },
            ...(rollout === undefined
              ? []
              : [
                  {
                    title: t('parameters.stage'),
                    render: (_: unknown, row: (typeof rows)[number]) => (row.stage ?? 0) + 1,
                  },
                ]),
            {
              title: t('parameters.current'),
              render: (_, row) => (
                <>
                  <span className="number">{row.current === '' ? '–' : row.current}</span>{' '}
                  {row.current !== row.expected && <Tag color="gold">{t('parameters.stale')}</Tag>}
                </>
              ),
            },
            { title: t('parameters.expected'), render: (_, row) => <span className="number">{row.expected}</span> },
            {
              title: t('parameters.next'),
              render: (_, row) =>
                row.next === undefined ? (
                  ''
                ) : (
                  <>
                    <span className="number">{row.next}</span>{' '}
                    <Tag color={row.isNextTold === true ? 'success' : 'default'}>
                      {row.isNextTold === true ? t('parameters.told') : t('parameters.notTold')}
                    </Tag>
                  </>
                ),
            },
            {
              title: t('parameters.nextFrom'),
              render: (_, row) => (row.nextFrom === undefined ? '' : <LocalTime at={row.nextFrom} />),
            },
            {
              title: t('col.lastSeen'),
              render: (_, row) => (row.lastSeenAt === undefined ? '' : <Instant at={row.lastSeenAt} />),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
