/** The forms of the exchanges page: a zone, one component, a hand-over, a package to take in. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Modal, Select, Upload } from 'antd';
import { type ReactNode, useState } from 'react';
import { answerOf, client } from '../api/client.ts';
import type { ListExchangesAnswer, OpenExchangeZoneBody, RequestApprovalAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/zh.ts';
import { ErrorNotice } from '../show/states.tsx';

type Zone = ListExchangesAnswer['zones'][number];
type Tree = OpenExchangeZoneBody['tree'];
const FORMS = ['X9.143-B', 'X9.143-D', 'ECB', 'SM2'] as const;

/** A form in a dialogue: what is refused stands above its button, what others must approve is shown with its effect. */
function Dialogue<V extends object>({
  title,
  initial,
  send,
  onClose,
  children,
}: {
  readonly title: string;
  readonly initial?: Partial<V>;
  readonly send: (values: V) => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<RequestApprovalAnswer>();
  const work = useMutation({
    mutationFn: send,
    onSuccess: async (answer) => {
      await queries.invalidateQueries();
      if (typeof answer === 'object' && answer !== null && 'effect' in answer)
        setAsked(answer as RequestApprovalAnswer);
      else onClose();
    },
  });
  return (
    <Modal open title={title} onCancel={onClose} footer={null} destroyOnHidden>
      {asked === undefined ? (
        <Form layout="vertical" initialValues={initial as object} onFinish={(values) => work.mutate(values as V)}>
          {children}
          {work.isError && <ErrorNotice error={work.error} />}
          <Button type="primary" htmlType="submit" loading={work.isPending} style={{ marginTop: 12 }}>
            {t('exchange.send')}
          </Button>
        </Form>
      ) : (
        <Alert type="success" showIcon title={t('exchange.asked')} description={words(asked.effect)} />
      )}
    </Modal>
  );
}

function Field({ name, text, children }: { name: string; text: TextKey; children: ReactNode }) {
  const { t } = useLanguage();
  return (
    <Form.Item name={name} label={t(text)} rules={[{ required: true, message: t('exchange.needed') }]}>
      {children}
    </Form.Item>
  );
}

export function OpenZone({ trees, onClose }: { readonly trees: readonly Tree[]; readonly onClose: () => void }) {
  const { t } = useLanguage();
  return (
    <Dialogue<OpenExchangeZoneBody>
      title={t('exchange.openZone')}
      initial={{ algorithm: '3DES', components: 3, tree: trees[0]! }}
      send={(body) => answerOf(client.POST('/api/exchanges/zones', { body }))}
      onClose={onClose}
    >
      <Field name="zoneId" text="exchange.zone">
        <Input />
      </Field>
      <Field name="counterpart" text="exchange.counterpart">
        <Input />
      </Field>
      <Field name="tree" text="col.tree">
        <Select options={trees.map((value) => ({ value, label: t(`tree.${value}`) }))} />
      </Field>
      <Field name="algorithm" text="col.algorithm">
        <Select options={['3DES', 'AES'].map((value) => ({ value, label: value }))} />
      </Field>
      <Field name="components" text="exchange.components">
        <InputNumber min={2} max={9} />
      </Field>
    </Dialogue>
  );
}

export function EnterComponent({ zone, onClose }: { readonly zone: Zone; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const hex = (text: string): string => text.replace(/\s/g, '').toUpperCase();
  return (
    <Dialogue<{ component: string; checkValue: string }>
      title={`${t('exchange.enter')}: ${zone.zoneId}`}
      send={({ component, checkValue }) =>
        answerOf(
          client.POST('/api/exchanges/zones/{zoneId}/components', {
            params: { path: { zoneId: zone.zoneId } },
            body: { component: hex(component), checkValue: hex(checkValue) },
          }),
        )
      }
      onClose={onClose}
    >
      <Field name="component" text="exchange.component">
        <Input.Password autoComplete="off" visibilityToggle={false} />
      </Field>
      <Field name="checkValue" text="col.checkValue">
        <Input autoComplete="off" />
      </Field>
    </Dialogue>
  );
}

interface HandOverValues {
  readonly name: string;
  readonly factors?: string;
  readonly form: string;
  readonly zone?: string;
  readonly receiver: string;
  readonly sm2PublicKey?: string;
  readonly why: string;
}

export function HandOver({
  trees,
  zones,
  onClose,
}: {
  readonly trees: readonly Tree[];
  readonly zones: readonly Zone[];
  readonly onClose: () => void;
}) {
  const { t } = useLanguage();
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => answerOf(client.GET('/api/keys')) });
  const mine = (keys.data?.keys ?? []).filter(({ tree, state }) => trees.includes(tree as Tree) && state === 'active');
  const send = ({ name, factors, form, zone, receiver, sm2PublicKey, why }: HandOverValues) => {
    const tree = mine.find((key) => key.name === name)?.tree ?? trees[0]!;
    const below = (factors ?? '').trim().toUpperCase();
    return answerOf(
      client.POST('/api/approvals', {
        body: {
          ...{ id: crypto.randomUUID(), act: `keys.${tree}.export`, why },
          subject: below === '' ? name : `${name}/${below.split(/[\s,.]+/).join('.')}`,
          parameters: {
            ...{ form, receiver },
            ...(zone === undefined ? {} : { zone }),
            ...(sm2PublicKey === undefined ? {} : { sm2PublicKey: sm2PublicKey.trim().toUpperCase() }),
          },
        },
      }),
    );
  };
  return (
    <Dialogue<HandOverValues>
      title={t('exchange.handOver')}
      initial={{ form: 'X9.143-B' }}
      send={send}
      onClose={onClose}
    >
      <Field name="name" text="col.key">
        <Select showSearch options={mine.map(({ name }) => ({ value: name, label: name }))} />
      </Field>
      <Form.Item name="factors" label={t('exchange.factors')} extra={t('exchange.factorsHelp')}>
        <Input />
      </Form.Item>
      <Field name="form" text="exchange.form">
        <Select options={FORMS.map((value) => ({ value, label: value }))} />
      </Field>
      <Form.Item name="zone" label={t('exchange.zone')}>
        <Select
          allowClear
          options={zones
            .filter(({ state }) => state === 'active')
            .map(({ zoneId, tree }) => ({ value: zoneId, label: `${zoneId} · ${t(`tree.${tree}`)}` }))}
        />
      </Form.Item>
      <Field name="receiver" text="exchange.counterpart">
        <Input />
      </Field>
      <Form.Item noStyle shouldUpdate={(before: HandOverValues, after: HandOverValues) => before.form !== after.form}>
        {({ getFieldValue }) =>
          getFieldValue('form') === 'SM2' && (
            <Field name="sm2PublicKey" text="exchange.sm2PublicKey">
              <Input />
            </Field>
          )
        }
      </Form.Item>
      <Field name="why" text="audit.why">
        <Input />
      </Field>
    </Dialogue>
  );
}

