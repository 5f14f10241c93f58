/** Theme, language of the components, and the pages by their addresses. */
import { useQuery } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider, Spin, theme } from 'antd';
import enGB from 'antd/locale/en_GB';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { ApiError, answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { ErrorNotice } from '../show/states.tsx';
import { usePreferences } from './preferences.tsx';
import { Shell } from './Shell.tsx';
import { SignIn } from './SignIn.tsx';

const Overview = lazy(() => import('../pages/Overview.tsx'));
const Taps = lazy(() => import('../pages/Taps.tsx'));
const Tap = lazy(() => import('../pages/Tap.tsx'));
const Cards = lazy(() => import('../pages/Cards.tsx'));
const Card = lazy(() => import('../pages/Card.tsx'));
const Specification = lazy(() => import('../pages/Specification.tsx'));
const Terminals = lazy(() => import('../pages/Terminals.tsx'));
const Terminal = lazy(() => import('../pages/Terminal.tsx'));
const Parameters = lazy(() => import('../pages/parameters/Parameters.tsx'));
const ParameterVersion = lazy(() => import('../pages/parameters/ParameterVersion.tsx'));
const ParameterDraft = lazy(() => import('../pages/parameters/ParameterDraft.tsx'));
const Exceptions = lazy(() => import('../pages/Exceptions.tsx'));
const DenyLists = lazy(() => import('../pages/DenyLists.tsx'));
const ModeOrders = lazy(() => import('../pages/modes/ModeOrders.tsx'));
const ModeOrder = lazy(() => import('../pages/modes/ModeOrder.tsx'));
const Campaigns = lazy(() => import('../pages/campaigns/Campaigns.tsx'));
const Keys = lazy(() => import('../pages/Keys.tsx'));
const Key = lazy(() => import('../pages/Key.tsx'));
const Approvals = lazy(() => import('../pages/Approvals.tsx'));
const Exchanges = lazy(() => import('../pages/Exchanges.tsx'));
const Sams = lazy(() => import('../pages/Sams.tsx'));
const Ceremony = lazy(() => import('../pages/Ceremony.tsx'));
const Audit = lazy(() => import('../pages/Audit.tsx'));
const Settlement = lazy(() => import('../pages/Settlement.tsx'));
const SettlementDay = lazy(() => import('../pages/SettlementDay.tsx'));

export function App() {
  const { language } = useLanguage();
  const { isDark } = usePreferences();
  return (
    <ConfigProvider
      locale={language === 'zh' ? zhCN : enGB}
      theme={{
        algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          colorPrimary: isDark ? '#5b9bff' : '#1f5fbf',
          colorLink: isDark ? '#7db2ff' : '#1f5fbf',
          borderRadius: 6,
          fontSize: 13,
          fontFamily: 'inherit',
        },
      }}
    >
      <AntApp>
        <Pages />
      </AntApp>
    </ConfigProvider>
  );
}

function Pages() {
  const session = useQuery({
    queryKey: ['session'],
    queryFn: () => answerOf(client.GET('/api/session')),
    staleTime: 60_000,
  });
  if (session.isPending) return <Spin fullscreen />;
  if (session.isError) {
    if (session.error instanceof ApiError && session.error.status === 401) return <SignIn />;
    return <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />;
  }
  return (
    <Shell account={session.data}>
      <Suspense fallback={<Spin />}>
        <Routes>
          <Route path="/" element={<Overview />} />
          <Route path="/taps" element={<Taps />} />
          <Route path="/taps/:id" element={<Tap />} />
          <Route path="/cards" element={<Cards />} />
          <Route path="/cards/:token" element={<Card />} />
          <Route path="/specification" element={<Specification />} />
          <Route path="/specification/:application" element={<Specification />} />
          <Route path="/terminals" element={<Terminals />} />
          <Route path="/terminals/:terminalNo" element={<Terminal />} />
          <Route path="/parameters" element={<Parameters account={session.data} />} />
          <Route path="/parameters/:version" element={<ParameterVersion account={session.data} />} />
          <Route path="/parameters/:version/edit" element={<ParameterDraft />} />
          <Route path="/exceptions" element={<Exceptions />} />
          <Route path="/deny-lists" element={<DenyLists account={session.data} />} />
          <Route path="/campaigns" element={<Campaigns />} />
          <Route path="/mode-orders" element={<ModeOrders account={session.data} />} />
          <Route path="/mode-orders/:id" element={<ModeOrder account={session.data} />} />
          <Route path="/settlement" element={<Settlement />} />
          <Route path="/settlement/:date" element={<SettlementDay />} />
          <Route path="/keys" element={<Keys />} />
          <Route path="/keys/:name" element={<Key />} />
          <Route path="/approvals" element={<Approvals account={session.data} />} />
          <Route path="/exchanges" element={<Exchanges account={session.data} />} />
          <Route path="/sams" element={<Sams account={session.data} />} />
          <Route path="/ceremonies" element={<Ceremony />} />
          <Route path="/audit" element={<Audit />} />
          <Route path="*" element={<Navigate to="/" replace />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}
