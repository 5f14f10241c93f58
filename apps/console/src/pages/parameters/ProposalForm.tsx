/** The plan of a roll-out: canary, stages, instants, and the limits that stop it; then to a second person. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { DatePicker, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../../api/client.ts';
import type { ProposeParametersBody } from '../../generated/api.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice } from '../../show/states.tsx';
import { LimitName, VERSIONS, type Version } from './version-state.tsx';

type Plan = ProposeParametersBody['plan'];
const LIMITS = {
  ridesMin: 20,
  fareExceptionsPerMilleMax: 5,
  refusalsPerMilleMax: 50,
  changePercentMax: 30,
  beyondRehearsalPercentMax: 10,
  takenPercentMin: 80,
};

/** As the date picker gives it. */
interface Picked {
  format(pattern: string): string;
}

interface Fields {
  canaryAt: Picked;
  allAt: Picked;
  share: number;
  operators?: string[];
  numbers?: string;
  second?: number | null;
  why: string;
  limits: typeof LIMITS;
}

const local = (at: Picked): string => at.format('YYYY-MM-DDTHH:mm:ss');

export function ProposalForm({ version, onClose }: { readonly version: Version; readonly onClose: () => void }) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const [id] = useState(() => `proposal-${crypto.randomUUID()}`);
  const propose = useMutation({
    mutationFn: (fields: Fields) =>
      answerOf(
        client.POST('/api/parameters/versions/{version}/proposal', {
          ...{ params: { path: { version: version.version } } },
          body: { id, why: fields.why, plan: planOf(fields, t('parameters.plan.canary'), t('parameters.plan.all')) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [VERSIONS] });
      onClose();
    },
  });
  const operators = version.rehearsal?.result?.byOperator ?? [];
  return (
    <Modal
      open
      width={760}
      title={`${t('parameters.propose')}: ${version.version}`}
      onCancel={onClose}
      okText={t('parameters.propose')}
      okButtonProps={{ loading: propose.isPending }}
      onOk={() => form.submit()}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{ share: 2, limits: LIMITS }}
        onFinish={(fields) => propose.mutate(fields)}
      >
        <div className="columns">
          <Form.Item name="canaryAt" label={t('parameters.plan.canaryAt')} rules={[{ required: true }]}>
            <DatePicker showTime style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="allAt" label={t('parameters.plan.allAt')} rules={[{ required: true }]}>
            <DatePicker showTime style={{ width: '100%' }} />
          </Form.Item>
        </div>
        <div className="columns">
          <Form.Item name="share" label={`${t('parameters.plan.canary')}: ${t('parameters.plan.share')}`}>
            <InputNumber min={0.1} max={100} style={{ width: '100%' }} />
          </Form.Item>
          <Form.Item name="operators" label={t('parameters.plan.operators')}>
            <Select mode="multiple" options={operators.map(({ key, name }) => ({ value: key, label: words(name) }))} />
          </Form.Item>
        </div>
        <Form.Item name="numbers" label={t('parameters.plan.numbers')}>
          <Input />
        </Form.Item>
        <Form.Item name="second" label={t('parameters.plan.second')}>
          <InputNumber min={1} max={99} style={{ width: '100%' }} />
        </Form.Item>
        <p>{t('parameters.plan.limits')}</p>
        {Object.keys(LIMITS).map((limit) => (
          <Form.Item
            key={limit}
            name={['limits', limit]}
            label={<LimitName limit={limit} />}
            layout="horizontal"
            labelAlign="left"
            labelCol={{ flex: 'auto' }}
            wrapperCol={{ flex: 'none' }}
            colon={false}
            style={{ marginBottom: 4 }}
          >
            <InputNumber min={0} size="small" />
          </Form.Item>
        ))}
        <Form.Item name="why" label={t('parameters.why')} rules={[{ required: true, min: 3 }]}>
          <Input.TextArea />
        </Form.Item>
      </Form>
      {propose.isError && <ErrorNotice error={propose.error} />}
    </Modal>
  );
}

function planOf(fields: Fields, canaryName: string, allName: string): Plan {
  const numbers = (fields.numbers ?? '').split(/[\s,，]+/).filter((number) => number !== '');
  const chosen =
    numbers.length > 0
      ? { terminals: numbers }
      : {
          sharePercent: fields.share,
          ...((fields.operators ?? []).length > 0 ? { operators: fields.operators! } : {}),
        };
  const second = typeof fields.second === 'number' ? [{ name: `${fields.second} %`, sharePercent: fields.second }] : [];
  return {
    effectiveAt: local(fields.allAt),
    stages: [{ name: canaryName, ...chosen, effectiveAt: local(fields.canaryAt) }, ...second, { name: allName }],
    limits: fields.limits,
  };
}
