/** Listings with who made them and why; a listing is taken off from here. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Modal, Select, Space, Table, Tag } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import type { GetDenyListsAnswer, ListDenyEntriesAnswer, ListDenyEntriesQuery } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice, Loaded } from '../../show/states.tsx';
import { Instant } from '../../show/values.tsx';
import { tableControls, useAddressFilters } from '../address-filters.ts';

export type Entry = ListDenyEntriesAnswer['rows'][number];
const STATES = ['waiting', 'listed', 'leaving', 'off'] as const;
const COLOURS = { waiting: 'processing', listed: 'error', leaving: 'gold', off: 'default' } as const;

export function Entries({
  rules,
  mayEdit,
}: {
  readonly rules: GetDenyListsAnswer['rules'];
  readonly mayEdit: boolean;
}) {
  const { t, words } = useLanguage();
  const filters = useAddressFilters<'tab' | 'scope' | 'reason' | 'entryState' | 'q'>();
  const query: ListDenyEntriesQuery = { page: filters.page, pageSize: filters.pageSize };
  for (const key of ['scope', 'reason', 'q'] as const) {
    const value = filters.value(key);
    if (value !== undefined) Object.assign(query, { [key]: value });
  }
  const state = filters.value('entryState');
  if (state !== undefined) Object.assign(query, { state });
  const entries = useQuery({
    queryKey: ['deny-lists', 'entries', query],
    queryFn: () => answerOf(client.GET('/api/deny-lists/entries', { params: { query } })),
    placeholderData: keepPreviousData,
  });
  const choose = (
    key: 'scope' | 'reason' | 'entryState',
    label: string,
    options: { value: string; label: string }[],
  ) => (
    <Select
      allowClear
      placeholder={label}
      aria-label={label}
      style={{ width: 170 }}
      value={filters.value(key) ?? null}
      onChange={(value?: string) => filters.set({ [key]: value })}
      options={options}
    />
  );
  return (
    <>
      <Space wrap style={{ marginBottom: 12 }}>
        <Input.Search
          allowClear
          placeholder={t('deny.search')}
          aria-label={t('deny.search')}
          defaultValue={filters.value('q') ?? ''}
          onSearch={(q) => filters.set({ q })}
          style={{ width: 240 }}
        />
        {choose(
          'scope',
          t('deny.scope'),
          rules.scopes.map(({ id, name }) => ({ value: id, label: words(name) })),
        )}
        {choose(
          'reason',
          t('deny.reason'),
          rules.reasons.map(({ id, name }) => ({ value: id, label: words(name) })),
        )}
        {choose(
          'entryState',
          t('col.state'),
          STATES.map((value) => ({ value, label: t(`deny.entry.${value}`) })),
        )}
      </Space>
      <Loaded query={entries}>
        {(page) => <EntryTable entries={page.rows} mayEdit={mayEdit} controls={tableControls(filters, page.total)} />}
      </Loaded>
    </>
  );
}

export function EntryTable({
  entries,
  mayEdit,
  controls = { pagination: false },
}: {
  readonly entries: readonly Entry[];
  readonly mayEdit: boolean;
  readonly controls?: object;
}) {
  const { t, words } = useLanguage();
  const [leaving, setLeaving] = useState<Entry>();
  return (
    <>
      <Table
        size="small"
        rowKey={(row) => `${row.cardToken}/${row.scope}/${row.addedAt}`}
        scroll={{ x: 'max-content' }}
        dataSource={[...entries]}
        {...controls}
        columns={[
          {
            title: t('col.card'),
            render: (_, row) =>
              row.isCardHere ? (
                <Link to={`/cards/${row.cardToken}`} className="number">
                  {row.panMasked}
                </Link>
              ) : (
                <span className="number">{row.panMasked}</span>
              ),
          },
          { title: t('deny.scope'), render: (_, row) => words(row.scopeName) },
          {
            title: t('deny.reason'),
            render: (_, row) => (
              <Space size={4}>
                {words(row.reasonName)}
                {row.lockOnSight && <Tag color="volcano">{t('deny.locks')}</Tag>}
              </Space>
            ),
          },
          {
            title: t('col.state'),
            render: (_, row) => <Tag color={COLOURS[row.state]}>{t(`deny.entry.${row.state}`)}</Tag>,
          },
          {
            title: t('deny.inVersions'),
            render: (_, row) => (
              <span className="number">
                {row.listedInVersion === undefined ? '' : `${row.listedInVersion} – ${row.removedInVersion ?? ''}`}
              </span>
            ),
          },
          { title: t('deny.addedBy'), dataIndex: 'addedBy' },
          { title: t('col.time'), render: (_, row) => <Instant at={row.addedAt} /> },
          { title: t('audit.why'), dataIndex: 'why' },
          {
            title: '',
            render: (_, row) =>
              mayEdit &&
              (row.state === 'listed' || row.state === 'waiting') && (
                <Button size="small" onClick={() => setLeaving(row)}>
                  {t('deny.takeOff')}
                </Button>
              ),
          },
        ]}
      />
      {leaving !== undefined && <TakeOff entry={leaving} onClose={() => setLeaving(undefined)} />}
    </>
  );
}

function TakeOff({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [why, setWhy] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      answerOf(
        client.POST('/api/deny-lists/removals', {
          body: { id: crypto.randomUUID(), why, entries: [{ cardToken: entry.cardToken, scope: entry.scope }] },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries();
      onClose();
    },
  });
  return (
    <Modal
      open
      title={`${t('deny.takeOff')}: ${entry.panMasked} (${words(entry.scopeName)})`}
      okText={t('deny.takeOff')}
      okButtonProps={{ disabled: why.trim().length < 3, loading: remove.isPending }}
      onOk={() => remove.mutate()}
      onCancel={onClose}
    >
      <p>{t('deny.nextVersion')}</p>
      <Input.TextArea
        aria-label={t('audit.why')}
        placeholder={t('audit.why')}
        value={why}
        onChange={(event) => setWhy(event.target.value)}
      />
      {remove.isError && <ErrorNotice error={remove.error} />}
    </Modal>
  );
}
