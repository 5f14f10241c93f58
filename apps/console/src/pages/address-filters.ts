/** Filters, page and sort live in the address bar: a view can be shared and comes back. */
import { useSearchParams } from 'react-router';

export interface AddressFilters<K extends string> {
  readonly value: (key: K | 'page' | 'pageSize' | 'sort') => string | undefined;
  readonly set: (changes: Partial<Record<K | 'page' | 'pageSize' | 'sort', string | undefined>>) => void;
  readonly clear: () => void;
  readonly page: number;
  readonly pageSize: number;
}

export function useAddressFilters<K extends string>(): AddressFilters<K> {
  const [parameters, setParameters] = useSearchParams();
  return {
    value: (key) => parameters.get(key) ?? undefined,
    set: (changes) =>
      setParameters((before) => {
        const after = new URLSearchParams(before);
        if (!('page' in changes)) after.delete('page');
        for (const [key, value] of Object.entries(changes) as [string, string | undefined][]) {
          if (value === undefined || value === '') after.delete(key);
          else after.set(key, value);
        }
        return after;
      }),
    clear: () => setParameters({}),
    page: Number(parameters.get('page') ?? 1),
    pageSize: Number(parameters.get('pageSize') ?? 50),
  };
}

/** Table's paging and sorting from and to the address. */
export function tableControls<K extends string>(filters: AddressFilters<K>, total: number) {
  return {
    pagination: {
      current: filters.page,
      pageSize: filters.pageSize,
      total,
      showSizeChanger: true,
      showTotal: (all: number) => all.toLocaleString('en'),
    },
    onChange: (
      pagination: { current?: number; pageSize?: number },
      _filters: unknown,
      sorter:
        | { columnKey?: unknown; order?: 'ascend' | 'descend' | null }
        | { columnKey?: unknown; order?: 'ascend' | 'descend' | null }[],
    ): void => {
      const one = Array.isArray(sorter) ? sorter[0] : sorter;
      const sort =
        one?.order === undefined || one.order === null
          ? undefined
          : `${one.order === 'descend' ? '-' : ''}${String(one.columnKey)}`;
      const isSamePage = (pagination.current ?? 1) === filters.page;
      filters.set({
        sort,
        page: isSamePage ? undefined : String(pagination.current ?? 1),
        pageSize: String(pagination.pageSize ?? 50),
      } as Parameters<typeof filters.set>[0]);
    },
  };
}
