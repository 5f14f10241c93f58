/** The frame around every page: areas on the left, search, language, theme and account on top. */
import {
  AccountBookOutlined,
  AuditOutlined,
  ControlOutlined,
  CreditCardOutlined,
  DashboardOutlined,
  ExclamationCircleOutlined,
  GiftOutlined,
  HddOutlined,
  InboxOutlined,
  KeyOutlined,
  LogoutOutlined,
  MoonOutlined,
  NotificationOutlined,
  ProfileOutlined,
  SafetyCertificateOutlined,
  StopOutlined,
  SunOutlined,
  SwapOutlined,
  TabletOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Layout, Menu, Segmented, Space, Tooltip, Typography, theme } from 'antd';
import type { ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { client } from '../api/client.ts';
import type { GetSessionAnswer } from '../generated/api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { REGION_ZONE_NAME } from '../show/values.tsx';
import { Mark } from './Mark.tsx';
import { usePreferences } from './preferences.tsx';
import { Search } from './Search.tsx';

const AREAS = [
  { path: '/', key: 'nav.overview', icon: <DashboardOutlined /> },
  { path: '/taps', key: 'nav.taps', icon: <SwapOutlined /> },
  { path: '/exceptions', key: 'nav.exceptions', icon: <ExclamationCircleOutlined /> },
  { path: '/cards', key: 'nav.cards', icon: <CreditCardOutlined /> },
  { path: '/specification', key: 'nav.specification', icon: <ProfileOutlined /> },
  { path: '/terminals', key: 'nav.terminals', icon: <TabletOutlined /> },
  { path: '/parameters', key: 'nav.parameters', icon: <ControlOutlined />, permission: 'operations.see' },
  { path: '/campaigns', key: 'nav.campaigns', icon: <GiftOutlined />, permission: 'operations.see' },
  { path: '/mode-orders', key: 'nav.modes', icon: <NotificationOutlined />, permission: 'operations.see' },
  { path: '/deny-lists', key: 'nav.denyLists', icon: <StopOutlined />, permission: 'operations.see' },
  { path: '/settlement', key: 'nav.settlement', icon: <AccountBookOutlined /> },
  { path: '/keys', key: 'nav.keys', icon: <KeyOutlined />, permission: 'keys.see' },
  { path: '/approvals', key: 'nav.approvals', icon: <SafetyCertificateOutlined />, permission: 'keys.see' },
  { path: '/exchanges', key: 'nav.exchanges', icon: <InboxOutlined />, permission: 'keys.see' },
  { path: '/sams', key: 'nav.sams', icon: <HddOutlined />, permission: 'keys.see' },
  { path: '/ceremonies', key: 'nav.ceremonies', icon: <TeamOutlined />, permission: 'ceremonies.prepare' },
  { path: '/audit', key: 'nav.audit', icon: <AuditOutlined />, permission: 'audit.read' },
] as const;

export function Shell({ account, children }: { readonly account: GetSessionAnswer; readonly children: ReactNode }) {
  const { t, words, language, setLanguage } = useLanguage();
  const { isDark, setDark } = usePreferences();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const queries = useQueryClient();
  const { token } = theme.useToken();
  const area =
    AREAS.findLast(({ path }) => pathname === path || (path !== '/' && pathname.startsWith(`${path}/`))) ?? AREAS[0];
  const signOut = async (): Promise<void> => {
    await client.DELETE('/api/session');
    queries.clear();
    navigate('/');
    location.reload();
  };
  return (
    <Layout style={{ minHeight: '100vh' }}>
      <Layout.Sider
        theme="light"
        width={200}
        breakpoint="lg"
        collapsedWidth={56}
        style={{ borderInlineEnd: `1px solid ${token.colorBorderSecondary}` }}
      >
        <div className="brand">
          <Mark />
          <span>Polycard</span>
        </div>
        <Menu
          theme="light"
          mode="inline"
          selectedKeys={[area.path]}
          onClick={({ key }) => navigate(key)}
          items={AREAS.filter(
            (entry) => !('permission' in entry) || account.permissions.includes(entry.permission),
          ).map(({ path, key, icon }) => ({ key: path, icon, label: t(key) }))}
          style={{ border: 0 }}
        />
      </Layout.Sider>
      <Layout>
        <Layout.Header
          style={{
            background: token.colorBgContainer,
            padding: '0 20px',
            height: 56,
            lineHeight: 'normal',
            display: 'flex',
            alignItems: 'center',
            gap: 16,
            borderBottom: `1px solid ${token.colorBorderSecondary}`,
          }}
        >
          <Typography.Text strong className="wide-only" style={{ whiteSpace: 'nowrap' }}>
            {words(account.region)}{' '}
            <Tooltip title={t('app.zone')}>
              <Typography.Text type="secondary">{REGION_ZONE_NAME}</Typography.Text>
            </Tooltip>
          </Typography.Text>
          <Search />
          <Space style={{ marginInlineStart: 'auto' }}>
            <Segmented
              size="small"
              value={language}
              onChange={setLanguage}
              options={[
                { value: 'zh', label: '中文' },
                { value: 'en', label: 'EN' },
              ]}
            />
            <Tooltip title={isDark ? t('theme.light') : t('theme.dark')}>
              <Button
                aria-label={isDark ? t('theme.light') : t('theme.dark')}
                type="text"
                icon={isDark ? <SunOutlined /> : <MoonOutlined />}
                onClick={() => setDark(!isDark)}
              />
            </Tooltip>
            <Typography.Text type="secondary" className="wide-only">
              {account.name}
            </Typography.Text>
            <Tooltip title={t('session.out')}>
              <Button
                aria-label={t('session.out')}
                type="text"
                icon={<LogoutOutlined />}
                onClick={() => void signOut()}
              />
            </Tooltip>
          </Space>
        </Layout.Header>
        <Layout.Content style={{ padding: 20 }}>{children}</Layout.Content>
      </Layout>
    </Layout>
  );
}
