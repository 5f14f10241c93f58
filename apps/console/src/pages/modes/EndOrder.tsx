/** The button that ends an order, and what it asks first. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { answerOf, client } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { ErrorNotice } from '../../show/states.tsx';
import { LOCAL_TIME, localTime, MODE_ORDERS, ModeTags, type Order } from './mode-state.tsx';

interface Fields {
  readonly to?: string;
}

export function EndOrder({ order }: { readonly order: Order }) {
  const { t, words } = useLanguage();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Fields>();
  const end = useMutation({
    mutationFn: ({ to }: Fields) => {
      const at = localTime(to);
      return answerOf(
        client.POST('/api/mode-orders/{id}/end', {
          params: { path: { id: order.id } },
          body: at === undefined ? {} : { to: at },
        }),
      );
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [MODE_ORDERS] });
      setOpen(false);
    },
  });
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('modes.end')}
      </Button>
      <Modal
        open={open}
        title={t('modes.end')}
        okText={t('modes.end')}
        okButtonProps={{ loading: end.isPending }}
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
        forceRender
      >
        <p>
          {words(order.placeName)} <ModeTags modes={order.modes} />
        </p>
        <p>{t('modes.endHint')}</p>
        <Form form={form} layout="vertical" onFinish={(values) => end.mutate(values)}>
          <Form.Item
            name="to"
            label={t('modes.endAt')}
            rules={[{ pattern: LOCAL_TIME, message: t('modes.localTime') }]}
          >
            <Input placeholder={t('modes.localTime')} autoComplete="off" />
          </Form.Item>
        </Form>
        {end.isError && <ErrorNotice error={end.error} />}
      </Modal>
    </>
  );
}
