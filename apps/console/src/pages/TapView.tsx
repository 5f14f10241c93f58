/** One tap in full, in a drawer or on its own page. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Card, Collapse, Descriptions, Space, Steps, Table, Tag, Timeline, Typography } from 'antd';
import { Link } from 'react-router';
import { answerOf, client, type TapDetail } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { RecordView } from '../show/RecordView.tsx';
import { Loaded, Nothing } from '../show/states.tsx';
import {
  Copyable,
  Hex,
  Instant,
  KindTag,
  LocalTime,
  Money,
  ProofTag,
  ReasonTags,
  TapStateTag,
} from '../show/values.tsx';
import { DialogueView } from './DialogueView.tsx';

export function TapView({ id }: { readonly id: string }) {
  const tap = useQuery({
    queryKey: ['tap', id],
    queryFn: () => answerOf(client.GET('/api/taps/{id}', { params: { path: { id } } })),
  });
  return <Loaded query={tap}>{(detail) => <Detail detail={detail} />}</Loaded>;
}

function Detail({ detail }: { readonly detail: TapDetail }) {
  const { t, words } = useLanguage();
  const { tap } = detail;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{words(detail.headline)}</h1>
        <Space>
          <KindTag kind={tap.kind} />
          <TapStateTag state={tap.state} />
          <ProofTag state={tap.cryptogram} />
        </Space>
      </div>
      <Typography.Text type="secondary">
        {t('tap.next')}: {words(detail.next)}
      </Typography.Text>
      {detail.exceptions.map((exception) => (
        <Alert
          key={exception.id}
          type="warning"
          showIcon
          title={<ReasonTags reasons={[exception.reason]} />}
          description={words(exception.explanation)}
        />
      ))}
      <div className="columns">
        <Card size="small">
          <Descriptions
            column={1}
            size="small"
            items={[
              { key: 'id', label: 'ID', children: <Copyable text={tap.id} /> },
              { key: 'at', label: t('col.time'), children: <LocalTime at={tap.at} /> },
              {
                key: 'card',
                label: t('col.card'),
                children: <Link to={`/cards/${tap.cardToken}`}>{tap.panMasked}</Link>,
              },
              { key: 'operator', label: t('col.operator'), children: words(tap.operator.name) },
              {
                key: 'terminal',
                label: t('col.terminal'),
                children: <Link to={`/terminals/${tap.terminalNo}`}>{`${tap.terminalNo} (${tap.deviceNo})`}</Link>,
              },
              ...(tap.place === undefined
                ? []
                : [{ key: 'place', label: t('col.place'), children: words(tap.place.name) }]),
              ...(detail.entry === undefined
                ? []
                : [
                    {
                      key: 'entry',
                      label: t(tap.kind === 'alighting' ? 'tap.boarding' : 'tap.entry'),
                      children: (
                        <>
                          {detail.entry.place !== undefined && `${words(detail.entry.place)} `}
                          {detail.entry.at !== undefined && <LocalTime at={detail.entry.at} />}
                          {detail.entry.tapId !== undefined && ' · '}
                          {detail.entry.tapId !== undefined && (
                            <Link to={`/taps/${detail.entry.tapId}`}>{detail.entry.tapId}</Link>
                          )}
                        </>
                      ),
                    },
                  ]),
            ]}
          />
        </Card>
        <Card size="small" title={t('tap.timeline')}>
          <Timeline
            items={detail.timeline.map((event, index) => ({
              key: `${event.at}-${index}`,
              content: (
                <>
                  {words(event.what)}{' '}
                  <span className="secondary">
                    {event.at.endsWith('Z') ? <Instant at={event.at} /> : <LocalTime at={event.at} />}
                  </span>
                </>
              ),
            }))}
          />
        </Card>
      </div>
      <div className="columns">
        <FareCard detail={detail} />
        <PostingsCard detail={detail} />
      </div>
      <CryptogramCard detail={detail} />
      <DialogueView exchanges={detail.dialogue} />
      <Typography.Title level={5}>{t('tap.records')}</Typography.Title>
      <div className="columns">
        {detail.records.map((record) => (
          <RecordView key={record.record} record={record} />
        ))}
      </div>
      <Raw detail={detail} />
    </div>
  );
}

function FareCard({ detail }: { readonly detail: TapDetail }) {
  const { t, language } = useLanguage();
  const { fare } = detail;
  return (
    <Card
      size="small"
      title={t('tap.fare')}
      extra={
        fare.agrees !== null && (
          <Tag color={fare.agrees ? 'success' : 'error'}>{fare.agrees ? t('tap.agrees') : t('tap.differs')}</Tag>
        )
      }
    >
      {fare.clearing === undefined ? (
        <Nothing text={t('tap.noFare')} />
      ) : (
        <Table
          size="small"
          rowKey="rule"
          pagination={false}
          dataSource={[...fare.clearing.steps]}
          columns={[
            {
              title: t('tap.before'),
              align: 'right',
              render: (_, step) => (step.rule === 'base' ? '' : <Money fen={step.beforeFen} />),
            },
            { title: t('tap.rule'), render: (_, step) => step[language] },
            { title: t('tap.after'), align: 'right', render: (_, step) => <Money fen={step.afterFen} /> },
          ]}
          summary={() => (
            <>
              <SummaryRow label={t('tap.clearing')} fen={fare.clearing!.chargeFen} />
              <SummaryRow label={t('tap.gate')} fen={fare.gateFen} />
            </>
          )}
        />
      )}
    </Card>
  );
}

function SummaryRow({ label, fen }: { readonly label: string; readonly fen: number }) {
  return (
    <Table.Summary.Row>
      <Table.Summary.Cell index={0} />
      <Table.Summary.Cell index={1}>{label}</Table.Summary.Cell>
      <Table.Summary.Cell index={2} align="right">
        <strong>
          <Money fen={fen} />
        </strong>
      </Table.Summary.Cell>
    </Table.Summary.Row>
  );
}

function PostingsCard({ detail }: { readonly detail: TapDetail }) {
  const { t, words } = useLanguage();
  return (
    <Card size="small" title={t('tap.postings')}>
      {detail.postings.length === 0 ? (
        <Nothing text={t('tap.noPostings')} />
      ) : (
        <Table
          size="small"
          rowKey={(posting) => `${posting.entryId}-${posting.account}`}
          pagination={false}
          dataSource={[...detail.postings]}
          scroll={{ x: 'max-content' }}
          columns={[
            {
              title: t('col.party'),
              render: (_, posting) => (posting.party === undefined ? '' : words(posting.party.name)),
            },
            { title: t('col.what'), render: (_, posting) => words(posting.what) },
            { title: t('col.account'), dataIndex: 'account', className: 'secondary' },
            {
              title: t('col.amount'),
              align: 'right',
              render: (_, posting) => <Money fen={posting.amountFen} signed />,
            },
          ]}
        />
      )}
    </Card>
  );
}

function CryptogramCard({ detail }: { readonly detail: TapDetail }) {
  const { t, words } = useLanguage();
  const { cryptogram } = detail;
  return (
    <Card size="small" title={t('tap.cryptogram')} extra={<ProofTag state={cryptogram.state} />}>
      <div className="columns">
        <div>
          <Descriptions
            column={1}
            size="small"
            items={[
              { key: 'ac', label: '9F26', children: <Hex value={cryptogram.applicationCryptogram} /> },
              { key: 'atc', label: 'ATC (9F36)', children: <Hex value={cryptogram.atc} /> },
              { key: 'cvn', label: 'CVN', children: <Hex value={cryptogram.cryptogramVersion} /> },
              { key: 'cvr', label: 'CVR', children: <Hex value={cryptogram.cardVerificationResults} /> },
            ]}
          />
          <Typography.Paragraph strong style={{ marginTop: 12 }}>
            {t('tap.keyPath')}
          </Typography.Paragraph>
          <Steps
            orientation="vertical"
            size="small"
            type="dot"
            current={cryptogram.keyPath.length}
            items={cryptogram.keyPath.map((title) => ({ title }))}
          />
        </div>
        <Table
          size="small"
          rowKey="tag"
          pagination={false}
          dataSource={[...cryptogram.inputs]}
          title={() => t('tap.inputs')}
          columns={[
            { title: 'Tag', render: (_, input) => <code className="number">{input.tag}</code> },
            { title: t('field.name'), render: (_, input) => words(input.name) },
            { title: t('field.hex'), render: (_, input) => <Hex value={input.hex} /> },
          ]}
        />
      </div>
    </Card>
  );
}

function Raw({ detail }: { readonly detail: TapDetail }) {
  const { t, words } = useLanguage();
  const curl = `curl -b polycard_session=… ${location.origin}/api/taps/${detail.tap.id}`;
  return (
    <Collapse
      items={[
        {
          key: 'message',
          label: t('tap.message'),
          children: (
            <Space orientation="vertical" style={{ width: '100%' }}>
              <Hex value={detail.message.hex} />
              <Table
                size="small"
                rowKey="field"
                pagination={false}
                dataSource={[...detail.message.fields]}
                scroll={{ x: 'max-content' }}
                columns={[
                  { title: t('field.name'), dataIndex: 'field', className: 'number' },
                  { title: '', render: (_, field) => words(field.name) },
                  { title: t('field.value'), dataIndex: 'text' },
                  { title: t('field.hex'), render: (_, field) => <Hex value={field.hex} /> },
                ]}
              />
            </Space>
          ),
        },
        {
          key: 'json',
          label: t('tap.raw'),
          extra: (
            <Button size="small" onClick={() => void navigator.clipboard.writeText(curl)}>
              {t('state.copyCurl')}
            </Button>
          ),
          children: <pre className="raw">{JSON.stringify(detail, null, 2)}</pre>,
        },
      ]}
    />
  );
}
