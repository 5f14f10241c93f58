/** A card onto the list, from the list's page or the card's own; and a file of cards. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../../api/client.ts';
import type { GetDenyListsAnswer } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice } from '../../show/states.tsx';

type Rules = GetDenyListsAnswer['rules'];

interface Values {
  readonly cardNo?: string;
  readonly scope: string;
  readonly reason?: string;
  readonly why: string;
}

/** Reasons that may be given for this scope. */
function Choices({ rules, scope }: { readonly rules: Rules; readonly scope: string | undefined }) {
  const { t, words } = useLanguage();
  const fits = rules.reasons.filter(({ of }) => of === 'any' || (of === 'card') === (scope === 'card'));
  return (
    <>
      <Form.Item name="scope" label={t('deny.scope')} rules={[{ required: true }]}>
        <Select options={rules.scopes.map(({ id, name }) => ({ value: id, label: words(name) }))} />
      </Form.Item>
      <Form.Item name="reason" label={t('deny.reason')} rules={[{ required: true, message: t('deny.reason') }]}>
        <Select
          options={fits.map(({ id, name, lockOnSight }) => ({
            value: id,
            label: lockOnSight && scope !== 'card' ? `${words(name)} (${t('deny.locks')})` : words(name),
          }))}
        />
      </Form.Item>
      <Form.Item name="why" label={t('audit.why')} rules={[{ required: true, min: 3, message: t('audit.why') }]}>
        <Input.TextArea />
      </Form.Item>
      <p>{t('deny.nextVersion')}</p>
    </>
  );
}

export function ListCard({ rules, cardToken }: { readonly rules: Rules; readonly cardToken?: string }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Values>();
  const scope = Form.useWatch('scope', form) as string | undefined;
  const add = useMutation({
    mutationFn: ({ cardNo, scope: of, reason = '', why }: Values) =>
      answerOf(
        client.POST('/api/deny-lists/entries', {
          body: {
            id: crypto.randomUUID(),
            why,
            entries: [{ ...(cardToken === undefined ? { cardNo: cardNo ?? '' } : { cardToken }), scope: of, reason }],
          },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries();
      setOpen(false);
      form.resetFields();
    },
  });
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t('deny.listCard')}
      </Button>
      <Modal
        open={open}
        title={t('deny.listCard')}
        okText={t('deny.listCard')}
        okButtonProps={{ loading: add.isPending }}
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
        forceRender
      >
        <Form form={form} layout="vertical" initialValues={{ scope: 'card' }} onFinish={(values) => add.mutate(values)}>
          {cardToken === undefined && (
            <Form.Item
              name="cardNo"
              label={t('deny.cardNo')}
              rules={[{ required: true, pattern: /^\d{8,19}$/, message: t('deny.cardNoRule') }]}
            >
              <Input autoComplete="off" inputMode="numeric" />
            </Form.Item>
          )}
          <Choices rules={rules} scope={scope} />
        </Form>
        {add.isError && <ErrorNotice error={add.error} />}
      </Modal>
    </>
  );
}

export function ImportFile({ rules }: { readonly rules: Rules }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [file, setFile] = useState<File>();
  const [form] = Form.useForm<Values>();
  const scope = Form.useWatch('scope', form) as string | undefined;
  const send = useMutation({
    mutationFn: async ({ scope: of, reason = '', why }: Values) =>
      answerOf(
        client.POST('/api/deny-lists/imports', {
          body: {
            ...{ id: crypto.randomUUID(), why, fileName: file!.name, csv: await file!.text(), scope: of },
            ...(reason === '' ? {} : { reason }),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('deny.import')}</Button>
      <Modal
        open={open}
        title={t('deny.import')}
        okText={t('deny.import')}
        okButtonProps={{ loading: send.isPending, disabled: file === undefined }}
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
        forceRender
      >
        <p>{t('deny.importHint')}</p>
        <input
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          aria-label={t('deny.file')}
          onChange={(event) => setFile(event.target.files?.[0])}
        />
        <Form
          form={form}
          layout="vertical"
          initialValues={{ scope: 'card' }}
          onFinish={(values) => send.mutate(values)}
        >
          <Choices rules={rules} scope={scope} />
        </Form>
        {send.isError && <ErrorNotice error={send.error} />}
        {send.isSuccess && (
          <Alert
            type={send.data.refused > 0 ? 'warning' : 'success'}
            title={`${t('deny.cards')}: +${send.data.added}, ${t('deny.known')} ${send.data.known}, ${t('deny.refusedLines')} ${send.data.refused}`}
            description={send.data.refusals.map(({ line, problem }) => (
              <div key={line}>
                {line}: {problem}
              </div>
            ))}
          />
        )}
      </Modal>
    </>
  );
}
