/** What a card's memory goes to: one strip, as wide as each application's share, with the table behind it. */
import { Card, Tooltip } from 'antd';
import { Link } from 'react-router';
import { useLanguage } from '../i18n/language.tsx';

interface Share {
  readonly id: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly memoryBytes: number;
}

const HUES = [210, 150, 35, 280, 0, 95, 325, 185, 55, 245];

export function MemoryMap({ applications }: { readonly applications: readonly Share[] }) {
  const { t, words } = useLanguage();
  const total = applications.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  return (
    <Card
      size="small"
      title={`${t('card.memory')} · ${total.toLocaleString('en')} ${t('spec.bytes')}`}
      extra={<span className="secondary">{t('card.memoryNote')}</span>}
    >
      <div className="memory-map">
        {applications.map(({ id, name, memoryBytes }, index) => (
          <Tooltip key={id} title={`${words(name)}: ${memoryBytes.toLocaleString('en')} ${t('spec.bytes')}`}>
            <Link
              to={`/specification/${id}`}
              style={{ flexGrow: memoryBytes, background: `hsl(${HUES[index % HUES.length]} 70% 50% / 0.25)` }}
            >
              {words(name)}
              <span className="secondary number">{memoryBytes.toLocaleString('en')}</span>
            </Link>
          </Tooltip>
        ))}
      </div>
    </Card>
  );
}
