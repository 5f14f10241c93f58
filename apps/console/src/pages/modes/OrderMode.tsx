/** The form that orders modes for stations. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice } from '../../show/states.tsx';
import { LOCAL_TIME, localTime, MODE_ORDERS, MODES, type Mode } from './mode-state.tsx';

interface Fields {
  readonly places: string[];
  readonly modes: Mode[];
  readonly from?: string;
  readonly to?: string;
  readonly reason: string;
}

export function OrderMode() {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [open, setOpen] = useState<string>();
  const [form] = Form.useForm<Fields>();
  const stations = useQuery({
    queryKey: [MODE_ORDERS, 'stations'],
    queryFn: () => answerOf(client.GET('/api/mode-orders/stations')),
    enabled: open !== undefined,
  });
  const order = useMutation({
    mutationFn: ({ places, modes, from, to, reason }: Fields) => {
      const [begin, end] = [localTime(from), localTime(to)];
      return answerOf(
        client.POST('/api/mode-orders', {
          body: {
            ...{ places, modes, reason },
            ...(open === undefined ? {} : { id: open }),
            ...(begin === undefined ? {} : { from: begin }),
            ...(end === undefined ? {} : { to: end }),
          },
        }),
      );
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [MODE_ORDERS] });
      setOpen(undefined);
      form.resetFields();
    },
  });
  const time = { pattern: LOCAL_TIME, message: t('modes.localTime') };
  return (
    <>
      <Button type="primary" onClick={() => setOpen(crypto.randomUUID())}>
        {t('modes.order')}
      </Button>
      <Modal
        open={open !== undefined}
        width={640}
        title={t('modes.order')}
        okText={t('modes.order')}
        okButtonProps={{ loading: order.isPending }}
        onOk={() => form.submit()}
        onCancel={() => setOpen(undefined)}
        forceRender
      >
        <p>{t('modes.orderHint')}</p>
        <Form form={form} layout="vertical" onFinish={(values) => order.mutate(values)}>
          <Form.Item
            name="places"
            label={t('modes.stations')}
            rules={[{ required: true, message: t('modes.stations') }]}
          >
            <Select
              mode="multiple"
              loading={stations.isFetching}
              maxTagCount={8}
              optionFilterProp="label"
              options={(stations.data ?? []).map(({ code, name }) => ({
                value: code,
                label: `${words(name)} ${code}`,
              }))}
            />
          </Form.Item>
          <Form.Item name="modes" label={t('modes.modes')} rules={[{ required: true, message: t('modes.modes') }]}>
            <Checkbox.Group style={{ display: 'grid', gap: 4 }}>
              {MODES.map((mode) => (
                <Checkbox key={mode} value={mode}>
                  {t(`operatingMode.${mode}`)} <span className="secondary">{t(`modeEffect.${mode}`)}</span>
                </Checkbox>
              ))}
            </Checkbox.Group>
          </Form.Item>
          <div className="columns" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))' }}>
            <Form.Item name="from" label={t('modes.from')} extra={t('modes.fromNow')} rules={[time]}>
              <Input placeholder={t('modes.localTime')} autoComplete="off" />
            </Form.Item>
            <Form.Item name="to" label={t('modes.to')} extra={t('modes.untilEnded')} rules={[time]}>
              <Input placeholder={t('modes.localTime')} autoComplete="off" />
            </Form.Item>
          </div>
          <Form.Item
            name="reason"
            label={t('modes.reason')}
            rules={[{ required: true, whitespace: true, message: t('modes.reason') }]}
          >
            <Input.TextArea maxLength={200} />
          </Form.Item>
        </Form>
        {order.isError && <ErrorNotice error={order.error} />}
      </Modal>
    </>
  );
}
