/** An act as histories keep it: in words, and the code that a search or another program takes. */
import { useLanguage } from '../i18n/language.tsx';

export function Act({ what }: { readonly what: string }) {
  const { named } = useLanguage();
  const name = named('act', what);
  return (
    <>
      {name !== what && `${name} `}
      <code className="secondary">{what}</code>
    </>
  );
}
