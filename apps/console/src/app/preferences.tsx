/** Light or dark: as the system says until the person chooses, then remembered. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

interface Preferences {
  readonly isDark: boolean;
  readonly setDark: (isDark: boolean) => void;
}

const Context = createContext<Preferences | undefined>(undefined);
const STORED = 'polycard.theme';

export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [isDark, setDark] = useState(
    () =>
      (localStorage.getItem(STORED) ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) ===
      'dark',
  );
  useEffect(() => {
    localStorage.setItem(STORED, isDark ? 'dark' : 'light');
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  }, [isDark]);
  const value = useMemo(() => ({ isDark, setDark }), [isDark]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function usePreferences(): Preferences {
  const context = useContext(Context);
  if (context === undefined) throw new Error('usePreferences outside its provider');
  return context;
}
