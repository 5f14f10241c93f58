import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/client.ts';
import { App } from './app/App.tsx';
import { PreferencesProvider } from './app/preferences.tsx';
import { LanguageProvider } from './i18n/language.tsx';
import './style.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // what the platform refused it refuses again; only a platform that did not answer is asked once more
      retry: (failures, error) => failures < 1 && !(error instanceof ApiError && error.status > 0),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <LanguageProvider>
        <PreferencesProvider>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </PreferencesProvider>
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);
