/** Search over taps, cards and terminals, from anywhere by Ctrl K. */
import { SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';

const RESULTS_EACH = 5;

export function Search() {
  const { t, words } = useLanguage();
  const navigate = useNavigate();
  const input = useRef<InputRef>(null);
  const [text, setText] = useState('');
  const q = text.trim();
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        input.current?.focus();
      }
    };
    window.addEventListener('keydown', focus);
    return () => window.removeEventListener('keydown', focus);
  }, []);
  const found = useQuery({
    queryKey: ['search', q],
    enabled: q.length >= 2,
    queryFn: async () => {
      const query = { q, pageSize: RESULTS_EACH };
      const [taps, cards, terminals] = await Promise.all([
        answerOf(client.GET('/api/taps', { params: { query } })),
        answerOf(client.GET('/api/cards', { params: { query } })),
        answerOf(client.GET('/api/terminals', { params: { query } })),
      ]);
      return { taps: taps.rows, cards: cards.rows, terminals: terminals.rows };
    },
  });
  const options = [
    {
      label: t('search.taps'),
      options: (found.data?.taps ?? []).map((tap) => ({
        value: `/taps/${tap.id}`,
        label: `${tap.at.replace('T', ' ')} ${t(`kind.${tap.kind}`)} ${tap.place === undefined ? '' : words(tap.place.name)} ${tap.panMasked}`,
      })),
    },
    {
      label: t('search.cards'),
      options: (found.data?.cards ?? []).map((card) => ({
        value: `/cards/${card.token}`,
        label: `${card.panMasked} ${words(card.productName)}`,
      })),
    },
    {
      label: t('search.terminals'),
      options: (found.data?.terminals ?? []).map((terminal) => ({
        value: `/terminals/${terminal.terminalNo}`,
        label: `${terminal.terminalNo} ${terminal.deviceNo} ${words(terminal.operator.name)}`,
      })),
    },
  ].filter((group) => group.options.length > 0);
  return (
    <AutoComplete
      style={{ flex: '1 1 240px', maxWidth: 460 }}
      value={text}
      options={q.length >= 2 ? options : []}
      notFoundContent={q.length >= 2 && found.isSuccess ? t('search.none') : null}
      onSearch={setText}
      onSelect={(path: string) => {
        setText('');
        navigate(path);
      }}
    >
      <Input
        ref={input}
        prefix={<SearchOutlined />}
        placeholder={t('search.placeholder')}
        aria-label={t('search.placeholder')}
        allowClear
      />
    </AutoComplete>
  );
}
