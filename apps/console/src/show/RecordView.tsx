/** A card record as its specification draws it: bytes coloured by field, and the fields with offset, value and clause. */
import { Card, Table, Tag } from 'antd';
import { useState } from 'react';
import type { DecodedRecord } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Hex } from './values.tsx';

const FIELD_HUES = [210, 35, 150, 280, 0, 95, 325, 185, 55, 245];

/** `all`: also fields that are empty, as a specification shows them. */
export function RecordView({ record, all = false }: { readonly record: DecodedRecord; readonly all?: boolean }) {
  const { t, words } = useLanguage();
  const [lit, setLit] = useState<string>();
  // a byte has no other identity than its place in the record
  const bytes = (record.hex.match(/.{2}/g) ?? []).map((byte, offset) => ({
    byte,
    offset,
    key: `${record.record}-${offset}`,
  }));
  const fieldAt = (offset: number) =>
    record.fields.findIndex(
      (field) => offset >= (field.offset ?? 0) && offset < (field.offset ?? 0) + (field.lengthBytes ?? 0),
    );
  return (
    <Card
      size="small"
      title={words(record.title)}
      extra={
        <>
          <Tag>SFI {record.sfi}</Tag>
          {record.recordId !== undefined && <Tag>ID {record.recordId}</Tag>}
        </>
      }
    >
      <div className="byte-map">
        {bytes.map(({ byte, offset, key }) => {
          const index = fieldAt(offset);
          const field = record.fields[index];
          const hue = FIELD_HUES[index % FIELD_HUES.length];
          return (
            <button
              type="button"
              tabIndex={-1}
              key={key}
              title={field === undefined ? 'ID, L' : words(field.title)}
              className={field?.name === lit && lit !== undefined ? 'byte lit' : 'byte'}
              style={field === undefined ? undefined : { background: `hsl(${hue} 70% 50% / 0.22)` }}
              onMouseEnter={() => setLit(field?.name)}
              onMouseLeave={() => setLit(undefined)}
            >
              {byte}
            </button>
          );
        })}
      </div>
      <Table
        size="small"
        rowKey="name"
        pagination={false}
        dataSource={record.fields.filter((field) => all || field.value !== '' || !/^0*$/.test(field.hex))}
        rowClassName={(field) => (field.name === lit ? 'lit' : '')}
        onRow={(field) => ({ onMouseEnter: () => setLit(field.name), onMouseLeave: () => setLit(undefined) })}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: t('field.name'), render: (_, field) => words(field.title) },
          { title: t('field.offset'), dataIndex: 'offset', align: 'right', className: 'number' },
          { title: t('field.length'), dataIndex: 'lengthBytes', align: 'right', className: 'number' },
          { title: t('field.value'), dataIndex: 'value' },
          { title: t('field.hex'), render: (_, field) => <Hex value={field.hex} /> },
          { title: t('field.clause'), dataIndex: 'clause', className: 'secondary' },
        ]}
      />
    </Card>
  );
}
