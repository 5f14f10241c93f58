/** Listed cards that were held to terminals, the newest first. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Table, Tag } from 'antd';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { ListDenyListHitsAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Loaded } from '../../show/states.tsx';
import { LocalTime } from '../../show/values.tsx';
import { tableControls, useAddressFilters } from '../address-filters.ts';

export type Hit = ListDenyListHitsAnswer['rows'][number];
const COLOURS = { refused: 'default', locked: 'success', 'lock-refused': 'error', 'lock-unknown': 'gold' } as const;

export function Hits() {
  const filters = useAddressFilters<'tab'>();
  const hits = useQuery({
    queryKey: ['deny-lists', 'hits', filters.page, filters.pageSize],
    queryFn: () =>
      answerOf(
        client.GET('/api/deny-lists/hits', {
          params: { query: { page: filters.page, pageSize: filters.pageSize } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={hits}>
      {(page) => <HitTable hits={page.rows} controls={tableControls(filters, page.total)} />}
    </Loaded>
  );
}

export function HitTable({
  hits,
  controls = { pagination: false },
}: {
  readonly hits: readonly Hit[];
  readonly controls?: object;
}) {
  const { t, words } = useLanguage();
  return (
    <Table
      size="small"
      rowKey={(row) => `${row.cardToken}/${row.terminalNo}/${row.at}/${row.outcome}`}
      scroll={{ x: 'max-content' }}
      dataSource={[...hits]}
      {...controls}
      columns={[
        { title: t('col.time'), render: (_, row) => <LocalTime at={row.at} /> },
        {
          title: t('col.card'),
          render: (_, row) => (
            <Link to={`/cards/${row.cardToken}`} className="number">
              {row.panMasked}
            </Link>
          ),
        },
        {
          title: t('col.terminal'),
          render: (_, row) => (
            <Link to={`/terminals/${row.terminalNo}`} className="number">
              {row.terminalNo}
            </Link>
          ),
        },
        { title: t('deny.scope'), render: (_, row) => words(row.scopeName) },
        { title: t('deny.reason'), render: (_, row) => words(row.reasonName) },
        {
          title: t('deny.outcome'),
          render: (_, row) => <Tag color={COLOURS[row.outcome]}>{t(`deny.outcome.${row.outcome}`)}</Tag>,
        },
        { title: t('deny.version'), dataIndex: 'listVersion', className: 'number' },
      ]}
    />
  );
}
