/** The table of taps, the same wherever taps are listed. */
import { Table, type TableProps } from 'antd';
import type { ColumnsType } from 'antd/es/table';
import type { TapRow } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { KindTag, LocalTime, Money, ProofTag, ReasonTags, TapStateTag } from './values.tsx';

export const TAP_COLUMNS = [
  'time',
  'kind',
  'card',
  'class',
  'operator',
  'place',
  'terminal',
  'base',
  'charged',
  'transfer',
  'proof',
  'state',
  'exceptions',
] as const;
export type TapColumn = (typeof TAP_COLUMNS)[number];

export function useTapColumns(isSortable: boolean): Record<TapColumn, ColumnsType<TapRow>[number]> {
  const { t, words } = useLanguage();
  const sorter = isSortable ? { sorter: true as const } : {};
  return {
    time: { key: 'at', title: t('col.time'), ...sorter, render: (_, tap) => <LocalTime at={tap.at} /> },
    kind: { key: 'kind', title: t('col.kind'), render: (_, tap) => <KindTag kind={tap.kind} /> },
    card: { key: 'card', title: t('col.card'), render: (_, tap) => <span className="number">{tap.panMasked}</span> },
    class: { key: 'class', title: t('col.class'), render: (_, tap) => words(tap.cardClassName) },
    operator: { key: 'operator', title: t('col.operator'), ...sorter, render: (_, tap) => words(tap.operator.name) },
    place: {
      key: 'place',
      title: t('col.place'),
      render: (_, tap) => (tap.place === undefined ? '' : words(tap.place.name)),
    },
    terminal: {
      key: 'terminalNo',
      title: t('col.terminal'),
      ...sorter,
      render: (_, tap) => <span className="number">{tap.terminalNo}</span>,
    },
    base: {
      key: 'base',
      title: t('col.base'),
      align: 'right',
      render: (_, tap) => (tap.baseFen === undefined ? '' : <Money fen={tap.baseFen} />),
    },
    charged: {
      key: 'chargedFen',
      title: t('col.charged'),
      align: 'right',
      ...sorter,
      render: (_, tap) => <Money fen={tap.chargedFen} />,
    },
    transfer: {
      key: 'transfer',
      title: t('col.transfer'),
      align: 'center',
      render: (_, tap) => (tap.transfer ? '✓' : ''),
    },
    proof: { key: 'proof', title: t('col.proof'), render: (_, tap) => <ProofTag state={tap.cryptogram} /> },
    state: { key: 'state', title: t('col.state'), ...sorter, render: (_, tap) => <TapStateTag state={tap.state} /> },
    exceptions: {
      key: 'exceptions',
      title: t('col.exceptions'),
      render: (_, tap) => <ReasonTags reasons={tap.exceptions} />,
    },
  };
}

interface TapTableProps {
  readonly taps: readonly TapRow[];
  readonly columns?: readonly TapColumn[];
  readonly onOpen: (id: string) => void;
  readonly table?: TableProps<TapRow>;
  readonly isSortable?: boolean;
}

export function TapTable({ taps, columns = TAP_COLUMNS, onOpen, table, isSortable = false }: TapTableProps) {
  const all = useTapColumns(isSortable);
  return (
    <Table
      size="small"
      rowKey="id"
      pagination={false}
      dataSource={[...taps]}
      columns={columns.map((name) => all[name])}
      scroll={{ x: 'max-content' }}
      rowClassName="openable"
      onRow={(tap) => ({
        onClick: () => onOpen(tap.id),
        onKeyDown: (event) => event.key === 'Enter' && onOpen(tap.id),
        tabIndex: 0,
      })}
      {...table}
    />
  );
}
