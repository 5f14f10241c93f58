/** Editing a draft: a form for tariffs, discounts and promotions, JSON for everything else. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Input, Space, Tabs } from 'antd';
import { useEffect, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { answerOf, client } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice, Loaded } from '../../show/states.tsx';
import { TariffForm } from './TariffForm.tsx';
import type { Content, TariffValue } from './tariff-value.ts';
import { VERSIONS } from './version-state.tsx';

export default function ParameterDraft() {
  const { version: name = '' } = useParams();
  const version = useQuery({
    queryKey: [VERSIONS, name],
    queryFn: () => answerOf(client.GET('/api/parameters/versions/{version}', { params: { path: { version: name } } })),
  });
  return (
    <div className="page">
      <Loaded query={version}>
        {(detail) => (
          <Editor
            key={detail.version}
            version={detail.version}
            title={detail.title}
            content={detail.content as Content}
          />
        )}
      </Loaded>
    </div>
  );
}

function Editor({
  version,
  title,
  content,
}: {
  readonly version: string;
  readonly title: string;
  readonly content: Content;
}) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [edited, setEdited] = useState(content);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string>();
  useEffect(() => setText(JSON.stringify(edited, null, 2)), [edited]);
  const save = useMutation({
    mutationFn: () =>
      answerOf(
        client.PUT('/api/parameters/versions/{version}', {
          ...{ params: { path: { version } }, body: { content: edited } },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [VERSIONS] });
      navigate(`/parameters/${version}`);
    },
  });
  const takeText = (value: string): void => {
    setText(value);
    try {
      setEdited(JSON.parse(value) as Content);
      setWrong(undefined);
    } catch (error) {
      setWrong((error as Error).message);
    }
  };
  const classes = edited.cardClasses as { id: string; name: { en: string; zh: string } }[];
  return (
    <>
      <div className="page-head">
        <h1>
          {title} <span className="number secondary">{version}</span>
        </h1>
        <Space>
          <Link to={`/parameters/${version}`}>
            <Button>{t('parameters.version')}</Button>
          </Link>
          <Button type="primary" disabled={wrong !== undefined} loading={save.isPending} onClick={() => save.mutate()}>
            {t('parameters.save')}
          </Button>
        </Space>
      </div>
      {save.isError && <ErrorNotice error={save.error} />}
      <Tabs
        items={[
          {
            key: 'form',
            label: t('parameters.form'),
            children: (
              <div className="page">
                {Object.entries(edited.tariffs).map(([file, tariff]) => (
                  <TariffForm
                    key={file}
                    tariff={tariff}
                    classes={classes}
                    onChange={(changed: TariffValue) =>
                      setEdited({ ...edited, tariffs: { ...edited.tariffs, [file]: changed } })
                    }
                  />
                ))}
              </div>
            ),
          },
          {
            key: 'json',
            label: t('parameters.json'),
            children: (
              <Card size="small">
                {wrong !== undefined && (
                  <Alert type="error" showIcon title={t('parameters.jsonWrong')} description={wrong} />
                )}
                <Input.TextArea
                  aria-label={t('parameters.json')}
                  className="hex"
                  autoSize={{ minRows: 24, maxRows: 40 }}
                  value={text}
                  onChange={(event) => takeText(event.target.value)}
                />
              </Card>
            ),
          },
        ]}
      />
    </>
  );
}
