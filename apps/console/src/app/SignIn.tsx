import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Card, Form, Input, Segmented, Space, Typography } from 'antd';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { ErrorNotice } from '../show/states.tsx';
import { Mark } from './Mark.tsx';

export function SignIn() {
  const { t, language, setLanguage } = useLanguage();
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: { name: string; password: string }) => answerOf(client.POST('/api/session', { body })),
    onSuccess: (account) => queries.setQueryData(['session'], account),
  });
  return (
    <main className="sign-in">
      <Card style={{ width: 380 }}>
        <Space orientation="vertical" size="large" style={{ width: '100%' }}>
          <div className="page-head">
            <Space>
              <Mark />
              <Typography.Title level={4} style={{ margin: 0 }}>
                Polycard
              </Typography.Title>
            </Space>
            <Segmented
              size="small"
              value={language}
              onChange={setLanguage}
              options={[
                { value: 'zh', label: '中文' },
                { value: 'en', label: 'English' },
              ]}
            />
          </div>
          <Typography.Text type="secondary">{t('app.subtitle')}</Typography.Text>
          {signIn.isError && <ErrorNotice error={signIn.error} />}
          <Form
            layout="vertical"
            onFinish={(values: { name: string; password: string }) => signIn.mutate(values)}
            requiredMark={false}
          >
            <Form.Item name="name" label={t('session.name')} rules={[{ required: true, message: t('session.name') }]}>
              <Input autoFocus autoComplete="username" />
            </Form.Item>
            <Form.Item
              name="password"
              label={t('session.password')}
              rules={[{ required: true, message: t('session.password') }]}
            >
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
              {t('session.submit')}
            </Button>
          </Form>
          <Typography.Text type="secondary">{t('session.hint')}</Typography.Text>
        </Space>
      </Card>
    </main>
  );
}
