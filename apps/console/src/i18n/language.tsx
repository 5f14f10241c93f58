/** The language of the screen: Chinese first, remembered, one catalogue for each. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en } from './en.ts';
import { type TextKey, zh } from './zh.ts';
import type { zhCodes } from './zh-codes.ts';

export type Language = 'zh' | 'en';
export interface Words {
  readonly en: string;
  readonly zh: string;
}

type GroupOf<Key> = Key extends `${infer Group}.${string}` ? Group : never;

interface LanguageContext {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  /** Text of the catalogue. */
  readonly t: (key: TextKey) => string;
  /** A code of the platform in words, `GROUP.CODE` of the catalogue; the code itself where there are none. */
  readonly named: (group: GroupOf<keyof typeof zhCodes>, code: string) => string;
  /** Words that come from the platform in both languages. */
  readonly words: (words: Words) => string;
}

const Context = createContext<LanguageContext | undefined>(undefined);
const STORED = 'polycard.language';

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(STORED) === 'en' ? 'en' : 'zh'));
  useEffect(() => {
    localStorage.setItem(STORED, language);
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const value = useMemo<LanguageContext>(() => {
    const catalogue = language === 'zh' ? zh : en;
    return {
      ...{ language, setLanguage },
      t: (key) => catalogue[key],
      named: (group, code) => (catalogue as Readonly<Record<string, string>>)[`${group}.${code}`] ?? code,
      words: (words) => words[language],
    };
  }, [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useLanguage(): LanguageContext {
  const context = useContext(Context);
  if (context === undefined) throw new Error('useLanguage outside its provider');
  return context;
}
