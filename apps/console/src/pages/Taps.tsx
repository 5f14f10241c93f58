import { DownloadOutlined, TableOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Card, Checkbox, Drawer, Dropdown, Input, Select, Space } from 'antd';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { answerOf, client, type TapRow } from '../api/client.ts';
import type { ListTapsQuery } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { saveFile } from '../show/save-file.ts';
import { Loaded } from '../show/states.tsx';
import { TAP_COLUMNS, type TapColumn, TapTable } from '../show/TapTable.tsx';
import { tableControls, useAddressFilters } from './address-filters.ts';
import { TapView } from './TapView.tsx';

type Filter = 'date' | 'kind' | 'state' | 'operator' | 'reason' | 'withDialogue' | 'q' | 'terminalNo' | 'cardToken';
const REASONS = ['cryptogram', 'duplicate', 'gap', 'fare', 'format', 'unknown-card', 'unknown-terminal'] as const;

export default function Taps() {
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  const filters = useAddressFilters<Filter>();
  const [opened, setOpened] = useState<string>();
  const [columns, setColumns] = useState<readonly TapColumn[]>(TAP_COLUMNS.filter((column) => column !== 'base'));
  const query: ListTapsQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of ['date', 'kind', 'state', 'operator', 'reason', 'q', 'terminalNo', 'cardToken', 'sort'] as const) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  if (filters.value('withDialogue') === 'true') query.withDialogue = true;
  const taps = useQuery({
    queryKey: ['taps', query],
    queryFn: () => answerOf(client.GET('/api/taps', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const parties = useQuery({
    queryKey: ['parties'],
    queryFn: () => answerOf(client.GET('/api/parties')),
    staleTime: 60_000,
  });
  const choice = (key: Filter, label: string, options: readonly { value: string; label: string }[], width = 130) => (
    <Select
      allowClear
      placeholder={label}
      aria-label={label}
      value={filters.value(key) ?? null}
      style={{ width }}
      onChange={(value?: string) => filters.set({ [key]: value })}
      options={[...options]}
    />
  );
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.taps')}</h1>
        <Space wrap>
          <Input.Search
            allowClear
            placeholder={t('filter.search')}
            aria-label={t('filter.search')}
            defaultValue={filters.value('q') ?? ''}
            onSearch={(q) => filters.set({ q })}
            style={{ width: 260 }}
          />
          <Input
            type="date"
            aria-label={t('col.day')}
            value={filters.value('date') ?? ''}
            onChange={(event) => filters.set({ date: event.target.value })}
            style={{ width: 150 }}
          />
          {choice(
            'kind',
            t('col.kind'),
            (['entry', 'exit', 'boarding', 'alighting', 'counter', 'purchase'] as const).map((value) => ({
              value,
              label: t(`kind.${value}`),
            })),
            100,
          )}
          {choice(
            'state',
            t('col.state'),
            (['received', 'cleared', 'suspended', 'settled'] as const).map((value) => ({
              value,
              label: t(`tapState.${value}`),
            })),
            110,
          )}
          {choice(
            'operator',
            t('col.operator'),
            (parties.data ?? [])
              .filter((party) => party.kind === 'operator')
              .map((party) => ({ value: party.id, label: words(party.name) })),
            170,
          )}
          {choice(
            'reason',
            t('col.exceptions'),
            REASONS.map((value) => ({ value, label: t(`reason.${value}` as TextKey) })),
          )}
          <Checkbox
            checked={filters.value('withDialogue') === 'true'}
            onChange={(event) => filters.set({ withDialogue: event.target.checked ? 'true' : undefined })}
          >
            {t('filter.dialogue')}
          </Checkbox>
          <Button onClick={filters.clear}>{t('filter.clear')}</Button>
          <Dropdown
            trigger={['click']}
            popupRender={() => (
              <Card size="small">
                <Checkbox.Group
                  style={{ display: 'grid', gap: 4 }}
                  value={[...columns]}
                  onChange={(chosen) => setColumns(TAP_COLUMNS.filter((column) => chosen.includes(column)))}
                  options={TAP_COLUMNS.map((column) => ({ value: column, label: t(`col.${column}` as TextKey) }))}
                />
              </Card>
            )}
          >
            <Button icon={<TableOutlined />}>{t('col.columns')}</Button>
          </Dropdown>
          <Button icon={<DownloadOutlined />} onClick={() => exportCsv(taps.data?.rows ?? [])}>
            {t('filter.export')}
          </Button>
        </Space>
      </div>
      <Loaded query={taps}>
        {(page) => (
          <TapTable
            taps={page.rows}
            columns={columns}
            onOpen={setOpened}
            isSortable
            table={{ loading: taps.isFetching && taps.isPlaceholderData, ...tableControls(filters, page.total) }}
          />
        )}
      </Loaded>
      <Drawer
        open={opened !== undefined}
        onClose={() => setOpened(undefined)}
        size={900}
        destroyOnHidden
        extra={
          opened !== undefined && (
            <Link to={`/taps/${opened}`} onClick={() => navigate(`/taps/${opened}`)}>
              {t('tap.open')}
            </Link>
          )
        }
      >
        {opened !== undefined && <TapView id={opened} />}
      </Drawer>
    </div>
  );
}

/** What the table shows, in a form a spreadsheet reads; text is quoted and cannot start a formula. */
function exportCsv(rows: readonly TapRow[]): void {
  const cell = (value: unknown): string =>
    `"${String(value ?? '')
      .replace(/^[=+\-@]/, "'$&")
      .replaceAll('"', '""')}"`;
  const header = [
    'id',
    'at',
    'kind',
    'card',
    'class',
    'operator',
    'terminal',
    'place',
    'baseFen',
    'chargedFen',
    'transfer',
    'cryptogram',
    'state',
    'exceptions',
  ];
  const lines = rows.map((tap) =>
    [
      tap.id,
      tap.at,
      tap.kind,
      tap.panMasked,
      tap.cardClass,
      tap.operator.name.en,
      tap.terminalNo,
      tap.place?.name.zh,
      tap.baseFen,
      tap.chargedFen,
      tap.transfer,
      tap.cryptogram,
      tap.state,
      tap.exceptions.join(' '),
    ]
      .map(cell)
      .join(','),
  );
  saveFile('taps.csv', `\ufeff${[header.join(','), ...lines].join('\r\n')}\r\n`, 'text/csv');
}
