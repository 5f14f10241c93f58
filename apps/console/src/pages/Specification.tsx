/** The region's card specification: applications on the left, one of them in full. */
import { useQuery } from '@tanstack/react-query';
import { Descriptions, Menu, Card as Panel, Space, Table, Tag } from 'antd';
import { useNavigate, useParams } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import type { GetSpecificationAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { RecordView } from '../show/RecordView.tsx';
import { Loaded } from '../show/states.tsx';

type Application = GetSpecificationAnswer['applications'][number];
type SpecifiedFile = Application['files'][number];

export default function Specification() {
  const { application: wanted } = useParams();
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  const query = useQuery({
    queryKey: ['specification'],
    queryFn: () => answerOf(client.GET('/api/specification')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={query}>
      {({ applications, region, version }) => {
        const shown = applications.find(({ id }) => id === wanted) ?? applications[0]!;
        return (
          <div className="page">
            <div className="page-head">
              <h1>
                {t('spec.title')}: {words(shown.name)}
              </h1>
              <span className="secondary">
                {words(region)} · {version} · {t('spec.example')}
              </span>
            </div>
            <div className="beside">
              <Menu
                mode="inline"
                selectedKeys={[shown.id]}
                onClick={({ key }) => navigate(`/specification/${key}`)}
                items={applications.map(({ id, name }) => ({ key: id, label: words(name) }))}
              />
              <ApplicationView application={shown} />
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}

function ApplicationView({ application }: { readonly application: Application }) {
  const { t, words } = useLanguage();
  const kind = { capp: t('spec.kind.capp'), files: t('spec.kind.files'), financial: t('spec.kind.financial') };
  return (
    <div className="page">
      <Panel size="small">
        <Descriptions
          size="small"
          column={{ xs: 1, lg: 2 }}
          items={[
            { key: 'kind', label: 'AID', children: <code>{application.aid}</code> },
            { key: 'what', label: words(application.name), children: kind[application.kind as keyof typeof kind] },
            {
              key: 'memory',
              label: t('spec.memory'),
              children: `${application.memoryBytes.toLocaleString('en')} ${t('spec.bytes')}`,
            },
            {
              key: 'keys',
              label: t('card.keys'),
              children: (
                <Space wrap size={2}>
                  {application.keys.map((key) => (
                    <Tag key={key}>{key}</Tag>
                  ))}
                </Space>
              ),
            },
            {
              key: 'products',
              label: t('spec.carried'),
              children: application.products.map(words).join(' · '),
            },
            { key: 'source', label: t('spec.source'), children: application.source ?? '' },
          ]}
        />
      </Panel>
      <LifeCycle application={application} />
      {application.files.map((file) => (
        <FileView key={`${file.fid ?? ''}-${file.sfi}`} file={file} />
      ))}
      {application.elements.length > 0 && <Elements application={application} />}
    </div>
  );
}

function LifeCycle({ application }: { readonly application: Application }) {
  const { t, words } = useLanguage();
  const nameOf = (id: string): string =>
    words(application.states.find((state) => state.id === id)?.name ?? { en: id, zh: id });
  return (
    <div className="columns">
      <Panel size="small" title={t('spec.lifeCycle')}>
        <Table
          size="small"
          pagination={false}
          rowKey={({ from, to, command }) => `${from}-${to}-${command}`}
          dataSource={[...application.transitions]}
          columns={[
            { title: t('spec.from'), render: (_, { from }) => nameOf(from) },
            { title: t('spec.to'), render: (_, { to }) => nameOf(to) },
            { title: t('spec.command'), dataIndex: 'command' },
            { title: t('card.keys'), render: (_, { key }) => (key === undefined ? '' : <Tag>{key}</Tag>) },
          ]}
        />
      </Panel>
      {application.classes.length > 0 && (
        <Panel size="small" title={t('spec.classes')}>
          <Table
            size="small"
            pagination={false}
            rowKey="id"
            dataSource={[...application.classes]}
            columns={[
              { title: t('col.class'), dataIndex: 'id' },
              { title: t('spec.validMonths'), dataIndex: 'validMonths', align: 'right', className: 'number' },
              { title: t('spec.reviewMonths'), dataIndex: 'reviewMonths', align: 'right', className: 'number' },
            ]}
          />
        </Panel>
      )}
    </div>
  );
}

function FileView({ file }: { readonly file: SpecifiedFile }) {
  const { t, words } = useLanguage();
  const { read, update, append, readPart } = file.access;
  const size = file.sizeBytes === undefined ? '' : ` · ${file.sizeBytes} ${t('spec.bytes')}`;
  return (
    <Panel
      size="small"
      title={`SFI ${file.sfi}${file.fid === undefined ? '' : ` · FID ${file.fid}`} · ${file.type}${size}${file.title === undefined ? '' : ` · ${words(file.title)}`}`}
      extra={file.activationKey !== undefined && <Tag>{file.activationKey}</Tag>}
    >
      <p className="secondary">
        {t('spec.access.read')} <code>{read}</code> · {t('spec.access.update')} <code>{update}</code>
        {append !== undefined && (
          <>
            {' · '}
            {t('spec.access.append')} <code>{append}</code>
          </>
        )}
        {readPart !== undefined && (
          <>
            {' · '}
            {t('spec.access.readPart')} <code>{readPart}</code>
          </>
        )}
      </p>
      {file.records.map((record) => (
        <RecordView key={record.record} record={record} all />
      ))}
    </Panel>
  );
}

function Elements({ application }: { readonly application: Application }) {
  const { t, words } = useLanguage();
  return (
    <Panel size="small" title={t('spec.elements')}>
      <Table
        size="small"
        pagination={false}
        rowKey={({ tag, where }) => `${tag}-${where}`}
        dataSource={[...application.elements]}
        scroll={{ x: 'max-content' }}
        columns={[
          { title: 'Tag', render: (_, { tag }) => <code>{tag}</code> },
          { title: t('field.name'), render: (_, { name }) => words(name) },
          { title: t('field.length'), dataIndex: 'lengthBytes', align: 'right', className: 'number' },
          { title: t('spec.where'), dataIndex: 'where' },
          { title: t('spec.access.read'), render: (_, { read }) => (read === undefined ? '' : <code>{read}</code>) },
          {
            title: t('spec.access.update'),
            render: (_, { update }) => (update === undefined ? '' : <code>{update}</code>),
          },
          { title: t('field.clause'), dataIndex: 'clause', className: 'secondary' },
        ]}
      />
    </Panel>
  );
}