export function TakeIn({ zones, onClose }: { readonly zones: readonly Zone[]; readonly onClose: () => void }) {
  const { t } = useLanguage();
  const [text, setText] = useState('');
  const send = ({ orders, zone, why }: { orders: string; zone: string; why: string }) => {
    const tree = zones.find(({ zoneId }) => zoneId === zone)?.tree ?? 'management';
    return answerOf(
      client.POST('/api/approvals', {
        body: {
          ...{ id: crypto.randomUUID(), act: `keys.${tree}.import`, why, parameters: { package: text, zone } },
          subject: orders
            .split('\n')
            .filter((line) => line.trim() !== '')
            .map((line) => line.trim().split(/\s+/).join(' '))
            .join(','),
        },
      }),
    );
  };
  return (
    <Dialogue title={t('exchange.takeIn')} send={send} onClose={onClose}>
      <Form.Item label={t('exchange.package')} required>
        <Upload
          accept=".json"
          maxCount={1}
          beforeUpload={(file) => {
            void file.text().then(setText);
            return false;
          }}
        >
          <Button>{t('exchange.choose')}</Button>
        </Upload>
      </Form.Item>
      <Field name="zone" text="exchange.zone">
        <Select
          options={zones
            .filter(({ state }) => state === 'active')
            .map(({ zoneId, tree }) => ({ value: zoneId, label: `${zoneId} · ${t(`tree.${tree}`)}` }))}
        />
      </Field>
      <Field name="orders" text="exchange.orders">
        <Input.TextArea rows={3} placeholder={'bus-management:5840FFFFFFFFFFFF management 3DES'} />
      </Field>
      <Field name="why" text="audit.why">
        <Input />
      </Field>
    </Dialogue>
  );
}
