/** A key ceremony at one screen: who is here, then each step in turn; what was stated and signed stands beside it. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input, Select, Space, Steps, Typography, Upload } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../api/client.ts';
import type { OpenCeremonyAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Act } from '../show/Act.tsx';
import { saveFile } from '../show/save-file.ts';
import { ErrorNotice } from '../show/states.tsx';

type State = OpenCeremonyAnswer;
type Tree = 'activation' | 'management' | 'issuer';
interface Person {
  readonly who: string;
  readonly role: 'administrator' | 'custodian' | 'witness' | 'auditor';
  readonly passphrase: string;
}
const ROLES = ['administrator', 'witness', 'auditor', 'custodian'] as const;

export default function Ceremony() {
  const { t } = useLanguage();
  const [state, setState] = useState<State>();
  const [transcript, setTranscript] = useState<string>();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.ceremonies')}</h1>
      </div>
      {transcript !== undefined && state === undefined && (
        <Alert
          type="success"
          showIcon
          title={t('ceremony.closed')}
          description={
            <Button onClick={() => saveFile('transcript.ndjson', transcript, 'application/x-ndjson')}>
              {t('ceremony.transcript')}
            </Button>
          }
        />
      )}
      {state === undefined ? (
        <Opening onOpen={setState} />
      ) : (
        <Holding
          state={state}
          onState={setState}
          onClose={(text) => {
            setTranscript(text);
            setState(undefined);
          }}
        />
      )}
    </div>
  );
}

/** People come to the screen one after the other; a passphrase is seen by nobody else. */
function Opening({ onOpen }: { readonly onOpen: (state: State) => void }) {
  const { t } = useLanguage();
  const [tree, setTree] = useState<Tree>('activation');
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [form] = Form.useForm<Person>();
  const open = useMutation({
    mutationFn: () => answerOf(client.POST('/api/ceremonies', { body: { tree, participants: [...people] } })),
    onSuccess: onOpen,
  });
  return (
    <Card size="small" title={t('ceremony.who')}>
      <Space style={{ marginBottom: 12 }}>
        <Select<Tree>
          aria-label={t('col.tree')}
          value={tree}
          onChange={setTree}
          style={{ width: 160 }}
          options={(['activation', 'management', 'issuer'] as const).map((value) => ({
            value,
            label: t(`tree.${value}`),
          }))}
        />
      </Space>
      <Form
        form={form}
        layout="inline"
        onFinish={(person) => {
          setPeople([...people, person]);
          form.resetFields();
        }}
      >
        <Form.Item name="who" rules={[{ required: true }]}>
          <Input placeholder={t('col.person')} aria-label={t('col.person')} />
        </Form.Item>
        <Form.Item name="role" initialValue="custodian">
          <Select
            aria-label={t('col.role')}
            style={{ width: 150 }}
            options={ROLES.map((value) => ({ value, label: t(`ceremony.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="passphrase" rules={[{ required: true, min: 8 }]}>
          <Input.Password placeholder={t('ceremony.passphrase')} aria-label={t('ceremony.passphrase')} />
        </Form.Item>
        <Button htmlType="submit">{t('ceremony.join')}</Button>
      </Form>
      <Steps
        size="small"
        orientation="vertical"
        style={{ marginTop: 16 }}
        items={people.map(({ who, role }) => ({
          title: who,
          content: t(`ceremony.${role}`),
          status: 'finish' as const,
        }))}
      />
      {open.isError && <ErrorNotice error={open.error} />}
      <Button type="primary" disabled={people.length < 4} loading={open.isPending} onClick={() => open.mutate()}>
        {t('ceremony.open')}
      </Button>
    </Card>
  );
}

function Holding({
  state,
  onState,
  onClose,
}: {
  readonly state: State;
  readonly onState: (state: State) => void;
  readonly onClose: (transcript: string) => void;
}) {
  const { t } = useLanguage();
  const path = { id: state.id };
  const [keystorePassphrase, setKeystorePassphrase] = useState('');
  const [person, setPerson] = useState({ who: '', secret: '' });
  const [share, setShare] = useState<string>();
  const [backup, setBackup] = useState<string>();
  const act = useMutation({
    mutationFn: (work: () => Promise<void>) => work(),
    // what was refused is a step as well
    onError: () => void take(answerOf(client.GET('/api/ceremonies/{id}', { params: { path } }))).catch(() => undefined),
  });
  const run = (work: () => Promise<void>): void => act.mutate(work);
  const take = async (answer: Promise<State>): Promise<void> => onState(await answer);
  const clear = (): void => setPerson({ who: '', secret: '' });
  return (
    <>
      {act.isError && <ErrorNotice error={act.error} />}
      <Card size="small" title={`${state.id} · ${state.needed} / ${state.of}`}>
        <Space orientation="vertical" size={12}>
          <Space wrap>
            <Input.Password
              aria-label={t('ceremony.keystorePassphrase')}
              placeholder={t('ceremony.keystorePassphrase')}
              value={keystorePassphrase}
              onChange={(event) => setKeystorePassphrase(event.target.value)}
            />
            <Button
              onClick={() =>
                run(() =>
                  take(
                    answerOf(
                      client.POST('/api/ceremonies/{id}/generation', {
                        params: { path },
                        body: { keystorePassphrase },
                      }),
                    ),
                  ),
                )
              }
            >
              {t('ceremony.generate')}
            </Button>
            <Button
              disabled={!state.hasKeystore}
              onClick={() =>
                run(async () => {
                  const answer = await answerOf(
                    client.POST('/api/ceremonies/{id}/backups', { params: { path }, body: { keystorePassphrase } }),
                  );
                  setBackup(answer.text);
                })
              }
            >
              {t('ceremony.backup')}
            </Button>
            <Button
              danger
              disabled={!state.hasKeystore}
              onClick={() =>
                run(() =>
                  take(answerOf(client.POST('/api/ceremonies/{id}/destruction', { params: { path }, body: {} }))),
                )
              }
            >
              {t('ceremony.destroy')}
            </Button>
            {backup !== undefined && (
              <Button onClick={() => saveFile('backup.json', backup)}>{t('ceremony.backupFile')}</Button>
            )}
          </Space>
          <Space wrap>
            <Select
              aria-label={t('ceremony.custodian')}
              style={{ width: 150 }}
              value={person.who === '' ? null : person.who}
              placeholder={t('ceremony.custodian')}
              onChange={(who: string) => {
                setShare(undefined);
                setPerson({ who, secret: '' });
              }}
              options={state.custodians.map((value) => ({ value, label: value }))}
            />
            <Input.Password
              aria-label={t('ceremony.secret')}
              placeholder={t('ceremony.secret')}
              style={{ width: 320 }}
              value={person.secret}
              onChange={(event) => setPerson({ ...person, secret: event.target.value })}
            />
            <Button
              disabled={!state.sharesWaiting.includes(person.who)}
              onClick={() =>
                run(async () => {
                  const body = { who: person.who, passphrase: person.secret };
                  setShare(
                    (await answerOf(client.POST('/api/ceremonies/{id}/handovers', { params: { path }, body }))).share,
                  );
                  onState({ ...state, sharesWaiting: state.sharesWaiting.filter((who) => who !== person.who) });
                })
              }
            >
              {t('ceremony.receive')}
            </Button>
            <Button
              disabled={person.who === ''}
              onClick={() =>
                run(async () => {
                  const body = { who: person.who, share: person.secret };
                  clear();
                  await take(answerOf(client.POST('/api/ceremonies/{id}/shares', { params: { path }, body })));
                })
              }
            >
              {t('ceremony.enter')}
            </Button>
          </Space>
          {share !== undefined && (
            <Alert
              type="warning"
              title={`${person.who}: ${t('ceremony.writeDown')}`}
              description={<code className="hex share">{share}</code>}
              action={<Button onClick={() => setShare(undefined)}>{t('ceremony.written')}</Button>}
            />
          )}
          <Components state={state} run={run} take={take} keystorePassphrase={keystorePassphrase} />
          <Space wrap>
            <Upload
              accept=".json"
              maxCount={1}
              beforeUpload={(file) => {
                void file.text().then(setBackup);
                return false;
              }}
            >
              <Button>{t('ceremony.chooseBackup')}</Button>
            </Upload>
            <Button
              disabled={backup === undefined || state.hasKeystore}
              onClick={() =>
                run(() =>
                  take(
                    answerOf(
                      client.POST('/api/ceremonies/{id}/restoration', {
                        params: { path },
                        body: { backup: backup ?? '', keystorePassphrase },
                      }),
                    ),
                  ),
                )
              }
            >
              {t('ceremony.restore')} ({state.sharesEntered.length} / {state.needed})
            </Button>
            <Button
              type="primary"
              onClick={() =>
                run(async () => {
                  onClose(
                    (await answerOf(client.POST('/api/ceremonies/{id}/end', { params: { path }, body: {} }))).text,
                  );
                })
              }
            >
              {t('ceremony.close')}
            </Button>
          </Space>
        </Space>
      </Card>
      <Card size="small" title={t('ceremony.steps')}>
        <Steps
          size="small"
          orientation="vertical"
          items={state.steps.map(({ sequence, what, statement }) => ({
            key: sequence,
            title: <Act what={what} />,
            content: <Typography.Text type="secondary">{statement}</Typography.Text>,
            status: what === 'ceremony.refused' ? ('error' as const) : ('finish' as const),
          }))}
        />
      </Card>
    </>
  );
}

/** A key from components: each custodian alone at the screen, then the key is made. */
function Components({
  state,
  run,
  take,
  keystorePassphrase,
}: {
  readonly state: State;
  readonly run: (work: () => Promise<void>) => void;
  readonly take: (answer: Promise<State>) => Promise<void>;
  readonly keystorePassphrase: string;
}) {
  const { t } = useLanguage();
  const [entry, setEntry] = useState({ who: '', label: '', component: '', checkValue: '' });
  const path = { id: state.id };
  const change = (changed: Partial<typeof entry>): void => setEntry({ ...entry, ...changed });
  const hex = (text: string): string => text.replace(/\s/g, '').toUpperCase();
  const left = state.custodians.filter((who) => !state.componentsEntered.includes(who));
  return (
    <Space wrap>
      <Input
        aria-label={t('col.key')}
        placeholder={t('col.key')}
        value={entry.label}
        onChange={(event) => change({ label: event.target.value })}
      />
      <Select
        aria-label={t('ceremony.componentOf')}
        style={{ width: 150 }}
        value={entry.who === '' ? null : entry.who}
        placeholder={t('ceremony.custodian')}
        onChange={(who: string) => change({ who, component: '', checkValue: '' })}
        options={left.map((value) => ({ value, label: value }))}
      />
      <Input.Password
        aria-label={t('ceremony.component')}
        placeholder={t('ceremony.component')}
        style={{ width: 260 }}
        visibilityToggle={false}
        value={entry.component}
        onChange={(event) => change({ component: event.target.value })}
      />
      <Input
        aria-label={t('col.checkValue')}
        placeholder={t('col.checkValue')}
        style={{ width: 110 }}
        value={entry.checkValue}
        onChange={(event) => change({ checkValue: event.target.value })}
      />
      <Button
        disabled={entry.who === '' || entry.label === ''}
        onClick={() =>
          run(async () => {
            const body = { ...entry, component: hex(entry.component), checkValue: hex(entry.checkValue) };
            setEntry({ ...entry, who: '', component: '', checkValue: '' });
            await take(answerOf(client.POST('/api/ceremonies/{id}/components', { params: { path }, body })));
          })
        }
      >
        {t('ceremony.enterComponent')}
      </Button>
      <Button
        disabled={state.componentsEntered.length < 2}
        onClick={() =>
          run(() =>
            take(
              answerOf(
                client.POST('/api/ceremonies/{id}/components/key', { params: { path }, body: { keystorePassphrase } }),
              ),
            ),
          )
        }
      >
        {t('ceremony.makeKey')} ({state.componentsEntered.length})
      </Button>
    </Space>
  );
}
