/** What a page shows while it has nothing to show: loading, empty, an error with its code and what to do. */

import type { UseQueryResult } from '@tanstack/react-query';
import { Alert, Button, Empty, Skeleton, Space, Typography } from 'antd';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';

export function ErrorNotice({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { t, words } = useLanguage();
  const problem = error instanceof ApiError ? error.problem : undefined;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={problem === undefined ? t('state.error') : words(problem.message)}
      description={
        <Space orientation="vertical" size={4}>
          {problem?.action !== undefined && <span>{words(problem.action)}</span>}
          <Typography.Text type="secondary" code>
            {problem?.code ?? String(error)}
            {problem?.where === undefined ? '' : ` · ${problem.where}`}
          </Typography.Text>
        </Space>
      }
      action={onRetry !== undefined && <Button onClick={onRetry}>{t('state.retry')}</Button>}
    />
  );
}

/** Shows a query's data, or its loading or error state. */
export function Loaded<T>({
  query,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton active paragraph={{ rows: 8 }} />;
}

export function Nothing({ text }: { readonly text: string }) {
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text} />;
}
